import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { profilesOf } from '#libs/conferences';
import { DataKeys } from '#libs/database';
import { ErasureLedger, signingKeysOf } from '#libs/privacy';
import { anEvent } from '../factories/an-event.js';
import { Erasing, tablesHolding } from '../support/erasing.js';
import { copyOf } from '../support/database.js';
import { World } from '../support/world.js';

// Real: Postgres, a copy of the database as a backup, the ledger's file. Fake: provider, clock.

let world: World;
let erasing: Erasing;
beforeEach(async () => {
  world = await World.open();
  erasing = new Erasing(world);
  world.visitors.set('p-7', 'anne');
  await world.take(
    anEvent().at('19:10').parents('p-31', 'p-32').wanting('google-meet'),
    anEvent().timeslot('t-2').at('19:30').parents('p-33').wanting('google-meet'),
  );
  await world.settleAll();
});
afterEach(async () => {
  erasing.close();
  await world.close();
});

const everythingOf = (...ids: string[]) => ids.flatMap((id) => [id, `Name of ${id}`, `${id}@mail.example`]);
const lines = () => readFileSync(erasing.ledger.path, 'utf8').trimEnd().split('\n');
const payloadOf = (receipt: string) =>
  JSON.parse(Buffer.from(receipt.split('.')[1]!, 'base64url').toString('utf8')) as object;
const rewrite = (changed: readonly string[]) =>
  writeFileSync(erasing.ledger.path, changed.map((line) => `${line}\n`).join(''));

describe('P11 a restored backup is put right before anything opens', () => {
  it('who was erased since is erased again, with their keys, and no provider is called', async () => {
    const requested = await erasing.ask('p-32');
    const backup = await copyOf(world.db);
    try {
      for (const person of ['p-31', 'p-32']) await erasing.erase(person);
      await erasing.erase('p-7').then(async (id) => {
        await world.settleAll();
        expect(await erasing.worker().process(id)).toBe('done');
      });
      const calls = world.google.calls.length;
      // Before: the backup's rows open with the wrapping keys.
      const fresh = new DataKeys(world.ring, world.ring);
      const ids = ['p-7', 'p-31', 'p-32', 'p-33'];
      const before = await backup.database.transaction(['s-1'], (em) => profilesOf(em, fresh, 's-1', ids));
      expect([...before.keys()].sort()).toEqual(['p-31', 'p-32', 'p-33', 'p-7']);
      expect(await erasing.replay(backup)).toBe(3);
      const after = await backup.database.transaction(['s-1'], (em) =>
        profilesOf(em, new DataKeys(world.ring, world.ring), 's-1', ids),
      );
      expect([...after.keys()]).toEqual(['p-33']);
      expect(await tablesHolding(backup, ...everythingOf('p-31', 'p-32', 'p-7'))).toEqual([]);
      expect(world.google.calls).toHaveLength(calls);
      expect(await erasing.replay(backup)).toBe(0);
      // The erasures are known again, those of after the backup too; a worker ends them.
      const known = await backup.query<{ id: string; state: string }>('select id, state from erasures');
      expect(known).toHaveLength(3);
      expect(known.map(({ id }) => id)).toContain(requested);
      for (const { id } of known) await erasing.worker({ database: backup.database, keys: fresh }).process(id);
      expect(await backup.query(`select 1 from erasures where state <> 'done' or receipt is null`)).toEqual([]);
      expect((await erasing.ledger.entries()).map(({ what }) => what)).toEqual([
        'erased',
        'done',
        'erased',
        'done',
        'erased',
        'done',
      ]);
    } finally {
      await backup.close();
    }
  });

  it('what waited at the provider for its owner waits again, and nobody is told a second time', async () => {
    world.visitors.clear();
    const backup = await copyOf(world.db);
    try {
      const id = await erasing.erase('p-7');
      expect((await erasing.row(id)).state).toBe('waiting_for_owner');
      expect(await erasing.replay(backup)).toBe(1);
      const worker = erasing.worker({ database: backup.database, keys: new DataKeys(world.ring, world.ring) });
      expect(await worker.process(id)).toBe('waits-for-owner');
      expect(await backup.query('select owner_id, state, wished from meetings')).toEqual([
        { owner_id: 'p-7', state: 'pending', wished: false },
        { owner_id: 'p-7', state: 'pending', wished: false },
      ]);
      const due = 'select 1 from dispatches d join meetings m on m.id = d.subject_id';
      expect(await backup.query(due)).toHaveLength(2);
      expect(await backup.query(`select kind from deliveries where kind = 'video-removed'`)).toEqual([]);
      // Its clock is that of the first request.
      world.clock.pass(30 * 86_400_000);
      expect(await worker.process(id)).toBe('done');
      const [done] = await backup.query<{ receipt: string }>('select receipt from erasures');
      expect(payloadOf(done!.receipt)).toMatchObject({ erased: { meetings: 2 }, leftAtProvider: { meetings: 2 } });
      expect(await tablesHolding(backup, ...everythingOf('p-7'))).toEqual([]);
    } finally {
      await backup.close();
    }
  });

  it('what was left at the provider when its time was over stands in the second receipt too', async () => {
    world.visitors.clear();
    const backup = await copyOf(world.db);
    try {
      const id = await erasing.erase('p-7');
      world.clock.pass(30 * 86_400_000);
      expect(await erasing.worker().process(id)).toBe('done');
      expect(await erasing.replay(backup)).toBe(1);
      expect(await tablesHolding(backup, ...everythingOf('p-7'))).toEqual([]);
      await erasing.worker({ database: backup.database, keys: new DataKeys(world.ring, world.ring) }).process(id);
      const [done] = await backup.query<{ receipt: string }>('select receipt from erasures');
      expect(payloadOf(done!.receipt)).toMatchObject({ leftAtProvider: { meetings: 2 } });
    } finally {
      await backup.close();
    }
  });

  it('a database that is up to date is left alone; several processes may look at once', async () => {
    await erasing.erase('p-31');
    const before = await world.db.query('select * from timeslot_parents order by person_id');
    expect(await Promise.all([erasing.replay(), erasing.replay()])).toEqual([0, 0]);
    expect(await world.db.query('select * from timeslot_parents order by person_id')).toEqual(before);
  });

  it('whom a backup never knew is dropped from events that come later', async () => {
    const empty = await World.open();
    try {
      await erasing.erase('p-31');
      await erasing.replay(empty.db);
      expect(await empty.db.query('select 1 from erased_people')).toHaveLength(1);
    } finally {
      await empty.close();
    }
  });
});

