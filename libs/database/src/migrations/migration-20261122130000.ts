import { Migration } from '@mikro-orm/migrations';

/** The schools of a person are found by the person's id alone: before a school is known (row-level-security.ts). */
export class Migration20261122130000 extends Migration {
  override up(): void {
    this.addSql(`create index "people_id_index" on "people" ("id");`);
  }
}
