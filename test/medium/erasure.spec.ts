import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { compactVerify } from 'jose';
import { joinTokensOf, lookAtJoinLink, revealMeeting } from '#libs/conferences';
import { DataKeys } from '#libs/database';
import { aPersonChanged, aPersonLeft, aSchoolChanged, anEvent, instantAt } from '../factories/an-event.js';
import { Erasing, tablesHolding } from '../support/erasing.js';
import { World } from '../support/world.js';

// Real: Postgres, intake, meetings, notices, the erasure's steps, the ledger's file. Fake: provider, mail server, clock.

const DAY = 86_400_000;

let world: World;
let erasing: Erasing;
beforeEach(async () => {
  world = await World.open();
  erasing = new Erasing(world);
});
afterEach(async () => {
  erasing.close();
  await world.close();
});

const everythingOf = (id: string) => [id, `Name of ${id}`, `${id}@mail.example`];
const slot = (id = 't-1', time = '19:10') => anEvent().timeslot(id).at(time);
const receiptOf = async (id: string) => {
  const { receipt } = await erasing.row(id);
  const { payload } = await compactVerify(receipt!, erasing.signing.publicKey);
  return JSON.parse(new TextDecoder().decode(payload)) as {
    erased: Record<string, number>;
    leftAtProvider: { meetings: number; why: string | null };
    ledgerSequence: number;
  };
};
const deps = () => ({ keys: world.keys, index: world.index, now: world.clock.now() });
const tokenOf = async (person: string) =>
  (await world.in('s-1', (em) => joinTokensOf(em, world.keys, 's-1', person, ['t-1']))).get('t-1')!;

describe('R14 a parent is forgotten', () => {
  beforeEach(async () => {
    world.visitors.set('p-7', 'anne');
    await world.take(slot().parents({ id: 'p-31', about: 'Deniz' }, 'p-32').wanting('google-meet'));
    await world.settleAll();
  });

  it('in every table, with its key, while the other parent keeps what he has', async () => {
    await world.sendAll();
    expect(await tablesHolding(world.db, 'p-31')).not.toEqual([]);
    const id = await erasing.erase('p-31');
    expect(await erasing.row(id)).toMatchObject({ state: 'done', subjectSealed: null });
    expect(await tablesHolding(world.db, ...everythingOf('p-31'), 'Deniz')).toEqual([]);
    expect((await world.slot()).parents.map(({ personId }) => personId)).toEqual(['p-32']);
    const mails = world.mails.length;
    expect(await world.sendAll()).toEqual([]);
    expect(world.mails).toHaveLength(mails);
  });

  it('the join link dies at once, and what was not sent is not', async () => {
    const token = await tokenOf('p-31');
    expect(await world.in('s-1', (em) => lookAtJoinLink(em, deps(), token, null))).not.toBeNull();
    const id = await erasing.ask('p-31');
    await erasing.worker().erase(id);
    expect(await world.in('s-1', (em) => lookAtJoinLink(em, deps(), token, null))).toBeNull();
    await world.sendAll();
    expect(world.mails.map(({ to }) => to.name)).toEqual(['Name of p-32']);
  });

  it('a URL that was revealed is replaced (P3)', async () => {
    world.clock.instant = instantAt('19:05');
    const before = (await world.slot()).conference!.publishedId;
    const token = await tokenOf('p-31');
    await world.in('s-1', (em) => revealMeeting(em, deps(), token, null));
    await erasing.erase('p-31');
    await world.settleAll();
    const { conference, meetings } = await world.slot();
    expect(conference!.publishedId).not.toBe(before);
    expect(meetings.find(({ id }) => id === before)!.state).toBe('gone');
    expect(world.google.liveMeetings()).toHaveLength(1);
  });

  it('later events leave the person out', async () => {
    await erasing.erase('p-31');
    expect(
      await world.take(
        slot().version(2).told('2026-11-22T09:00:00Z').parents('p-31', 'p-33'),
        aPersonChanged('p-31', { time: '2026-11-22T09:00:01Z' }),
        aPersonLeft('p-31', { time: '2026-11-22T09:00:02Z' }),
        aSchoolChanged('s-1', {
          time: '2026-11-22T09:00:03Z',
          contacts: [{ id: 'p-31', name: 'x', email: 'x@y.example', locale: 'nl', role: 'privacy' }],
        }),
      ),
    ).toEqual(['accepted', 'accepted', 'accepted', 'accepted']);
    expect((await world.slot()).parents.filter((one) => one.assigned).map((one) => one.personId)).toEqual(['p-33']);
    expect(await tablesHolding(world.db, ...everythingOf('p-31'))).toEqual([]);
  });

  it('nobody gives the person a key again, and other processes forget the old one', async () => {
    let ticks = 0;
    const elsewhere = new DataKeys(world.ring, world.ring, () => ticks);
    const owner = { school: 's-1', person: 'p-31' };
    const context = { table: 't', column: 'c', row: 'r', school: 's-1', person: 'p-31' };
    const load = (keys: DataKeys) => world.in('s-1', (em) => keys.load(em, [owner]));
    await load(elsewhere);
    const sealed = await elsewhere.seal('x', context);
    await erasing.erase('p-31');
    ticks = 6 * 60_000;
    await load(elsewhere);
    expect(() => elsewhere.open(sealed, context)).toThrow('not loaded');
    await load(world.keys);
    expect(() => world.keys.seal('x', context)).toThrow('not loaded');
    expect(await world.db.query(`select 1 from data_keys where person_id = 'p-31'`)).toEqual([]);
  });

  it('a contact of the school is taken off its list', async () => {
    const contact = (id: string) => ({ id, name: `Name of ${id}`, email: `${id}@mail.example`, locale: 'nl' });
    await world.take(
      aSchoolChanged('s-1', {
        time: '2026-11-22T08:00:00Z',
        contacts: [
          { ...contact('p-1'), role: 'admin' },
          { ...contact('p-2'), role: 'privacy' },
        ],
      }),
    );
    const id = await erasing.erase('p-2');
    expect((await receiptOf(id)).erased['contacts']).toBe(1);
    expect(await tablesHolding(world.db, ...everythingOf('p-2'))).toEqual([]);
  });

  it('the same request while it is open is one, and afterwards nobody is known', async () => {
    const id = await erasing.ask('p-31');
    expect(await erasing.ask('p-31')).toBe(id);
    await erasing.worker().process(id);
    await expect(erasing.ask('p-31')).rejects.toThrow('knows no p-31');
    await expect(erasing.ask('p-31', 's-2')).rejects.toThrow('knows no');
  });
});

