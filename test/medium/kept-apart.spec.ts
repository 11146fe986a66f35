import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import {
  Database,
  EVERY_SCHOOL,
  OUTSIDE,
  SCHOOL_TABLES,
  checkKeptApart,
  migrate,
  rows,
  schoolsOf,
  sql,
  type Em,
} from '#libs/database';
import { anEvent } from '../factories/an-event.js';
import { emptyDatabase } from '../support/database.js';
import { World } from '../support/world.js';

// Real: Postgres with its roles and policies, the intake. What is tested asks without any filter of its own.

const SCHOOLS = Array.from({ length: 20 }, (_, n) => `s-${n}`);
const REQUESTS = 1_000;
const SEED = Number(process.env['SEED'] ?? 20261122);

let world: World;
let database: Database;
beforeAll(async () => {
  world = await World.open();
  // The same ids in every school: nothing but the school tells them apart.
  for (const school of SCHOOLS)
    await world.take(anEvent().school(school).timeslot('t-1').parents('p-1', 'p-2').wanting('google-meet'));
  await world.db.query(
    `insert into calendars (school_id, account_index, owner_id, made_at) select id, '\\x01', 'p-7', now() from schools`,
  );
  await world.db.query(
    `insert into deliveries (id, school_id, person_id, timeslot_id, evening_id, channel, kind, sequence, created_at)
     select gen_random_uuid(), id, 'p-1', 't-1', '', 'email', 'ready', 90, now() from schools`,
  );
  await world.db.query(
    `with gone as (insert into erased_people (school_id, person_index, erased_at) select id, 'x', now() from schools)
     insert into erasures (id, school_id, person_index, cause, requested_at, due_at)
     select gen_random_uuid(), id, 'x', 'request', now(), now() from schools`,
  );
  // Few connections, so that every one serves all schools in turn.
  database = await Database.connect(world.db.url, 4);
}, 60_000);
afterAll(async () => {
  await database.close();
  await world.close();
});

const randomOf = (seed: number) => () => {
  seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32;
  return seed / 2 ** 32;
};

/** What a statement shows of schools when it forgets to ask for one. */
const schoolsIn = async (em: Em, table: string): Promise<string[]> =>
  (
    await rows(em, sql<{ school: string }>`select ${sql.ref(SCHOOL_TABLES[table]!)} as school from ${sql.table(table)}`)
  ).map(({ school }) => school);
const writtenIn = async (em: Em, table: string): Promise<string[]> => {
  const column = sql.ref(SCHOOL_TABLES[table]!);
  return (
    await rows(
      em,
      sql<{ school: string }>`update ${sql.table(table)} set ${column} = ${column} returning ${column} as school`,
    )
  ).map(({ school }) => school);
};
const TABLES = Object.keys(SCHOOL_TABLES);
/** The audit only grows: nobody changes it, in no school. */
const isChangeable = (table: string) => table !== 'audit_entries';

