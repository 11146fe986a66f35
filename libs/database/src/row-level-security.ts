import type pg from 'pg';

/**
 * The tables whose rows belong to a school, by the column that says to which. Adding a table is one line here (or in
 * `OUTSIDE`); `npm run migrate` puts the policy on, and a test and every start hold the database to this list.
 */
export const SCHOOL_TABLES: Readonly<Record<string, string>> = {
  schools: 'id',
  evenings: 'school_id',
  people: 'school_id',
  data_keys: 'school_id',
  timeslots: 'school_id',
  timeslot_parents: 'school_id',
  join_links: 'school_id',
  conferences: 'school_id',
  meetings: 'school_id',
  calendars: 'school_id',
  deliveries: 'school_id',
  inbox: 'school_id',
  audit_entries: 'school_id',
  erasures: 'school_id',
  erased_people: 'school_id',
};

/** The tables that every transaction sees, and why that shows nothing of anybody. */
export const OUTSIDE: Readonly<Record<string, string>> = {
  dispatches: 'ids and times: the relay reads it before a school is known',
  pauses: 'keyed hashes of lanes and names of providers: an account’s limit spans schools',
  spent_tokens: 'hashes of used tickets and ended sessions, in no school',
  login_epochs: 'counters under keyed hashes: a login belongs to no school',
  idempotency_keys: 'keyed hashes; the answers are sealed with the key of their school, which stands inside',
  key_canary: 'one row: a text that everybody knows, and the root of the blind indexes, both wrapped',
  upkeep_runs: 'names of tasks, and when they were last begun',
  migrations: 'names of migrations',
};

/** Inside: a row is seen and written only where its school was named for the transaction. Read once per statement, not per row. */
const isNamed = (column: string) =>
  `(${column} = any ((select nullif(current_setting('app.schools', true), '')::text[])::text[]))`;

/**
 * Questions that have to be asked before a school is known: they answer with ids of schools, hashes that were asked
 * with, or yes and no; never with what a row says. They run as the owner, who is under the same policies and gets by
 * them only for as long as one of these runs. `asks` is a query, or an expression.
 */
export const LOOK_UPS: Readonly<
  Record<string, { readonly takes: string; readonly gives: string; readonly asks: string }>
> = {
  school_of_meeting: {
    takes: 'asked uuid',
    gives: 'text[]',
    asks: 'array(select school_id from meetings where id = asked)',
  },
  /** The mail to an owner who is needed counts what waits in all of the owner's schools. */
  schools_of_delivery: {
    takes: 'asked uuid',
    gives: 'text[]',
    asks: `array(select school_id from deliveries where id = asked
      union select p.school_id from deliveries d join people p on p.id = d.person_id where d.id = asked and d.kind = 'owner-needed'
      union select m.school_id from deliveries d join meetings m on m.owner_id = d.person_id where d.id = asked and d.kind = 'owner-needed')`,
  },
  school_of_erasure: {
    takes: 'asked uuid',
    gives: 'text[]',
    asks: 'array(select school_id from erasures where id = asked)',
  },
  school_of_join_link: {
    takes: 'asked bytea',
    gives: 'text[]',
    asks: 'array(select school_id from join_links where token_hash = asked)',
  },
  school_of_event: {
    takes: 'asked_source text, asked_id text',
    gives: 'text[]',
    asks: 'array(select school_id from inbox where source = asked_source and id = asked_id)',
  },
  schools_of_person: {
    takes: 'asked text',
    gives: 'text[]',
    asks: "array(select school_id from people where id = asked union select school_id from meetings where owner_id = asked union select school_id from data_keys where person_id = asked and person_id <> '')",
  },
  /** Data keys that another wrapping key sealed: some schools at a time, for rotation. */
  schools_not_wrapped_by: {
    takes: 'asked text',
    gives: 'text[]',
    asks: 'array(select distinct school_id from data_keys where wrapped_by <> asked order by school_id limit 50)',
  },
  /** How many data keys each wrapping key has sealed. */
  keys_wrapped: {
    takes: '',
    gives: 'table (wrapped_by text, keys bigint)',
    asks: 'select k.wrapped_by, count(*) from data_keys k group by k.wrapped_by',
  },
  /** The empty id is that of operations: what ops looked at stands in no school's audit. */
  every_school: {
    takes: '',
    gives: 'text[]',
    asks: `array(select id from schools union all select '')`,
  },
  /** An event's source and id are its own in all schools: which of these were seen, and the keyed hash of their bodies. */
  seen_events: {
    takes: 'asked jsonb',
    gives: 'table (source text, id text, body_hash bytea)',
    asks: `select i.source, i.id, i.body_hash from inbox i
      join jsonb_to_recordset(asked) as w(source text, id text) on w.source = i.source and w.id = i.id`,
  },
  /** Two timeslots never share a URL (P4), those of two schools neither. */
  is_url_taken: {
    takes: 'asked bytea, but_for uuid',
    gives: 'boolean',
    asks: 'exists (select from meetings where url_index = asked and id <> but_for)',
  },
};