describe('P11 the ledger cannot be changed unseen', () => {
  beforeEach(async () => {
    for (const person of ['p-31', 'p-32', 'p-33']) await erasing.erase(person);
  });

  it('holds no person’s id, and is its owner’s alone', () => {
    const text = readFileSync(erasing.ledger.path, 'utf8');
    for (const word of everythingOf('p-31', 'p-32', 'p-33')) expect(text).not.toContain(word);
    expect(lines()).toHaveLength(6);
    expect(statSync(erasing.ledger.path).mode & 0o777).toBe(0o600);
  });

  it.each<[string, (all: string[]) => string[], number]>([
    ['a line that says something else', ([a, b, c]) => [a!, b!.replace('"schoolId":"s-1"', '"schoolId":"s-2"'), c!], 2],
    ['a line taken out', ([a, , c]) => [a!, c!], 2],
    ['the first line taken out', ([, b, c]) => [b!, c!], 1],
    ['lines in another order', ([a, b, c]) => [a!, c!, b!], 2],
    ['a line twice', ([a, b, c]) => [a!, b!, b!, c!], 3],
    ['a line of a stranger', ([a, b, c]) => [a!, b!, c!, JSON.stringify({ sequence: 4, signature: 'AAAA' })], 4],
    ['a line that is none', ([a, b, c]) => [a!, '', b!, c!], 2],
  ])('%s stops the start and is named', async (_name, change, line) => {
    rewrite(change(lines()));
    await expect(erasing.replay()).rejects.toThrow(new RegExp(`^Line ${line} of .*Bring the file back from its copy`));
  });

  it('a ledger whose end was cut off, or another folder’s, stops the start', async () => {
    rewrite(lines().slice(0, 2));
    await expect(erasing.replay()).rejects.toThrow(/has 2 lines, and the database knows of 5/);
    rmSync(erasing.ledger.path);
    await expect(erasing.replay()).rejects.toThrow(/has 0 lines, and the database knows of 5/);
  });

  it('another signing key does not pass for it', async () => {
    const other = new ErasureLedger(erasing.folder, signingKeysOf(new Uint8Array(32)));
    await expect(other.entries()).rejects.toThrow(/^Line 1 of .*SIGNING_KEY/);
  });

  it('a line that a crash left half-written goes, and the next one stands', async () => {
    appendFileSync(erasing.ledger.path, '{"sequence":7,"erasu');
    expect(await erasing.replay()).toBe(0);
    await erasing.erase('p-7');
    expect((await erasing.ledger.entries()).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });
});