describe('R6 schools are kept apart by the database', () => {
  it(`${REQUESTS} interleaved requests of ${SCHOOLS.length} schools see and change no foreign row, without a filter of their own`, async () => {
    console.info(`seed ${SEED}`);
    const random = randomOf(SEED);
    const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)]!;
    let foreign = 0;
    let own = 0;
    const request = async (school: string, table: string, how: 'read' | 'write' | 'fails' | 'breaks' | 'unscoped') => {
      const judge = (seen: string[], expected: string | null) => {
        foreign += seen.filter((one) => one !== expected).length;
        own += seen.filter((one) => one === expected).length;
      };
      if (how === 'unscoped') return judge(await schoolsIn(database.unscoped(), table), null);
      await database
        .transaction([school], async (em) => {
          judge(await schoolsIn(em, table), school);
          if (how === 'write' && isChangeable(table)) judge(await writtenIn(em, table), school);
          if (how === 'fails') throw new Error('on purpose');
          if (how === 'breaks') await rows(em, sql`select 1 / 0`);
        })
        .catch((error: unknown) => {
          if (how !== 'fails' && how !== 'breaks') throw error;
        });
    };
    const asked = Array.from({ length: REQUESTS }, () =>
      request(pick(SCHOOLS), pick(TABLES), pick(['read', 'read', 'write', 'fails', 'breaks', 'unscoped'] as const)),
    );
    await Promise.all(asked);
    expect(foreign).toBe(0);
    expect(own).toBeGreaterThan(REQUESTS / 2);
  }, 60_000);

  it('control: for a role that row-level security does not bind, the same statements show foreign rows in every table', async () => {
    const role = `bypass_${process.pid}`;
    await world.db.query(`create role ${role} login password 'x' bypassrls`);
    await world.db.query(`grant select, update on all tables in schema public to ${role}`);
    const url = new URL(world.db.url);
    Object.assign(url, { username: role, password: 'x' });
    const open = await Database.connect(url.href, 2);
    try {
      for (const table of TABLES) {
        const seen = await open.transaction(['s-0'], (em) => schoolsIn(em, table));
        expect({ table, schools: new Set(seen).size }).toEqual({ table, schools: SCHOOLS.length });
        if (!isChangeable(table)) continue;
        const written = await open.transaction(['s-0'], (em) => writtenIn(em, table));
        expect(new Set(written).size).toBe(SCHOOLS.length);
      }
      await expect(checkKeptApart({ databaseUrl: url.href, production: true }, () => undefined)).rejects.toThrow(
        /BYPASSRLS/,
      );
    } finally {
      await open.close();
      await world.db.query(`drop owned by ${role}`);
      await world.db.query(`drop role ${role}`);
    }
  });

  it('refuses to write a row of a school that was not named: new, moved there, or by upsert', async () => {
    const as = (statement: string) =>
      expect(database.transaction(['s-0'], (em) => rows(em, sql.raw(statement)))).rejects.toMatchObject({
        code: '42501',
      });
    await as(`insert into evenings (school_id, id, name_sealed, told_at, told_id) values ('s-1', 'x', '', now(), '')`);
    await as(`update people set school_id = 's-1' where id = 'p-1'`);
    await as(
      `insert into conferences (school_id, timeslot_id) values ('s-1', 't-1') on conflict (school_id, timeslot_id) do update set provider = null`,
    );
    const [left] = await world.db.query<{ n: number }>(
      `select count(*)::int as n from conferences where school_id = 's-1' and provider is null`,
    );
    expect(left).toEqual({ n: 0 });
  });

  it('names the schools for one transaction: nothing is left on the connection, whatever ended it', async () => {
    const one = await Database.connect(world.db.url, 1);
    const left = async () => ({
      seen: await schoolsIn(one.unscoped(), 'people'),
      setting: (
        await rows(
          one.unscoped(),
          sql<{ is: string | null }>`select nullif(current_setting('app.schools', true), '') as is`,
        )
      )[0]!.is,
    });
    const nothing = { seen: [], setting: null };
    try {
      expect(await left()).toEqual(nothing);
      expect(await one.transaction(['s-0', 's-1'], (em) => schoolsIn(em, 'schools'))).toHaveLength(2);
      expect(await left()).toEqual(nothing);
      await one.transaction(['s-0'], (em) => rows(em, sql`select 1 / 0`)).catch(() => undefined);
      expect(await left()).toEqual(nothing);
      // A scope that cannot be named begins nothing.
      await expect(one.transaction(schoolsOf.meeting('no-uuid'), async () => 1)).rejects.toMatchObject({
        code: '22P02',
      });
      expect(await left()).toEqual(nothing);
      expect(await one.transaction([], (em) => schoolsIn(em, 'schools'))).toEqual([]);
    } finally {
      await one.close();
    }
  });

  it('lets no branch of ended work go on: its connection works for another school by then', async () => {
    const one = await Database.connect(world.db.url, 1);
    let goOn = () => {};
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    let late: Promise<string[]> = Promise.resolve([]);
    try {
      await one
        .transaction(['s-0'], (em) => {
          late = gate.then(() => writtenIn(em, 'people'));
          return Promise.all([late, Promise.reject(new Error('on purpose'))]);
        })
        .catch(() => undefined);
      const ended = expect(late).rejects.toThrow(/has ended/);
      await one.transaction(['s-1'], async (em) => {
        goOn();
        await ended;
        expect(new Set(await schoolsIn(em, 'people'))).toEqual(new Set(['s-1']));
      });
      let kept: Em | undefined;
      await one.transaction(['s-0'], async (em) => void (kept = em));
      await expect(schoolsIn(kept!, 'people')).rejects.toThrow(/has ended/);
    } finally {
      await one.close();
    }
  });

  it.each([`a","s-0`, `{s-0}`, `"`, `\\`, `','`, `s-0'`, `null`, ` s-0`, `\u{1F600},\n`, `s-0\0`, ''])(
    'takes an id for what it is: %j',
    async (id) => {
      const seen = await database.transaction([id], async (em) => {
        if (!id.includes('\0'))
          await rows(
            em,
            sql`insert into evenings (school_id, id, name_sealed, told_at, told_id) values (${id}, 'odd', '', now(), '')`,
          );
        return schoolsIn(em, 'evenings');
      });
      expect(seen).toEqual(id.includes('\0') ? [] : [id]);
      await world.db.query(`delete from evenings where id = 'odd'`);
    },
  );

  it('finds schools by what is known before them, and nothing else', async () => {
    const [meeting] = await world.db.query<{ id: string }>(`select id from meetings where school_id = 's-3'`);
    const [delivery] = await world.db.query<{ id: string }>(`select id from deliveries where school_id = 's-3'`);
    const [link] = await world.db.query<{ hash: Buffer }>(
      `select token_hash as hash from join_links where school_id = 's-3'`,
    );
    const [event] = await world.db.query<{ source: string; id: string }>(
      `select source, id from inbox where school_id = 's-3'`,
    );
    const named = (scope: Parameters<Database['transaction']>[0]) =>
      database.transaction(scope, async (em) => (await schoolsIn(em, 'schools')).sort());
    expect(await named(schoolsOf.meeting(meeting!.id))).toEqual(['s-3']);
    expect(await named(schoolsOf.delivery(delivery!.id))).toEqual(['s-3']);
    expect(await named(schoolsOf.joinLink(link!.hash))).toEqual(['s-3']);
    expect(await named(schoolsOf.event(event!.source, event!.id))).toEqual(['s-3']);
    expect(await named(schoolsOf.person('p-1'))).toEqual([...SCHOOLS].sort());
    expect(await named(EVERY_SCHOOL)).toEqual([...SCHOOLS].sort());
    expect(await named(schoolsOf.person("x' or true --"))).toEqual([]);
    expect(await named(schoolsOf.event('\0', 'x'))).toEqual([]);
    expect(await named(schoolsOf.joinLink(Buffer.alloc(32)))).toEqual([]);
  });

  it('still finds a row by its key, not by reading the table', async () => {
    await world.db.query(
      `insert into people (school_id, id, profile_sealed, profile_hash, locale, told_at, told_id)
       select 'full-' || n % 50, 'p-' || n, '', '', 'nl', now(), '' from generate_series(1, 20000) n`,
    );
    await world.db.query('analyze people');
    const plan = await database.transaction(['full-7'], (em) =>
      rows(em, sql<{ queryPlan: string }>`explain select * from people where school_id = 'full-7' and id = 'p-7'`),
    );
    const text = JSON.stringify(plan);
    expect(text).toMatch(/Index (Only )?Scan/);
    expect(text).not.toMatch(/Seq Scan/);
    await world.db.query(`delete from people where school_id like 'full-%'`);
  });
});

