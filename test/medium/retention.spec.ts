import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  cleanUpEvenings,
  deleteOldRows,
  expirePeople,
  expiringAt,
  joinTokensOf,
  lookAtJoinLink,
} from '#libs/conferences';
import { EVERY_SCHOOL } from '#libs/database';
import { planErasureAlarms, planOwnerCare, planPrivacyMails } from '#libs/notifications';
import { aPersonChanged, aPersonLeft, aSchoolChanged, anEvent } from '../factories/an-event.js';
import { Erasing, tablesHolding } from '../support/erasing.js';
import { World } from '../support/world.js';

// Real: Postgres, intake, meetings, notices, mails' texts. Fake: provider, mail server, clock.

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

const parts = () => ({ database: world.db.database, keys: world.keys, index: world.index });
const expire = () =>
  expirePeople(parts(), world.clock.now(), (em, schoolId) =>
    planPrivacyMails(em, world.keys, schoolId, 'retention-notice', world.clock.now()),
  );
const workErasures = async () => {
  for (const { id } of await world.db.query<{ id: string }>('select id from erasures'))
    await erasing.worker().process(id);
};
const people = async () =>
  (await world.db.query<{ id: string }>('select id from people order by id')).map(({ id }) => id);
const privacyContact = { id: 'p-2', name: 'Kim', email: 'kim@school.example', locale: 'nl', role: 'privacy' as const };

describe('R15 who has had no school for two years is deleted without asking', () => {
  beforeEach(async () => {
    await world.take(
      aSchoolChanged('s-1', { contacts: [privacyContact] }),
      anEvent().parents('p-31', 'p-32').at('19:10'),
      aPersonChanged('p-5'),
      aPersonLeft('p-31', { time: '2026-11-21T00:00:00Z' }),
    );
  });

  it('a month after the school was told, and nobody sooner', async () => {
    world.clock.pass(690 * DAY);
    expect(await expire()).toEqual({ noticed: 0, deleted: 0 });
    world.clock.pass(20 * DAY);
    expect(await expire()).toEqual({ noticed: 4, deleted: 0 });
    await world.sendDue();
    expect(world.mails.filter(({ to }) => to.name === 'Kim').map(({ subject }) => subject)).toEqual([
      '4 personen worden verwijderd',
    ]);
    expect(JSON.stringify(world.mails.at(-1))).not.toContain('p-31');
    world.clock.pass(15 * DAY);
    expect(await expire()).toEqual({ noticed: 0, deleted: 0 });
    // Named again: whoever is in a slot has a school.
    await world.take(
      anEvent()
        .version(2)
        .told('2028-11-10T08:00:00Z')
        .parents('p-32')
        .from(world.clock.now(), new Date(world.clock.now().getTime() + 600_000)),
    );
    world.clock.pass(20 * DAY);
    expect(await expire()).toEqual({ noticed: 0, deleted: 2 });
    await workErasures();
    expect(await people()).toEqual(['p-32', 'p-7']);
    expect(await tablesHolding(world.db, 'p-31', 'Name of p-31', 'Name of p-5')).toEqual([]);
    expect(await world.db.query(`select 1 from erasures where cause = 'retention' and state = 'done'`)).toHaveLength(2);
    const lines = await erasing.ledger.entries();
    expect(lines.map(({ what }) => what)).toEqual(['erased', 'done', 'erased', 'done']);
  });

  it('a dry run changes nothing and says when', async () => {
    world.clock.pass(800 * DAY);
    const before = await world.db.query('select * from people order by id');
    const expiring = await world.in('s-1', (em) => expiringAt(em, world.keys, 's-1', world.clock.now()));
    expect(expiring.map(({ personId, isNoticed }) => [personId, isNoticed])).toEqual([
      ['p-31', false],
      ['p-32', false],
      ['p-5', false],
      ['p-7', false],
    ]);
    // Whoever was not announced is announced first.
    for (const { expiresAt } of expiring) expect(expiresAt.getTime()).toBe(world.clock.now().getTime() + 30 * DAY);
    expect(await world.db.query('select * from people order by id')).toEqual(before);
  });

  it('each school counts by itself', async () => {
    world.clock.pass(500 * DAY);
    await world.take(aPersonChanged('p-5', { school: 's-2', time: world.clock.now().toISOString() }));
    world.clock.pass(210 * DAY);
    expect((await expire()).noticed).toBe(4);
    expect(await world.db.query(`select 1 from people where school_id = 's-2' and expires_at is not null`)).toEqual([]);
  });
});

