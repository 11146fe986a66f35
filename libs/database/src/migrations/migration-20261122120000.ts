import { Migration } from '@mikro-orm/migrations';

/**
 * What a parent has heard, beside what was planned; the attempt of a message; since when a meeting waits for its owner.
 * What was planned before counts as heard, and what is under way as attempted, so that no message is lost or doubled.
 */
export class Migration20261122120000 extends Migration {
  override up(): void {
    this.addSql(`alter table "timeslot_parents" add column "heard" jsonb null;`);
    // From now on the number of the next message, no longer that of the last one.
    this.addSql(
      `update "timeslot_parents" set "heard" = "told", "told_sequence" = "told_sequence" + 1 where "told" is not null;`,
    );
    this.addSql(`alter table "deliveries" add column "attempted_at" timestamptz(3) null;`);
    this.addSql(`update "deliveries" set "attempted_at" = "created_at";`);
    this.addSql(`create index "deliveries_person_id_kind_index" on "deliveries" ("person_id", "kind");`);
    this.addSql(`alter table "meetings" add column "parked_at" timestamptz(3) null;`);
    this.addSql(`update "meetings" set "parked_at" = now() where "state" = 'parked';`);
    this.addSql(`create index "meetings_parked_at_index" on "meetings" ("parked_at");`);
  }
}
