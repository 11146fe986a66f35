import { Migration } from '@mikro-orm/migrations';

/** The first schema, as the entities describe it; `checkSchema` in the medium tests keeps the two together. */
export class Migration20261122000000 extends Migration {
  override up(): void {
    this.addSql(
      `create table "calendars" ("school_id" text not null, "account_index" bytea not null, "owner_id" text not null, "place_sealed" text null, primary key ("school_id", "account_index"));`,
    );
    this.addSql(
      `create table "conferences" ("school_id" text not null, "timeslot_id" text not null, "provider" text null, "owner_id" text null, "generations" int not null default 0, "published_id" uuid null, "announced" text null, primary key ("school_id", "timeslot_id"));`,
    );
    this.addSql(
      `create table "data_keys" ("school_id" text not null, "person_id" text not null, "wrapped" text not null, primary key ("school_id", "person_id"));`,
    );
    this.addSql(
      `create table "deliveries" ("id" uuid not null, "school_id" text not null, "person_id" text not null, "timeslot_id" text not null, "evening_id" text not null, "channel" text not null, "kind" text not null, "sequence" int not null, "state" text not null default 'pending', "reason" text null, "failures" int not null default 0, "created_at" timestamptz(3) not null, "sent_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(
      `alter table "deliveries" add constraint "deliveries_once" unique ("school_id", "person_id", "timeslot_id", "evening_id", "channel", "kind", "sequence");`,
    );
    this.addSql(
      `create table "dispatches" ("queue" text not null, "subject_id" uuid not null, "school_id" text not null, "lane" text not null, "start_at" timestamptz(3) not null, "due_at" timestamptz(3) not null, "busy_until" timestamptz(3) null, "round" int not null default 0, primary key ("queue", "subject_id"));`,
    );
    this.addSql(`create index "dispatches_queue_due_at_index" on "dispatches" ("queue", "due_at");`);
    this.addSql(`create index "dispatches_queue_lane_index" on "dispatches" ("queue", "lane");`);
    this.addSql(
      `create table "evenings" ("school_id" text not null, "id" text not null, "name_sealed" text not null, "told_at" timestamptz(3) not null, "told_id" text not null, "digest_hash" text null, "digest_sequence" int not null default 0, "digested_at" timestamptz(3) null, primary key ("school_id", "id"));`,
    );
    this.addSql(
      `create table "idempotency_keys" ("hash" bytea not null, "body_hash" bytea not null, "status" int null, "answer_sealed" text null, "expires_at" timestamptz(3) not null, primary key ("hash"));`,
    );
    this.addSql(
      `create table "inbox" ("source" text not null, "id" text not null, "school_id" text not null, "type" text not null, "body_hash" bytea not null, "occurred_at" timestamptz(3) not null, "received_at" timestamptz(3) not null, "status" text not null, "timeslot_id" text null, primary key ("source", "id"));`,
    );
    this.addSql(
      `create table "join_links" ("token_hash" bytea not null, "school_id" text not null, "timeslot_id" text not null, "person_id" text not null, "token_sealed" text not null, primary key ("token_hash"));`,
    );
    this.addSql(
      `alter table "join_links" add constraint "join_links_school_id_timeslot_id_person_id_unique" unique ("school_id", "timeslot_id", "person_id");`,
    );
    this.addSql(
      `create table "meetings" ("id" uuid not null, "school_id" text not null, "timeslot_id" text not null, "generation" int not null, "provider" text not null, "owner_id" text not null, "wished" boolean not null, "retired" boolean not null default false, "wish_version" int not null default 1, "settled_version" int not null default 0, "state" text not null default 'pending', "reason" text null, "epoch" int not null default 0, "failures" int not null default 0, "starts" int not null default 0, "operation" text null, "deadline" timestamptz(3) null, "account_index" bytea null, "account_sealed" text null, "made_sealed" text null, "id_index" bytea null, "url_index" bytea null, "made_start" timestamptz(3) null, "made_end" timestamptz(3) null, "created_at" timestamptz(3) not null, "settled_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(`alter table "meetings" add constraint "meetings_id_index_unique" unique ("id_index");`);
    this.addSql(`alter table "meetings" add constraint "meetings_url_index_unique" unique ("url_index");`);
    this.addSql(`create index "meetings_school_id_timeslot_id_index" on "meetings" ("school_id", "timeslot_id");`);
    this.addSql(`create index "meetings_owner_id_provider_index" on "meetings" ("owner_id", "provider");`);
    this.addSql(
      `alter table "meetings" add constraint "meetings_school_id_timeslot_id_generation_unique" unique ("school_id", "timeslot_id", "generation");`,
    );
    this.addSql(
      `create table "pauses" ("scope" text not null, "until" timestamptz(3) not null, "spent" int not null default 0, "window_start" timestamptz(3) null, primary key ("scope"));`,
    );
    this.addSql(
      `create table "people" ("school_id" text not null, "id" text not null, "profile_sealed" text not null, "profile_hash" bytea not null, "locale" text not null, "told_at" timestamptz(3) not null, "told_id" text not null, "left_at" timestamptz(3) null, "left_id" text null, primary key ("school_id", "id"));`,
    );
    this.addSql(
      `create table "schools" ("id" text not null, "name_sealed" text not null, "time_zone" text not null, "locale" text not null, "told_at" timestamptz(3) not null, "told_id" text not null, "account_domains" text[] not null, "reveal_minutes" int null, "join_requires_sign_in" boolean not null default false, "contacts_sealed" text null, "settings_at" timestamptz(3) null, "settings_id" text null, primary key ("id"));`,
    );
    this.addSql(
      `create table "spent_tokens" ("hash" bytea not null, "expires_at" timestamptz(3) not null, primary key ("hash"));`,
    );
    this.addSql(
      `create table "timeslots" ("school_id" text not null, "id" text not null, "evening_id" text not null, "teacher_id" text not null, "version" bigint not null, "start_at" timestamptz(3) not null, "end_at" timestamptz(3) not null, "status" text not null, "conference_version" bigint null, "conference_provider" text null, "conference_teacher_id" text null, primary key ("school_id", "id"));`,
    );
    this.addSql(
      `create index "timeslots_school_id_evening_id_start_at_index" on "timeslots" ("school_id", "evening_id", "start_at");`,
    );
    this.addSql(
      `create index "timeslots_school_id_teacher_id_start_at_index" on "timeslots" ("school_id", "teacher_id", "start_at");`,
    );
    this.addSql(
      `create table "timeslot_parents" ("school_id" text not null, "timeslot_id" text not null, "person_id" text not null, "assigned" boolean not null, "household" text null, "about_sealed" text null, "revealed_id" uuid null, "told_sequence" int not null default 0, "told" jsonb null, primary key ("school_id", "timeslot_id", "person_id"));`,
    );
    this.addSql(
      `create index "timeslot_parents_school_id_person_id_index" on "timeslot_parents" ("school_id", "person_id");`,
    );
  }
}
