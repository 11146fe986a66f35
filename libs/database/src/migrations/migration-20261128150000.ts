import { Migration } from '@mikro-orm/migrations';

/** Where the database lives whose rows the key ring must open: a copy of it may not retire wrapping keys. */
export class Migration20261128150000 extends Migration {
  override up(): void {
    this.addSql(`alter table "key_canary" add column "home" text null;`);
  }
}
