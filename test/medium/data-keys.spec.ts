import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataKeys, bulkUpsert, rows, sql } from '#libs/database';
import { KeyRing } from '#libs/encryption';
import { freshDatabase, type TestDatabase } from '../support/database.js';

// Real: Postgres, jose. Each DataKeys is a process of its own.

let db: TestDatabase;
const { ring } = KeyRing.generate();
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

const context = (school: string, person?: string) => ({
  table: 'people',
  column: 'x',
  row: 'r',
  school,
  ...(person && { person }),
});

describe('R5 data keys', () => {
  it('two processes that race for the same keys end with the same ones', async () => {
    const owners = Array.from({ length: 30 }, (_, place) => ({ school: 'race', person: `p-${place}` }));
    const [a, b] = [new DataKeys(ring, ring), new DataKeys(ring, ring)];
    await Promise.all([
      db.database.transaction(['race'], (em) => a.load(em, owners)),
      db.database.transaction(['race'], (em) => b.load(em, [...owners].reverse())),
    ]);
    for (const { school, person } of owners) {
      const sealed = await a.seal(`for ${person}`, context(school, person));
      expect((await b.open(sealed, context(school, person))).reveal()).toBe(`for ${person}`);
    }
    expect(await db.query(`select 1 from data_keys where school_id = 'race'`)).toHaveLength(30);
  });

  it('a key of a transaction that rolled back is used by nobody; others stay loaded', async () => {
    const keys = new DataKeys(ring, ring);
    await db.database.transaction(['stays'], (em) => keys.load(em, [{ school: 'stays' }]));
    let failed: Parameters<typeof keys.rolledBack>[0] | undefined;
    await expect(
      db.database.transaction(['stays', 'goes'], async (em) => {
        failed = em;
        await keys.load(em, [{ school: 'stays' }, { school: 'goes' }]);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    keys.rolledBack(failed!);
    await expect(async () => keys.seal('x', context('goes'))).rejects.toThrow('not loaded');
    expect(await keys.seal('x', context('stays'))).toMatch(/^s1\./);
    await db.database.transaction(['goes'], (em) => keys.load(em, [{ school: 'goes' }]));
    const sealed = await keys.seal('x', context('goes'));
    const other = new DataKeys(ring, ring);
    await db.database.transaction(['goes'], (em) => other.load(em, [{ school: 'goes' }]));
    expect((await other.open(sealed, context('goes'))).reveal()).toBe('x');
  });

  it('without the wrapping key, or once the row is destroyed, nothing opens', async () => {
    const keys = new DataKeys(ring, ring);
    await db.database.transaction(['s'], (em) => keys.load(em, [{ school: 's', person: 'erased' }]));
    const sealed = await keys.seal('x', context('s', 'erased'));
    const other = KeyRing.generate().ring;
    const stranger = new DataKeys(other, other);
    await expect(
      db.database.transaction(['s'], (em) => stranger.load(em, [{ school: 's', person: 'erased' }])),
    ).rejects.toThrow();
    await db.query(`delete from data_keys where person_id = 'erased'`);
    const fresh = new DataKeys(ring, ring);
    await db.database.transaction(['s'], (em) => fresh.load(em, [{ school: 's', person: 'erased' }]));
    await expect(fresh.open(sealed, context('s', 'erased'))).rejects.toThrow(/does not open/);
  });
});

describe('P13 many rows in one statement', () => {
  const columns = { scope: 'text', until: 'timestamptz', probes: 'int' } as const;
  const upsert = (...values: { scope: string; until: Date; probes: number }[]) =>
    db.database.transaction([], (em) => bulkUpsert(em, 'pauses', columns, ['scope'], values));
  const until = new Date('2026-11-24T18:00:00.123Z');

  it('inserts, updates, and does nothing for nothing', async () => {
    await upsert();
    await upsert({ scope: 'b"\\\n\u{1F600}', until, probes: 1 }, { scope: 'a', until, probes: 2 });
    await upsert({ scope: 'a', until, probes: 3 });
    expect(await rows(db.database.unscoped(), sql`select scope, until, probes from pauses order by probes`)).toEqual([
      { scope: 'b"\\\n\u{1F600}', until, probes: 1 },
      { scope: 'a', until, probes: 3 },
    ]);
  });

  it('two writes of the same rows in opposite order do not deadlock', async () => {
    const some = Array.from({ length: 200 }, (_, place) => ({ scope: `s-${place}`, until, probes: place }));
    for (let round = 0; round < 5; round += 1) await Promise.all([upsert(...some), upsert(...[...some].reverse())]);
    expect(await rows(db.database.unscoped(), sql`select 1 from pauses where scope like 's-%'`)).toHaveLength(200);
  });

  it('keeps bytes as bytes', async () => {
    const hash = Buffer.from([0, 1, 254, 255]);
    await db.database.transaction([], (em) =>
      bulkUpsert(
        em,
        'spent_tokens',
        { hash: 'bytea', expiresAt: 'timestamptz' },
        ['hash'],
        [{ hash, expiresAt: until }],
      ),
    );
    expect(await rows(db.database.unscoped(), sql`select hash from spent_tokens`)).toEqual([{ hash }]);
  });
});