describe('R14 a teacher is forgotten, also in the own account', () => {
  beforeEach(async () => {
    world.visitors.set('p-7', 'anne');
    await world.take(
      slot().parents('p-31').wanting('google-meet'),
      slot('t-2', '19:30').parents('p-32').wanting('google-meet'),
    );
    await world.settleAll();
    await world.sendAll();
  });

  it('the meetings are removed there while the login is lent, then it is done', async () => {
    const id = await erasing.erase('p-7');
    expect(await erasing.row(id)).toMatchObject({ state: 'waiting_for_owner', waiting: 2 });
    await world.settleAll();
    expect(world.google.liveMeetings()).toEqual([]);
    // The last removal woke it.
    const [due] = await world.db.query<{ due_at: Date }>(`select due_at from dispatches where queue = 'erasures'`);
    expect(due!.due_at <= world.clock.now()).toBe(true);
    expect(await erasing.worker().process(id)).toBe('done');
    expect(await tablesHolding(world.db, ...everythingOf('p-7'), 'anne@account.example')).toEqual([]);
    expect(await receiptOf(id)).toMatchObject({
      erased: { slotsAsTeacher: 2, meetings: 2, profiles: 1 },
      leftAtProvider: { meetings: 0, why: null },
    });
    expect(
      await world.db.query('select 1 from meetings where made_sealed is not null or url_index is not null'),
    ).toEqual([]);
    expect(await world.db.query('select 1 from calendars')).toEqual([]);
  });

  it('an owner who is away is waited for, and visible; the visit ends it', async () => {
    world.visitors.clear();
    const id = await erasing.erase('p-7');
    await world.settleAll();
    expect(await erasing.worker().process(id)).toBe('waits-for-owner');
    // What is left in clear is whose login removes them.
    expect(await tablesHolding(world.db, ...everythingOf('p-7'))).toEqual([
      'public.calendars holds p-7',
      'public.meetings holds p-7',
    ]);
    world.clock.pass(3 * DAY);
    expect(await world.visit('p-7', 'anne')).toBe(2);
    await world.settleAll();
    expect(await erasing.worker().process(id)).toBe('done');
    expect(world.google.liveMeetings()).toEqual([]);
    expect(await tablesHolding(world.db, ...everythingOf('p-7'), 'anne@account.example')).toEqual([]);
  });

  it('on the due date the rest is given up, and the receipt says so', async () => {
    world.visitors.clear();
    const id = await erasing.erase('p-7');
    await world.settleAll();
    world.clock.pass(30 * DAY);
    expect(await erasing.worker().process(id)).toBe('done');
    expect(await tablesHolding(world.db, ...everythingOf('p-7'))).toEqual([]);
    expect((await receiptOf(id)).leftAtProvider).toMatchObject({ meetings: 2, why: expect.stringContaining('owner') });
    expect(await world.visit('p-7', 'anne')).toBe(0);
    expect(world.google.liveMeetings()).toHaveLength(2);
  });

  it('the parents hear that there is no video; a later event makes none in the account; a colleague can take over', async () => {
    const before = world.mails.length;
    const id = await erasing.erase('p-7');
    await world.settleAll();
    await erasing.worker().process(id);
    await world.sendAll();
    expect(
      world.mails
        .slice(before)
        .map(({ to }) => to.name)
        .sort(),
    ).toEqual(['Name of p-31', 'Name of p-32']);
    await world.take(slot().version(2).told('2026-11-22T09:00:00Z').parents('p-31').wanting('google-meet'));
    await world.settleAll();
    expect((await world.view()).status).toBe('removed');
    expect(await tablesHolding(world.db, 'p-7')).toEqual([]);
    world.visitors.set('p-8', 'bob');
    await world.take(
      slot().version(3).told('2026-11-22T09:00:01Z').teacher('p-8').parents('p-31').wanting('google-meet'),
    );
    await world.settleAll();
    expect((await world.view()).joinable).toBe(true);
  });
});

