import { Migration } from '@mikro-orm/migrations';

/** When each task of upkeep was last begun: a process that starts again and again does not put it off for ever. */
export class Migration20261128151000 extends Migration {
  override up(): void {
    this.addSql(
      `create table "upkeep_runs" ("task" text not null, "begun_at" timestamptz(3) not null, primary key ("task"));`,
    );
  }
}