describe('R6 every table stands inside row-level security, or outside for a reason', () => {
  it('every table of the database is on one of the two lists', async () => {
    const all = await world.db.query<{ schema: string; name: string; forced: boolean }>(
      `select n.nspname as schema, c.relname as name, c.relrowsecurity and c.relforcerowsecurity as forced
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p', 'm', 'v', 'f') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`,
    );
    // BullMQ's own schema: jobs with one id each, where the queues live in Postgres.
    const ours = all.filter(({ schema }) => schema !== 'bullmq');
    expect(ours.filter(({ schema }) => schema !== 'public')).toEqual([]);
    expect(
      ours
        .filter(({ forced }) => forced)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...TABLES].sort());
    expect(
      ours
        .filter(({ forced }) => !forced)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(Object.keys(OUTSIDE).sort());
  });

  it('EVERY_SCHOOL is named by upkeep and counts only', () => {
    const files = ['apps', 'libs'].flatMap((root) =>
      readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.tsx?$/.test(file))
        .map((file) => join(root, file))
        .filter((file) => readFileSync(file, 'utf8').includes('transaction(EVERY_SCHOOL')),
    );
    expect(files.sort()).toEqual([
      'apps/api/src/operations/ops.controller.ts',
      'apps/cli/src/audit.ts',
      'apps/cli/src/rehearse-restore.ts',
      'apps/cli/src/retention.ts',
      'apps/worker/src/upkeep/audit-upkeep.ts',
      'apps/worker/src/upkeep/privacy-upkeep.ts',
      'apps/worker/src/upkeep/upkeep.ts',
      'libs/conferences/src/erasure/replay-ledger.ts',
      'libs/conferences/src/retention/clean-up-evenings.ts',
      'libs/conferences/src/retention/people-without-school.ts',
      'libs/notifications/src/deliveries/plan-digests.ts',
      'libs/notifications/src/deliveries/plan-owner-care.ts',
      'libs/privacy/src/audit/checkpoint-writer.ts',
    ]);
  });
});

