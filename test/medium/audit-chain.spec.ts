import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataKeys, Database, rows, sql, type Em } from '#libs/database';
import { BlindIndex, KeyRing } from '#libs/encryption';
import {
  AUDIT_ACTIONS,
  CHECKPOINT_FILE,
  CheckpointWriter,
  chainEntries,
  listAudit,
  recordAudit,
  signingKeysOf,
  verifyAudit,
  type AuditEntry,
} from '#libs/privacy';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { seeded } from '../faults/randomness.js';

// Real: Postgres, the seals, the signatures, the files. The tamperer is the owner of the tables, with all triggers off.

const SEED = 20_261_122;
const TAMPERINGS = 1_000;
const SCHOOL = 's-1';
const ENTRIES = 60;

let db: TestDatabase;
let owner: Database;
let folder: string;
const { ring } = KeyRing.generate();
const keys = new DataKeys(ring, ring);
const index = new BlindIndex(ring);
const signing = signingKeysOf(randomBytes(32));
const now = () => new Date();

const anEntry = (n: number, schoolId = SCHOOL): AuditEntry => ({
  schoolId,
  action: AUDIT_ACTIONS[n % AUDIT_ACTIONS.length]!,
  actor: { kind: 'person', id: `p-staff-${n % 3}`, role: 'privacy' },
  subjectId: `p-parent-${n % 7}`,
  reason: `because ${n}`,
});
const record = (entries: AuditEntry[]) =>
  db.database.transaction(['s-1', 's-2'], (em) => recordAudit(em, { keys, index, now: now() }, entries));
const chain = (school = SCHOOL) => db.database.transaction([school], (em) => chainEntries(em, school));
const writer = () => new CheckpointWriter({ database: db.database, index, folder, signing });
const verifyIn = (em: Em, from = folder, school = SCHOOL) =>
  verifyAudit(em, { index, now: now() }, school, { folder: from, signing });
const verify = (from = folder, school = SCHOOL) =>
  db.database.transaction([school], (em) => verifyIn(em, from, school));

beforeAll(async () => {
  db = await freshDatabase();
  owner = await Database.connect(db.migrationUrl, 2);
  folder = await mkdtemp(join(tmpdir(), 'ledger-'));
  await db.query(
    `insert into schools (id, name_sealed, time_zone, locale, told_at, told_id, account_domains) values ('s-1', '', 'UTC', 'nl', now(), '', '{}'), ('s-2', '', 'UTC', 'nl', now(), '', '{}')`,
  );
  // Three checkpoints, half an hour apart, the last one over the last entry.
  for (const part of [0, 1, 2]) {
    await record(Array.from({ length: ENTRIES / 3 }, (_, n) => anEntry(part * 20 + n)));
    await record([anEntry(part, 's-2')]);
    await chain();
    await chain('s-2');
    await writer().run(new Date(Date.now() + part * 31 * 60_000));
  }
});
afterAll(async () => {
  await owner.close();
  await db.close();
  await rm(folder, { recursive: true });
});

/** Does something as the owner with all triggers off, says what a verification finds, and takes it back. */
async function foundAfter(tamper: (em: Em) => Promise<unknown>): Promise<boolean> {
  let found = false;
  await owner
    .transaction(['s-1', 's-2'], async (em) => {
      await rows(em, sql`alter table audit_entries disable trigger all`);
      await tamper(em);
      found = !(await verifyIn(em)).ok;
      throw new TakenBack();
    })
    .catch((error: unknown) => {
      if (!(error instanceof TakenBack)) throw error;
    });
  return found;
}
class TakenBack extends Error {}

const next = seeded(SEED);
const random = { below: (bound: number) => Math.floor(next() * bound) };
const entry = () => 1 + random.below(ENTRIES);
const flipped = (column: string) => {
  const byte = sql.lit(random.below(20));
  return sql`update audit_entries set ${sql.ref(column)} = set_byte(${sql.ref(column)}, ${byte}, get_byte(${sql.ref(column)}, ${byte}) # 1) where school_id = ${SCHOOL} and sequence = ${entry()}`;
};
const withOneLetterChanged = (column: string) =>
  sql`update audit_entries set ${sql.ref(column)} = overlay(${sql.ref(column)} placing '!' from ${4 + random.below(20)}::int) where school_id = ${SCHOOL} and sequence = ${entry()}`;
