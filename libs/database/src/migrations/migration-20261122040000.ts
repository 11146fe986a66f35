import { Migration } from '@mikro-orm/migrations';

/** Pacing: what an account's requests are paid until, how a provider comes back from a rest, and whose turn it is. */
export class Migration20261122040000 extends Migration {
  override up(): void {
    this.addSql(`alter table "pauses" drop column "spent", drop column "window_start";`);
    this.addSql(
      `alter table "pauses" add column "paid_until" timestamptz(3) null, add column "probes" int null, add column "why" text null;`,
    );
    this.addSql(`alter table "dispatches" add column "turn" int not null default 0;`);
    this.addSql(`drop index "dispatches_queue_lane_index";`);
    this.addSql(`create index "dispatches_queue_busy_until_index" on "dispatches" ("queue", "busy_until");`);
  }
}
