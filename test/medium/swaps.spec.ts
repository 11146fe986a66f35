import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataKeys, ownerWords, type KeyOwner } from '#libs/database';
import { KeyRing, kidOf, type SealContext, type Sealed } from '#libs/encryption';
import { freshDatabase, type TestDatabase } from '../support/database.js';

// Real: Postgres, jose, the data keys as the product makes and reads them. What moves is what an attacker with the
// database could move: ciphertexts between columns, rows, tables, schools and persons; wrapped keys between owners.

const ATTEMPTS = Number(process.env['SWAPS'] ?? 10_000);
const SEED = Number(process.env['SEED'] ?? 20261122);
const random = (
  (seed) => () =>
    (seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32
)(SEED);
const below = (n: number) => Math.floor(random() * n);
const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;

const SCHOOLS = ['s-1', 's-2', 's-3', 's-4'];
const PEOPLE = ['p-1', 'p-2', 'p-3', 'p-4', 'p-5', undefined];
const PLACES = [
  ['people', 'profile_sealed'],
  ['timeslot_parents', 'about_sealed'],
  ['join_links', 'token_sealed'],
  ['meetings', 'made_sealed'],
  ['meetings', 'account_sealed'],
  ['calendars', 'place_sealed'],
  ['schools', 'name_sealed'],
  ['schools', 'contacts_sealed'],
  ['evenings', 'name_sealed'],
] as const;
/** Rows of one slot: its generations are meetings with ids of their own. */
const ROWS = ['r-1', 'r-2', 'generation-1', 'generation-2', 'p-1', 's-1'];

interface Stored {
  readonly context: SealContext;
  readonly sealed: Sealed;
}

const owners: KeyOwner[] = SCHOOLS.flatMap((school) =>
  PEOPLE.map((person) => ({ school, ...(person !== undefined && { person }) })),
);
const { ring } = KeyRing.generate();
let db: TestDatabase;
let keys: DataKeys;
const stored: Stored[] = [];
beforeAll(async () => {
  db = await freshDatabase();
  keys = new DataKeys(ring, ring);
  await db.database.transaction(SCHOOLS, (em) => keys.load(em, owners));
  for (const owner of owners)
    for (const [table, column] of PLACES)
      for (const row of ROWS) {
        const context = { table, column, row, ...owner };
        stored.push({ context, sealed: await keys.seal(`planted ${JSON.stringify(context)}`, context) });
      }
}, 60_000);
afterAll(() => db.close());

const opens = (work: Promise<unknown>) =>
  work.then(
    () => true,
    () => false,
  );

describe('R5 a ciphertext opens in its own place only', () => {
  it('control: each of them opens where it belongs', async () => {
    for (const { context, sealed } of stored)
      expect((await keys.open(sealed, context)).reveal()).toBe(`planted ${JSON.stringify(context)}`);
  });

  it(`${ATTEMPTS} swaps between columns, rows, generations, tables, schools and persons are refused`, async () => {
    console.info(`seed ${SEED}`);
    const tried: Record<string, number> = {};
    let opened = 0;
    for (let n = 0; n < ATTEMPTS; n += 1) {
      const from = pick(stored);
      // Half of them differ in one thing only.
      const other = pick(stored).context;
      const thing = pick(['table', 'column', 'row', 'school', 'person', 'all'] as const);
      const to: SealContext =
        thing === 'all' ? other : { ...from.context, [thing]: { ...other, person: other.person }[thing] };
      if (JSON.stringify(contextWords(to)) === JSON.stringify(contextWords(from.context))) {
        n -= 1;
        continue;
      }
      tried[thing] = (tried[thing] ?? 0) + 1;
      if (await opens(keys.open(from.sealed, to))) opened += 1;
    }
    console.info(JSON.stringify(tried));
    expect(opened).toBe(0);
    expect(Object.values(tried).every((count) => count > ATTEMPTS / 12)).toBe(true);
  }, 120_000);

  it('nor does one whose parts come from two', async () => {
    let opened = 0;
    for (let n = 0; n < ATTEMPTS / 10; n += 1) {
      const [a, b] = [pick(stored), pick(stored)];
      if (a === b) continue;
      const place = 1 + below(3);
      const mixed = a.sealed.split('.').with(place, b.sealed.split('.')[place]!).join('.') as Sealed;
      if (await opens(keys.open(mixed, a.context))) opened += 1;
    }
    expect(opened).toBe(0);
  });
});

describe('R5 a wrapped key opens for its own owner only', () => {
  it('every wrapped key in the place of every other: none opens, in the ring or through the database', async () => {
    const found = await db.query<{ school_id: string; person_id: string; wrapped: string }>('select * from data_keys');
    expect(found).toHaveLength(owners.length);
    let tried = 0;
    for (const from of found)
      for (const to of found) {
        const words = ownerWords({ school: to.school_id, person: to.person_id });
        const isOpen = await opens(ring.unwrap(from.wrapped, words));
        expect(isOpen).toBe(from === to);
        if (from !== to) tried += 1;
        // Under the name of another wrapping key it is another text.
        if (from === to) expect(kidOf(from.wrapped)).toBe('w1');
      }
    expect(tried).toBe(owners.length * (owners.length - 1));
    await db.query(
      `update data_keys a set wrapped = b.wrapped from data_keys b
       where a.school_id = 's-1' and a.person_id = 'p-1' and b.school_id = 's-1' and b.person_id = 'p-2'`,
    );
    const stranger = new DataKeys(ring, ring);
    const load = (person: string) =>
      db.database.transaction(['s-1'], (em) => stranger.load(em, [{ school: 's-1', person }]));
    await expect(load('p-1')).rejects.toMatchObject({ code: 'refused' });
    await load('p-2');
  });
});

const contextWords = ({ table, column, row, school, person }: SealContext) => [table, column, row, school, person];
