import { Migration } from '@mikro-orm/migrations';

/** Meetings are verified: after a claim was taken from a worker that may yet call, and when the owner is there. */
export class Migration20261122110000 extends Migration {
  override up(): void {
    this.addSql(
      `alter table "meetings" add column "verify_at" timestamptz(3) null, add column "verified_at" timestamptz(3) null;`,
    );
  }
}