/** The tamperer closes the chain again, as if nothing had been. */
async function rechained(em: Em, from: number, change: (em: Em) => Promise<unknown>): Promise<void> {
  await rows(
    em,
    sql`update audit_entries set sequence = null, previous_hash = null, hash = null where school_id = ${SCHOOL} and sequence >= ${from}`,
  );
  await change(em);
  await chainEntries(em, SCHOOL);
}

/** Ways to tamper with the table. */
const TABLE_TAMPERINGS: Readonly<Record<string, (em: Em) => Promise<unknown>>> = {
  'another action': (em) =>
    rows(
      em,
      sql`update audit_entries set action = action || '!' where school_id = ${SCHOOL} and sequence = ${entry()}`,
    ),
  'another time': (em) =>
    rows(
      em,
      sql`update audit_entries set at = at + ${1 + random.below(1e6)} * interval '1 ms' where school_id = ${SCHOOL} and sequence = ${entry()}`,
    ),
  'another kind of actor': (em) =>
    rows(em, sql`update audit_entries set actor_kind = 'system' where school_id = ${SCHOOL} and sequence = ${entry()}`),
  'the actor altered': (em) => rows(em, withOneLetterChanged('actor_sealed')),
  'what it is about altered': (em) => rows(em, withOneLetterChanged('about_sealed')),
  'the actor taken out': (em) =>
    rows(
      em,
      sql`update audit_entries set actor_sealed = null, actor_tag = null where school_id = ${SCHOOL} and sequence = ${entry()}`,
    ),
  'the actor of another entry': (em) => {
    const one = entry();
    return rows(
      em,
      sql`update audit_entries a set actor_sealed = b.actor_sealed from audit_entries b where a.school_id = ${SCHOOL} and a.sequence = ${one} and b.school_id = ${SCHOOL} and b.sequence = ${(one % ENTRIES) + 1}`,
    );
  },
  'another actor tag': (em) => rows(em, flipped('actor_tag')),
  'another subject tag': (em) => rows(em, flipped('subject_tag')),
  'another hash': (em) => rows(em, flipped('hash')),
  'another hash before': (em) => rows(em, flipped('previous_hash')),
  'another id': (em) =>
    rows(
      em,
      sql`update audit_entries set id = gen_random_uuid() where school_id = ${SCHOOL} and sequence = ${entry()}`,
    ),
  'one removed': (em) => rows(em, sql`delete from audit_entries where school_id = ${SCHOOL} and sequence = ${entry()}`),
  'one given to another school': (em) =>
    rows(
      em,
      sql`update audit_entries set school_id = 's-2', sequence = 1000 where school_id = ${SCHOOL} and sequence = ${entry()}`,
    ),
  'the tail cut off': (em) =>
    rows(em, sql`delete from audit_entries where school_id = ${SCHOOL} and sequence >= ${entry()}`),
  'the tail unchained': (em) =>
    rows(
      em,
      sql`update audit_entries set sequence = null, previous_hash = null, hash = null where school_id = ${SCHOOL} and sequence >= ${entry()}`,
    ),
  'the head removed': (em) =>
    rows(em, sql`delete from audit_entries where school_id = ${SCHOOL} and sequence <= ${entry()}`),
  'two changed places': async (em) => {
    const [one, other] = [entry(), entry()];
    const to = other === one ? (one % ENTRIES) + 1 : other;
    await rows(em, sql`update audit_entries set sequence = -1 where school_id = ${SCHOOL} and sequence = ${one}`);
    await rows(em, sql`update audit_entries set sequence = ${one} where school_id = ${SCHOOL} and sequence = ${to}`);
    await rows(em, sql`update audit_entries set sequence = ${to} where school_id = ${SCHOOL} and sequence = -1`);
  },
  'a forged one at the end, with hashes of its own': (em) =>
    rows(
      em,
      sql`insert into audit_entries select gen_random_uuid(), school_id, at, action, actor_kind, actor_tag, actor_sealed, subject_tag, about_sealed, ${ENTRIES + 1}::bigint, previous_hash, hash from audit_entries where school_id = ${SCHOOL} and sequence = ${entry()}`,
    ),
  'a forged one before the first': (em) =>
    rows(
      em,
      sql`insert into audit_entries select gen_random_uuid(), school_id, at, action, actor_kind, actor_tag, actor_sealed, subject_tag, about_sealed, ${-random.below(5)}::bigint, previous_hash, hash from audit_entries where school_id = ${SCHOOL} and sequence = ${entry()}`,
    ),
  'one altered and all chained anew': (em) => {
    const from = entry();
    return rechained(em, from, () =>
      rows(
        em,
        sql`update audit_entries set action = 'forged' where id = (select id from audit_entries where school_id = ${SCHOOL} and sequence is null order by at, id offset ${random.below(ENTRIES - from + 1)} limit 1)`,
      ),
    );
  },
  'one removed and all chained anew': (em) => {
    const from = entry();
    return rechained(em, from, () =>
      rows(
        em,
        sql`delete from audit_entries where id = (select id from audit_entries where school_id = ${SCHOOL} and sequence is null order by at, id offset ${random.below(ENTRIES - from + 1)} limit 1)`,
      ),
    );
  },
  // Before the first of them: behind the last entry it would be one more, which no checkpoint has sworn yet.
  'one slipped in and all chained anew': (em) =>
    rechained(em, entry(), () =>
      rows(
        em,
        sql`insert into audit_entries select gen_random_uuid(), school_id, at - interval '1 ms', 'forged', actor_kind, actor_tag, actor_sealed, subject_tag, about_sealed from audit_entries where school_id = ${SCHOOL} and sequence is null order by at, id limit 1`,
      ),
    ),
};