describe('R14 a crash at any step', () => {
  beforeEach(async () => {
    world.visitors.set('p-7', 'anne');
    await world.take(slot().parents('p-31').wanting('google-meet'));
    await world.settleAll();
  });
  const died = new Error('killed');
  const dying = () => Promise.reject(died);

  it.each<[string, () => Parameters<Erasing['worker']>[0], boolean]>([
    ['in the middle of the database’s step', () => ({ planNotices: dying }), false],
    ['before the ledger is written', () => ({ ledger: { append: dying } }), true],
    [
      'after the ledger was written',
      () => ({ ledger: { append: async (erasure) => erasing.ledger.append(erasure).then(dying) } }),
      true,
    ],
    [
      'before the receipt',
      () => ({
        signing: {
          ...erasing.signing,
          get privateKey(): never {
            throw died;
          },
        },
      }),
      true,
    ],
  ])('%s goes on and ends done', async (_name, parts, isErased) => {
    const id = await erasing.ask('p-7');
    world.visitors.set('p-7', 'anne');
    await expect(
      (async () => {
        await erasing.worker(parts()).process(id);
        await world.settleAll();
        await erasing.worker(parts()).process(id);
      })(),
    ).rejects.toThrow('killed');
    expect((await erasing.row(id)).erasedAt !== null).toBe(isErased);
    await erasing.worker().process(id);
    await world.settleAll();
    await erasing.worker().process(id);
    expect((await erasing.row(id)).state).toBe('done');
    expect((await erasing.ledger.entries()).map(({ what }) => what)).toEqual(['erased', 'done']);
    expect((await receiptOf(id)).ledgerSequence).toBe(1);
    expect(await tablesHolding(world.db, ...everythingOf('p-7'))).toEqual([]);
    expect(await world.db.query(`select 1 from dispatches where queue = 'erasures'`)).toEqual([]);
  });

  it('two workers at once do it once', async () => {
    const ids = await Promise.all(['p-7', 'p-31'].map((person) => erasing.ask(person)));
    await Promise.all([...ids, ...ids].map((id) => erasing.worker().process(id)));
    await world.settleAll();
    await Promise.all([...ids, ...ids].map((id) => erasing.worker().process(id)));
    expect((await erasing.ledger.entries()).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    for (const id of ids) expect((await erasing.row(id)).state).toBe('done');
  });
});
