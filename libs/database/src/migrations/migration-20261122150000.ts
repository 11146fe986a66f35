import { Migration } from '@mikro-orm/migrations';

/** Erasures and their steps; who was erased, so that later events drop them; when who has no school will be deleted. */
export class Migration20261122150000 extends Migration {
  override up(): void {
    this.addSql(
      `create table "erasures" ("id" uuid not null, "school_id" text not null, "person_index" bytea not null, "subject_sealed" text null, "cause" text not null, "state" text not null default 'requested', "requested_at" timestamptz(3) not null, "due_at" timestamptz(3) not null, "erased_at" timestamptz(3) null, "ledger_sequence" int null, "waiting" int not null default 0, "alarmed_days" int not null default 0, "counts" jsonb null, "done_at" timestamptz(3) null, "receipt" text null, primary key ("id"));`,
    );
    this.addSql(`create index "erasures_school_id_person_index_index" on "erasures" ("school_id", "person_index");`);
    this.addSql(`create index "erasures_done_at_index" on "erasures" ("done_at");`);
    this.addSql(
      `create table "erased_people" ("school_id" text not null, "person_index" bytea not null, "erased_at" timestamptz(3) not null, primary key ("school_id", "person_index"));`,
    );
    this.addSql(`alter table "people" add column "expires_at" timestamptz(3) null;`);
    this.addSql(`alter table "evenings" add column "cleaned_at" timestamptz(3) null;`);
  }
}