describe('R15 what only tells what was ends with its period', () => {
  it('events seen after 28 days, messages after 90, slots after two years', async () => {
    world.visitors.set('p-7', 'anne');
    await world.take(anEvent().parents('p-31').wanting('google-meet'));
    await world.settleAll();
    await world.sendAll();
    const count = async (table: string) => (await world.db.query(`select 1 from ${table}`)).length;
    const run = () => world.db.database.transaction(EVERY_SCHOOL, (em) => deleteOldRows(em, world.clock.now()));
    expect(await run()).toBe(0);
    world.clock.pass(29 * DAY);
    await run();
    expect([await count('inbox'), (await count('deliveries')) > 0]).toEqual([0, true]);
    world.clock.pass(70 * DAY);
    await run();
    expect([await count('deliveries'), await count('timeslots')]).toEqual([0, 1]);
    world.clock.pass(700 * DAY);
    await cleanUpEvenings(parts(), world.clock.now());
    await run();
    for (const table of ['timeslots', 'timeslot_parents', 'conferences', 'meetings', 'join_links', 'evenings'])
      expect([table, await count(table)]).toEqual([table, 0]);
  });
});

describe('R15 some days after an evening', () => {
  let token: string;
  beforeEach(async () => {
    world.visitors.set('p-7', 'anne');
    await world.take(anEvent().at('19:10').parents({ id: 'p-31', about: 'Deniz' }).wanting('google-meet'));
    await world.settleAll();
    await world.sendAll();
    token = (await world.in('s-1', (em) => joinTokensOf(em, world.keys, 's-1', 'p-31', ['t-1']))).get('t-1')!;
    world.visitors.clear();
  });
  const look = () =>
    world.in('s-1', (em) =>
      lookAtJoinLink(em, { keys: world.keys, index: world.index, now: world.clock.now() }, token, null),
    );
  const clean = () => cleanUpEvenings(parts(), world.clock.now());

  it('URL, join link and first name go; our own item goes at the owner’s next visit, and nobody is nagged', async () => {
    world.clock.pass(8 * DAY);
    expect(await look()).not.toBeNull();
    expect(await clean()).toBe(0);
    world.clock.pass(2 * DAY);
    expect(await clean()).toBe(1);
    expect(await clean()).toBe(0);
    expect(await look()).toBeNull();
    const [parent] = (await world.slot()).parents;
    expect(parent).toMatchObject({ aboutSealed: null, told: null, heard: null, revealedId: null });
    expect((await world.view()).status).toBe('over');
    const [meeting] = (await world.slot()).meetings;
    expect(meeting).toMatchObject({ urlIndex: null, accountSealed: null });
    await world.settleAll();
    world.clock.pass(DAY);
    expect(await planOwnerCare(parts(), world.clock.now())).toBe(0);
    expect(world.google.liveMeetings()).toHaveLength(1);
    expect(await world.visit('p-7', 'anne')).toBe(1);
    await world.settleAll();
    expect(world.google.liveMeetings()).toEqual([]);
    expect((await world.slot()).meetings[0]).toMatchObject({ state: 'gone', madeSealed: null });
  });

  it('a removal that waited for 60 days is given up, and nothing leads there any more', async () => {
    world.clock.pass(10 * DAY);
    await clean();
    await world.settleAll();
    world.clock.pass(60 * DAY);
    await clean();
    expect((await world.slot()).meetings[0]).toMatchObject({
      state: 'gone',
      reason: 'left-at-provider',
      madeSealed: null,
      accountIndex: null,
      idIndex: null,
    });
  });

  it('an evening into which a slot is moved afterwards works, and is cleaned again', async () => {
    world.clock.pass(10 * DAY);
    await clean();
    world.visitors.set('p-7', 'anne');
    const start = new Date(world.clock.now().getTime() + DAY);
    await world.take(
      anEvent()
        .version(2)
        .told('2026-12-02T08:00:00Z')
        .parents('p-31')
        .from(start, new Date(start.getTime() + 600_000)),
    );
    await world.settleAll();
    expect((await world.view()).joinable).toBe(true);
    const mails = world.mails.length;
    await world.sendAll();
    expect(world.mails.length).toBeGreaterThan(mails);
    world.clock.pass(10 * DAY);
    expect(await clean()).toBe(1);
  });
});

describe('R14 an erasure that takes long is told', () => {
  it('to ops and to the privacy contacts, at day 20 and at day 27, once each', async () => {
    world.visitors.set('p-7', 'anne');
    await world.take(aSchoolChanged('s-1', { contacts: [privacyContact] }), anEvent().wanting('google-meet'));
    await world.settleAll();
    world.visitors.clear();
    await erasing.erase('p-7');
    const alarms = () => world.in('s-1', (em) => planErasureAlarms(em, world.keys, world.clock.now()));
    world.clock.pass(19 * DAY);
    expect(await alarms()).toEqual([]);
    world.clock.pass(1 * DAY);
    expect(await alarms()).toMatchObject([{ day: 20, waiting: 1 }]);
    expect(await alarms()).toEqual([]);
    world.clock.pass(7 * DAY);
    expect(await alarms()).toMatchObject([{ day: 27, waiting: 1 }]);
    await world.sendDue();
    const mails = world.mails.filter(({ to }) => to.name === 'Kim');
    expect(mails.map(({ subject }) => subject)).toEqual(Array(2).fill('1 verzoek om vergetelheid nog niet afgerond'));
  });
});