const other = signingKeysOf(randomBytes(32));
/** Ways to tamper with the file of checkpoints: its lines (of both schools), changed. */
const FILE_TAMPERINGS: Readonly<Record<string, (lines: string[]) => Promise<string[]>>> = {
  'one letter changed': async (lines) => {
    const place = random.below(lines.length);
    const line = lines[place]!;
    // Within the JWS; its very last letter carries bits that mean nothing.
    const at = 8 + random.below(line.length - 8 - 4);
    return lines.with(place, line.slice(0, at) + (line[at] === 'A' ? 'B' : 'A') + line.slice(at + 1));
  },
  'one that is not the last removed': async (lines) => lines.toSpliced(random.below(lines.length - 2), 1),
  'two changed places': async (lines) => {
    const place = random.below(lines.length - 2);
    return lines.with(place, lines[place + 2]!).with(place + 2, lines[place]!);
  },
  'one signed by another key': async (lines) => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'forged-'));
    await new CheckpointWriter({ database: db.database, index, folder: elsewhere, signing: other }).run(now());
    const forged = (await readFile(join(elsewhere, CHECKPOINT_FILE), 'utf8')).trim().split('\n');
    await rm(elsewhere, { recursive: true });
    return lines.with(random.below(lines.length), forged[random.below(forged.length)]!);
  },
  'one that says it needs no signature': async (lines) => {
    const place = random.below(lines.length);
    const { jws } = JSON.parse(lines[place]!) as { jws: string };
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    return lines.with(place, JSON.stringify({ jws: `${none}.${jws.split('.')[1]}.` }));
  },
};

