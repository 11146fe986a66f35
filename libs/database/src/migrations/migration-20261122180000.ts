import { Migration } from '@mikro-orm/migrations';

/** A look at what is settled comes after what somebody waits for. */
export class Migration20261122180000 extends Migration {
  override up(): void {
    this.addSql(`alter table "dispatches" add column "routine" boolean not null default false;`);
  }
}
