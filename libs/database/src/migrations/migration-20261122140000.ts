import { Migration } from '@mikro-orm/migrations';

/** The audit chain (R12), which nobody can change, and a reference of each data key that dies with it. */
export class Migration20261122140000 extends Migration {
  override up(): void {
    this.addSql(`alter table "data_keys" add column "ref" uuid not null default gen_random_uuid();`);
    this.addSql(
      `create table "audit_entries" ("id" uuid not null, "school_id" text not null, "at" timestamptz(3) not null, "action" text not null, "actor_kind" text not null, "actor_tag" bytea null, "actor_sealed" text null, "subject_tag" bytea null, "about_sealed" text null, "sequence" bigint null, "previous_hash" bytea null, "hash" bytea null, primary key ("id"));`,
    );
    this.addSql(
      `alter table "audit_entries" add constraint "audit_entries_school_id_sequence_unique" unique ("school_id", "sequence");`,
    );
    this.addSql(
      `create index "audit_entries_unchained" on "audit_entries" ("school_id", "at", "id") where sequence is null;`,
    );
    this.addSql(
      `create index "audit_entries_actor" on "audit_entries" ("school_id", "actor_tag") where actor_tag is not null;`,
    );
    this.addSql(
      `create index "audit_entries_subject" on "audit_entries" ("school_id", "subject_tag") where subject_tag is not null;`,
    );
    // Beside the grants (see migrate.ts): these hold for whoever connects, the owner of the tables too.
    this.addSql(`create function audit_entries_only_grow() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.sequence is not null or new.previous_hash is not null or new.hash is not null then
      raise exception 'an audit entry is chained after it was written' using errcode = 'insufficient_privilege';
    end if;
    return new;
  end if;
  if tg_op = 'UPDATE' then
    if old.sequence is null and new.sequence is not null and new.previous_hash is not null and new.hash is not null
      and (new.id, new.school_id, new.at, new.action, new.actor_kind) = (old.id, old.school_id, old.at, old.action, old.actor_kind)
      and (new.actor_tag, new.actor_sealed, new.subject_tag, new.about_sealed) is not distinct from (old.actor_tag, old.actor_sealed, old.subject_tag, old.about_sealed)
    then
      return new;
    end if;
  end if;
  raise exception 'audit entries are never changed or removed' using errcode = 'insufficient_privilege';
end $$;`);
    this.addSql(
      `create trigger audit_entries_only_grow before insert or update or delete on "audit_entries" for each row execute function audit_entries_only_grow();`,
    );
    this.addSql(
      `create trigger audit_entries_not_truncated before truncate on "audit_entries" for each statement execute function audit_entries_only_grow();`,
    );
  }
}
