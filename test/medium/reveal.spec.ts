import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hashOfToken, joinTokensOf, lookAtJoinLink, revealMeeting } from '#libs/conferences';
import { schoolsOf } from '#libs/database';
import { aPersonLeft, aSchoolChanged, anEvent, instantAt } from '../factories/an-event.js';
import { World } from '../support/world.js';

// Real: Postgres, intake, meetings, notices. Fake: provider, clock.

let world: World;
let token: string;
beforeEach(async () => {
  world = await World.open();
  world.visitors.set('p-7', 'anne');
  await world.take(anEvent().at('19:10').parents('p-1', 'p-2').wanting('google-meet'));
  await world.settleAll();
  token = await tokenOf('p-1');
  world.clock.instant = instantAt('19:05');
});
afterEach(() => world.close());

const tokenOf = async (person: string) =>
  (await world.in('s-1', (em) => joinTokensOf(em, world.keys, 's-1', person, ['t-1']))).get('t-1')!;
const deps = () => ({ keys: world.keys, index: world.index, now: world.clock.now() });
const behind = (one: string) => schoolsOf.joinLink(hashOfToken(one));
const look = (caller: { schoolId: string; personId: string } | null = null, one = token) =>
  world.db.database.transaction(behind(one), (em) => lookAtJoinLink(em, deps(), one, caller));
const reveal = (caller: { schoolId: string; personId: string } | null = null, one = token) =>
  world.db.database.transaction(behind(one), (em) => revealMeeting(em, deps(), one, caller));
const everything = async () =>
  JSON.stringify(await world.db.query('select * from timeslot_parents order by person_id'));
const url = () => world.google.liveMeetings()[0]!.url;

describe('P5 the URL is revealed just in time', () => {
  it('looking changes nothing, whatever the state', async () => {
    const before = await everything();
    for (const time of ['18:00', '19:05', '20:30']) {
      world.clock.instant = instantAt(time);
      expect(await look()).not.toBeNull();
    }
    expect(await everything()).toBe(before);
  });

  it.each([
    ['18:59', 'early'],
    ['19:00', 'open'],
    ['19:15', 'open'],
    ['19:50', 'open'],
    ['19:51', 'over'],
  ])('at %s it is %s', async (time, kind) => {
    world.clock.instant = instantAt(time);
    const shown = await reveal();
    expect(shown!.view.state.kind).toBe(kind);
    expect(shown!.url).toBe(kind === 'open' ? url() : null);
  });

  it('always, where the school says so', async () => {
    await world.take(aSchoolChanged('s-1', { time: '2026-11-21T08:00:00Z', revealMinutes: null }));
    world.clock.instant = instantAt('08:00');
    expect((await reveal())!.url).toBe(url());
  });

  it('knows no other token', async () => {
    expect(await look(null, 'x')).toBeNull();
    expect(await reveal(null, `${token}x`)).toBeNull();
  });

  it('asks for the very person where the school wants that', async () => {
    await world.take(aSchoolChanged('s-1', { time: '2026-11-21T08:00:00Z', joinRequiresSignIn: true }));
    for (const caller of [null, { schoolId: 's-1', personId: 'p-2' }, { schoolId: 's-2', personId: 'p-1' }])
      expect(await reveal(caller)).toMatchObject({ view: { state: { kind: 'sign-in' } }, url: null });
    expect((await reveal({ schoolId: 's-1', personId: 'p-1' }))!.url).toBe(url());
  });

  it('shows no URL of a cancelled slot or one that is no longer wanted', async () => {
    await world.take(anEvent().version(2).at('19:10').parents('p-1').cancelled());
    expect(await reveal()).toMatchObject({ view: { state: { kind: 'cancelled' } }, url: null });
    await world.take(anEvent().version(3).at('19:10').parents('p-1').notWanting());
    expect(await reveal()).toMatchObject({ view: { state: { kind: 'removed' } }, url: null });
  });
});

describe('P5 unassigning kills the link at once', () => {
  it.each([
    ['taken off the slot', () => world.take(anEvent().version(2).at('19:10').parents('p-2'))],
    ['gone from the school', () => world.take(aPersonLeft('p-1', { time: '2026-11-21T08:00:00Z' }))],
  ])('%s', async (_, leave) => {
    await leave();
    expect(await look()).toBeNull();
    expect(await reveal()).toBeNull();
    expect((await reveal(null, await tokenOf('p-2')))!.url).toBe(url());
  });

  it('no unassigning comes between the check and the note: whoever was shown it makes it rotate', async () => {
    const [shown] = await Promise.all([reveal(), world.take(anEvent().version(2).at('19:10').parents('p-2'))]);
    const { meetings } = await world.slot();
    expect(meetings[0]!.retired).toBe(shown !== null && shown.url !== null);
  });
});

describe('P3 after a reveal, another family gets another URL', () => {
  it('the new one first, behind the same join links', async () => {
    const old = url();
    const [kept, link] = [await tokenOf('p-2'), (await reveal())!.url];
    expect(link).toBe(old);
    await world.take(anEvent().version(2).at('19:10').parents('p-2'));
    expect((await reveal(null, kept))!.url).toBe(old);
    await world.settleAll();
    world.clock.instant = instantAt('19:05');
    expect(world.google.liveMeetings()).toHaveLength(1);
    expect((await reveal(null, await tokenOf('p-2')))!.url).toBe(url());
    expect(await tokenOf('p-2')).toBe(kept);
    expect(url()).not.toBe(old);
  });
});

describe('P8 each parent hears once', () => {
  const mails = async () => {
    await world.sendDue();
    return (
      await world.db.query<{ person_id: string; kind: string; sequence: number }>(
        `select person_id, kind, sequence from deliveries where channel = 'email' order by created_at, sequence, person_id`,
      )
    ).map(({ person_id, kind, sequence }) => `${person_id} ${kind} ${sequence}`);
  };
  beforeEach(() => void (world.clock.instant = instantAt('10:00')));

  it('when it is ready, and per change that a parent can see; never for a new URL', async () => {
    expect(await mails()).toEqual(['p-1 ready 0', 'p-2 ready 0']);
    await world.take(anEvent().version(2).at('19:10').parents('p-1', 'p-2'));
    await world.take(anEvent().version(3).at('19:40').parents('p-1', 'p-2'));
    await world.settleAll();
    expect((await mails()).slice(2)).toEqual(['p-1 changed 1', 'p-2 changed 1']);
    await world.take(anEvent().version(4).at('19:40').parents('p-1', 'p-2').cancelled());
    await world.take(anEvent().version(5).at('19:40').parents('p-1', 'p-2').cancelled());
    await world.settleAll();
    expect((await mails()).slice(4)).toEqual(['p-1 cancelled 2', 'p-2 cancelled 2']);
    await world.take(anEvent().version(6).at('19:40').parents('p-1', 'p-2'));
    await world.settleAll();
    expect((await mails()).slice(6)).toEqual(['p-1 planned-again 3', 'p-2 planned-again 3']);
  });

  it('programs hear of the slot once per status and version', async () => {
    const told = async () =>
      (
        await world.db.query<{ kind: string }>(
          `select kind from deliveries where channel = 'webhook' order by sequence`,
        )
      ).map(({ kind }) => kind);
    expect(await told()).toEqual(['ready']);
    await world.take(anEvent().version(2).at('19:40').parents('p-1', 'p-2'));
    await world.settleAll();
    await world.take(anEvent().version(3).at('19:40').notWanting());
    await world.settleAll();
    expect(await told()).toEqual(['ready', 'changed', 'removed']);
  });
});
