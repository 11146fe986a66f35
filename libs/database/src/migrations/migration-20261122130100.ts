import { Migration } from '@mikro-orm/migrations';

/** Which wrapping key sealed a data key, so that rotation finds what is left; and the canary that a start is held to. */
export class Migration20261122130100 extends Migration {
  override up(): void {
    this.addSql(`alter table "data_keys" add column "wrapped_by" text not null default '';`);
    this.addSql(`alter table "data_keys" alter column "wrapped_by" drop default;`);
    this.addSql(`create index "data_keys_wrapped_by_index" on "data_keys" ("wrapped_by");`);
    this.addSql(
      `create table "key_canary" ("id" int not null, "wrapped" text not null, "index_wrapped" text null, "index_check" bytea not null, "database_id" uuid not null default gen_random_uuid(), primary key ("id"));`,
    );
  }
}
