import { Migration } from '@mikro-orm/migrations';

/** What people correct themselves (R13) holds until a later event says otherwise. */
export class Migration20261122140500 extends Migration {
  override up(): void {
    this.addSql(
      `alter table "people" add column "corrected_at" timestamptz(3) null, add column "about_sealed" text null, add column "about_at" timestamptz(3) null;`,
    );
  }
}
