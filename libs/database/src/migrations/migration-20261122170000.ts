import { Migration } from '@mikro-orm/migrations';

/** A calendar that is not found is not made anew at once, nor again and again. */
export class Migration20261122170000 extends Migration {
  override up(): void {
    this.addSql(
      `alter table "calendars" add column "made_at" timestamptz(3) not null default now(), add column "remade" int not null default 0, add column "gone" boolean not null default false;`,
    );
    this.addSql(`alter table "calendars" alter column "made_at" drop default;`);
  }
}