describe('R6 no process starts where Postgres would not keep the schools apart', () => {
  const check = async (databaseUrl: string, production = true) => {
    const said: string[] = [];
    const faults = await checkKeptApart({ databaseUrl, production }, (fault) => said.push(fault)).then(
      () => '',
      (error: Error) => error.message,
    );
    return { faults, said: said.join() };
  };

  it('takes the application’s role as it is made', async () => {
    expect(await check(world.db.url)).toEqual({ faults: '', said: '' });
  });

  it('names a role that is the owner or a superuser, with the mend; outside production it only says so', async () => {
    expect((await check(world.db.migrationUrl)).faults).toMatch(/is a superuser, .*owns our tables.*create role NAME/);
    expect(await check(world.db.migrationUrl, false)).toMatchObject({ faults: '', said: /is a superuser/ });
  });

  it('names tables on which it is not in force, or opened by another policy, and migrating mends them', async () => {
    const own = await emptyDatabase();
    const owner = new pg.Client({ connectionString: own.migrationUrl });
    await owner.connect();
    try {
      expect((await check(own.url)).faults).toMatch(/tables are missing: schools, .*npm run migrate/);
      await migrate(own.migrationUrl, own.url);
      expect((await check(own.url)).faults).toBe('');
      await owner.query('alter table people no force row level security');
      await owner.query('create policy leak on timeslots using (true)');
      await owner.query('drop policy own_schools on inbox; create policy own_schools on inbox using (true)');
      expect((await check(own.url, false)).faults).toMatch(/not in force on: (people|timeslots|inbox), /);
      await migrate(own.migrationUrl, own.url);
      // A policy that is not ours stays a fault: nobody but who made it knows why.
      expect((await check(own.url)).faults).toMatch(/not in force on: timeslots\./);
      await owner.query('drop policy leak on timeslots');
      expect((await check(own.url)).faults).toBe('');
    } finally {
      await owner.end();
      await own.close();
    }
  });

  it('holds an owner who is no superuser, too: one role for both works, and sees no school that it did not name', async () => {
    const own = await emptyDatabase();
    const admin = new pg.Client({ connectionString: own.migrationUrl });
    await admin.connect();
    const role = `single_${process.pid}`;
    const url = new URL(own.migrationUrl);
    await admin.query(`create role ${role} login password 'x'`);
    await admin.query(`alter database ${url.pathname.slice(1)} owner to ${role}`);
    await admin.query(`alter schema public owner to ${role}`);
    Object.assign(url, { username: role, password: 'x' });
    try {
      await migrate(url.href, url.href);
      expect((await migrate(url.href, url.href)).applied).toEqual([]);
      expect(await check(url.href, false)).toMatchObject({ faults: '', said: /owns our tables/ });
      expect((await check(url.href)).faults).toMatch(/owns our tables/);
      const single = await Database.connect(url.href, 2);
      const add = (school: string) =>
        single.transaction([school], (em) =>
          rows(
            em,
            sql`insert into people (school_id, id, profile_sealed, profile_hash, locale, told_at, told_id) values (${school}, 'p-1', '', '', 'nl', now(), '')`,
          ),
        );
      await add('a');
      await add('b');
      expect(await schoolsIn(single.unscoped(), 'people')).toEqual([]);
      expect(await single.transaction(['a'], (em) => schoolsIn(em, 'people'))).toEqual(['a']);
      expect((await single.transaction(schoolsOf.person('p-1'), (em) => schoolsIn(em, 'people'))).sort()).toEqual([
        'a',
        'b',
      ]);
      await single.close();
    } finally {
      await admin.query(`reassign owned by ${role} to current_user`);
      await admin.end();
      await own.close();
    }
  });
});