describe('R12 the audit cannot be altered unseen', () => {
  it('verifies while nobody touched it', async () => {
    const untouched = await verify();
    expect(untouched).toMatchObject({ ok: true, entries: ENTRIES, checkpoints: 3, faults: [], lag: { entries: 0 } });
    expect(await foundAfter(async () => undefined)).toBe(false);
  });

  it(`finds each of ${TAMPERINGS} tamperings (seed ${SEED})`, async () => {
    const ways = Object.entries(TABLE_TAMPERINGS);
    const fileWays = Object.entries(FILE_TAMPERINGS);
    const lines = (await readFile(join(folder, CHECKPOINT_FILE), 'utf8')).trim().split('\n');
    const tampered = await mkdtemp(join(tmpdir(), 'tampered-'));
    const unseen: string[] = [];
    const done = new Map<string, number>();
    for (let n = 0; n < TAMPERINGS; n += 1) {
      const isFile = n % 6 === 5;
      const [name, tamper] = isFile ? fileWays[random.below(fileWays.length)]! : ways[random.below(ways.length)]!;
      done.set(name, (done.get(name) ?? 0) + 1);
      let found: boolean;
      if (isFile) {
        const changed = await (tamper as (lines: string[]) => Promise<string[]>)(lines);
        await writeFile(join(tampered, CHECKPOINT_FILE), `${changed.join('\n')}\n`);
        const verdicts = await Promise.all(['s-1', 's-2'].map((school) => verify(tampered, school)));
        found = verdicts.some(({ ok }) => !ok);
      } else found = await foundAfter(tamper as (em: Em) => Promise<unknown>);
      if (!found) unseen.push(`${n}: ${name}`);
    }
    await rm(tampered, { recursive: true });
    expect(unseen).toEqual([]);
    expect([...done.keys()].sort()).toEqual(
      [...new Set([...Object.keys(TABLE_TAMPERINGS), ...Object.keys(FILE_TAMPERINGS)])].sort(),
    );
    expect((await verify()).ok).toBe(true);
  }, 240_000);

  it('names the entry that was altered', async () => {
    let verdict: Awaited<ReturnType<typeof verify>> | undefined;
    await foundAfter(async (em) => {
      await rows(em, sql`update audit_entries set action = 'x' where school_id = ${SCHOOL} and sequence = 17`);
      verdict = await verifyIn(em);
    });
    expect(verdict?.faults).toEqual([{ sequence: 17, what: 'altered' }]);
  });

  it('closes the chain of two workers at once without a gap', async () => {
    await record(Array.from({ length: 50 }, (_, n) => anEntry(n)));
    await Promise.all([chain(), chain(), chain()]);
    expect(await verify()).toMatchObject({ ok: true, entries: ENTRIES + 50 });
  });

  it('without any checkpoint outside, what is older than an hour is not called right', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'no-ledger-'));
    const at = (minutes: number) =>
      db.database.transaction([SCHOOL], (em) =>
        verifyAudit(em, { index, now: new Date(Date.now() + minutes * 60_000) }, SCHOOL, { folder: empty, signing }),
      );
    expect(await at(0)).toMatchObject({ ok: true, checkpoints: 0 });
    expect((await at(61)).faults).toEqual([{ sequence: null, what: 'checkpoint-missing' }]);
    await rm(empty, { recursive: true });
  });

  it('goes on after a line that a crash left half-written', async () => {
    const path = join(folder, CHECKPOINT_FILE);
    const text = await readFile(path, 'utf8');
    await writeFile(path, `${text}${text.split('\n')[0]!.slice(0, 40)}`);
    await writer().run(new Date(Date.now() + 3 * 3_600_000));
    expect(await verify()).toMatchObject({ ok: true, checkpoints: 4 });
  });
});

describe('R14, P11 who is erased can be read in no entry, and the chain still verifies', () => {
  it('shows the entry without the person once the key is destroyed', async () => {
    const reader = new DataKeys(ring, ring);
    const seen = () =>
      db.database.transaction([SCHOOL], (em) => listAudit(em, { keys: reader, index }, SCHOOL, {}, 200));
    const before = (await seen()).filter(({ person, actor }) => person === 'p-parent-2' || actor.id === 'p-staff-1');
    expect(before.length).toBeGreaterThan(10);
    await db.query(`delete from data_keys where person_id in ('p-parent-2', 'p-staff-1')`);
    const after = await seen();
    expect(JSON.stringify(after)).not.toMatch(/p-parent-2"|p-staff-1"/);
    for (const { sequence, person, actor } of before) {
      const now = after.find((one) => one.sequence === sequence)!;
      expect(now.erased).toBe(true);
      if (person === 'p-parent-2') expect(now).toMatchObject({ person: null, reason: null, detail: null });
      if (actor.id === 'p-staff-1') expect(now.actor).toEqual({ kind: 'person', id: null, role: null });
    }
    expect(await verify()).toMatchObject({ ok: true });
    // Asking for the erased person makes no key and finds nothing.
    expect(
      await db.database.transaction([SCHOOL], (em) =>
        listAudit(em, { keys: reader, index }, SCHOOL, { person: 'p-parent-2' }, 200),
      ),
    ).toEqual([]);
    expect(await db.query(`select 1 from data_keys where person_id = 'p-parent-2'`)).toEqual([]);
  });
});