/**
 * Puts the policies on, and the look-ups there, as the owner of the tables. Can be repeated: what is as it should be is
 * left alone, so that a migration without news takes no lock.
 */
export async function keepSchoolsApart(client: pg.Client): Promise<void> {
  const open = new Set(await openTables(client));
  const owners = await ownersOf(client);
  for (const [table, column] of Object.entries(SCHOOL_TABLES)) {
    if (!open.has(table)) continue;
    await client.query(`begin;
      alter table public.${table} enable row level security, force row level security;
      drop policy if exists own_schools on public.${table};
      create policy own_schools on public.${table} using ${isNamed(column)};
      drop policy if exists look_up on public.${table};
      create policy look_up on public.${table} for select to ${owners.get(table)!} using ((select current_setting('app.look_up', true)) = 'on');
      commit`);
  }
  for (const [name, { takes, gives, asks }] of Object.entries(LOOK_UPS)) {
    // A setting of the function itself would need a superuser; a failure undoes this with its transaction.
    await client.query(`create or replace function public.${name}(${takes}) returns ${gives}
      language plpgsql stable security definer set search_path = pg_catalog, public
      as $body$ #variable_conflict use_column
      ${gives.startsWith('table') ? '' : `declare answer ${gives};`}
      begin
        perform set_config('app.look_up', 'on', true);
        ${gives.startsWith('table') ? `return query ${asks};` : `answer := (${asks});`}
        perform set_config('app.look_up', '', true);
        ${gives.startsWith('table') ? '' : 'return answer;'}
      end $body$`);
    await client.query(`revoke all on function public.${name} from public`);
  }
}

/** Who owns each table, as SQL says it: the migrating role, or one that it may act for. */
async function ownersOf(client: pg.Client): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ name: string; owner: string }>(
    `select relname as name, quote_ident(pg_get_userbyid(relowner)) as owner from pg_class where relnamespace = 'public'::regnamespace`,
  );
  return new Map(rows.map(({ name, owner }) => [name, owner]));
}

/** Before migrations that may change rows of all schools: the owner, who is not named for any, could not see them. */
export async function letOwnerSee(client: pg.Client): Promise<void> {
  for (const table of Object.keys(SCHOOL_TABLES))
    await client.query(`alter table if exists public.${table} no force row level security`);
}

/** Tables of the list that are there and not kept apart as it says. Any role may ask. */
export async function openTables(client: { query: pg.Client['query'] }): Promise<string[]> {
  const { rows } = await client.query<{ name: string; forced: boolean; using: string | null; look: boolean }>(
    `select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as forced,
      (select pg_get_expr(p.polqual, p.polrelid) from pg_policy p where p.polrelid = c.oid and p.polname = 'own_schools'
        and p.polpermissive and p.polcmd = '*' and p.polroles = '{0}' and p.polwithcheck is null) as using,
      (select count(*) = 2 from pg_policy p where p.polrelid = c.oid)
        and exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'look_up' and p.polcmd = 'r' and p.polroles = array[c.relowner]) as look
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname = any($1)`,
    [Object.keys(SCHOOL_TABLES)],
  );
  return rows
    .filter((row) => !row.forced || !row.look || !isOurs(row.using, SCHOOL_TABLES[row.name]!))
    .map((row) => row.name);
}

/** Postgres prints an expression in its own way, by its version: what makes it ours is the column, the setting, and that nothing else lets rows in. */
const isOurs = (printed: string | null, column: string) =>
  printed !== null &&
  printed.startsWith(`(${column} = ANY (`) &&
  printed.includes(`current_setting('app.schools'`) &&
  !/\b(or|case|coalesce)\b/i.test(printed);
