import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { meetingUrlOf, parkedSince, providerKey, retryConference, type MeetingState } from '#libs/conferences';
import { Secret } from '#libs/encryption';
import { TIMERS } from '#libs/platform';
import { ProviderError, type ProviderName } from '#libs/providers';
import { anEvent, instantAt } from '../factories/an-event.js';
import { World } from '../support/world.js';

// Real: Postgres, sealing, intake, notices, claims. Fake: providers, logins, the clock.

let world: World;
beforeEach(async () => {
  world = await World.open();
  world.visitors.set('p-7', 'anne');
});
afterEach(() => world.close());

const meetings = async () => (await world.slot()).meetings;
const last = async () => (await meetings()).at(-1)!;
const ready = async (provider: ProviderName = 'google-meet') => {
  await world.take(anEvent().at('19:10').parents('p-1').wanting(provider));
  await world.settleAll();
  return last();
};
const access = { accessToken: new Secret('anne'), signal: new AbortController().signal };
const late = (meeting: MeetingState) => ({
  key: providerKey(world.index, meeting.id),
  place: null,
  id: null,
  start: instantAt('19:10'),
  end: instantAt('19:20'),
  timeZone: 'Europe/Amsterdam',
  title: 'Parent meeting',
});
const lend = () => ({ subject: 'anne', email: 'anne@account.example' });
const url = async () => {
  const meeting = await last();
  await world.in('s-1', (em) => world.keys.load(em, [{ school: 's-1' }]));
  return meetingUrlOf(world.keys, meeting);
};

describe('P2 what a frozen worker may have called is looked for', () => {
  it('its late update is brought back to the wish, one claim after its claim was taken', async () => {
    const { id } = await ready('microsoft-teams');
    await world.take(anEvent().version(2).at('20:00').parents('p-1'));
    // Somebody claims, and freezes; another takes over when the claim is over.
    expect(await world.work.begin(id, lend)).toMatchObject({ kind: 'work' });
    world.clock.pass(TIMERS.claimMs);
    expect(await world.settle(id)).toBe('settled');
    const [made] = world.teams.liveMeetings();
    Object.assign(made!, { start: instantAt('19:10'), end: instantAt('19:20') });
    const { verifyAt } = await last();
    expect(verifyAt).toEqual(new Date(world.clock.now().getTime() + TIMERS.claimMs));
    await world.settleAll();
    expect(world.clock.now().getTime()).toBeGreaterThanOrEqual(verifyAt!.getTime());
    expect(world.teams.liveMeetings()).toMatchObject([{ start: instantAt('20:00') }]);
    expect(await last()).toMatchObject({ state: 'settled', verifyAt: null, generation: 1 });
  });

  it('a removal counts after a second one by key: what was made again meanwhile goes too', async () => {
    const meeting = await ready('microsoft-teams');
    await world.take(anEvent().version(2).at('19:10').parents('p-1').cancelled());
    expect(await world.work.begin(meeting.id, lend)).toMatchObject({ kind: 'work' });
    world.clock.pass(TIMERS.claimMs);
    expect(await world.settle(meeting.id)).toBe('removed-once');
    expect(await world.view()).toMatchObject({ status: 'removing', joinable: false });
    await world.teams.create(access, late(meeting));
    expect(world.teams.liveMeetings()).toHaveLength(1);
    await world.settleAll();
    expect(world.teams.liveMeetings()).toEqual([]);
    expect(await last()).toMatchObject({ state: 'gone', verifyAt: null });
    expect(await world.view()).toMatchObject({ status: 'removed' });
  });

  it('a worker that wakes up after its claim calls nobody', async () => {
    await world.take(anEvent().at('19:10').parents('p-1').wanting('google-meet'));
    const { id } = await last();
    const openPlace = world.google.openPlace.bind(world.google);
    jest.spyOn(world.google, 'openPlace').mockImplementationOnce(async (...given) => {
      const place = await openPlace(...given);
      world.clock.pass(TIMERS.claimMs);
      return place;
    });
    expect(await world.settle(id)).toBe('waiting');
    expect(world.google.calls.map(({ operation }) => operation)).toEqual(['openPlace']);
    await world.settleAll();
    expect(world.google.liveMeetings()).toHaveLength(1);
  });

  it('the calendar of whoever was first is used, though a frozen worker made another', async () => {
    await world.take(anEvent().at('19:10').parents('p-1').wanting('google-meet'));
    const begun = await world.work.begin((await last()).id, lend);
    if (begun.kind !== 'work') throw new Error('It was not claimed.');
    world.clock.pass(TIMERS.claimMs);
    await world.settleAll();
    const [made] = world.google.liveMeetings();
    const place = await world.work.savePlace(begun.work, new Secret('another'));
    expect(place?.reveal()).toBe(made!.place);
  });
});

describe('P9 an owner’s visit asks whether the meeting is still as made', () => {
  it('a lobby that somebody opened is closed again, and the meeting stays ready', async () => {
    await ready('microsoft-teams');
    const before = await url();
    world.teams.liveMeetings()[0]!.settingsHold = false;
    await world.visit('p-7', 'anne', 'microsoft-teams');
    expect(await world.view()).toMatchObject({ status: 'ready', joinable: true });
    await world.settleAll();
    expect(world.teams.liveMeetings()).toMatchObject([{ settingsHold: true }]);
    expect(await url()).toBe(before);
  });

  it('an event that was moved by hand is moved back', async () => {
    await ready();
    world.google.liveMeetings()[0]!.start = instantAt('18:00');
    await world.visit('p-7', 'anne');
    await world.settleAll();
    expect(world.google.liveMeetings()).toMatchObject([{ start: instantAt('19:10') }]);
  });

  it('one that is said not to be there, by mistake, is not left behind beside the new one', async () => {
    await ready();
    world.google.script('read', {
      kind: 'error',
      error: new ProviderError('not-found', 'not-found', { status: 404 }),
    });
    await world.visit('p-7', 'anne');
    await world.settleAll();
    expect(world.google.meetings).toHaveLength(2);
    expect(world.google.liveMeetings()).toHaveLength(1);
    expect(await world.view()).toMatchObject({ status: 'ready', joinable: true });
  });

  it('a deleted one is made anew, with another URL behind the same join link, and nobody is told', async () => {
    await ready();
    const before = await url();
    const links = await world.db.query('select token_hash from join_links');
    await world.sendAll();
    expect(world.mails).toHaveLength(1);
    world.google.liveMeetings()[0]!.deleted = true;
    await world.visit('p-7', 'anne');
    await world.settleAll();
    expect(world.google.liveMeetings()).toHaveLength(1);
    expect(await last()).toMatchObject({ generation: 2, state: 'settled' });
    expect(await url()).not.toBe(before);
    expect(await world.view()).toMatchObject({ status: 'ready', joinable: true });
    expect(await world.db.query('select token_hash from join_links')).toEqual(links);
    await world.sendAll();
    expect(world.mails).toHaveLength(1);
  });

  it('reads again after 20 seconds at the soonest, whoever asks, and never what is over', async () => {
    await ready();
    const reads = () => world.google.calls.filter(({ operation }) => operation === 'read').length;
    await world.visit('p-7', 'anne');
    await world.settleAll();
    expect(reads()).toBe(1);
    const { verifiedAt } = await last();
    await world.visit('p-7', 'anne');
    await world.visit('p-7', 'anne');
    const due = await world.db.query<{ due_at: Date }>(`select due_at from dispatches where queue = 'google-meet'`);
    expect(due).toEqual([{ due_at: new Date(verifiedAt!.getTime() + 20_000) }]);
    // An open page that says so again costs no write.
    const rowVersions = () =>
      world.db.query('select m.xmin, d.xmin as due from meetings m join dispatches d on d.subject_id = m.id');
    const before = await rowVersions();
    expect(before).toHaveLength(1);
    await world.visit('p-7', 'anne');
    expect(await rowVersions()).toEqual(before);
    // It is not forgotten: what was deleted just after a look is found by the next one.
    world.google.liveMeetings()[0]!.deleted = true;
    await world.settleAll();
    expect(world.google.liveMeetings()).toHaveLength(1);
    expect(reads()).toBe(2);
    world.clock.instant = instantAt('19:20');
    await world.visit('p-7', 'anne');
    await world.settleAll();
    expect(reads()).toBe(2);
  });

  it('the longer it has been right, the seldomer an open page lets it be read, ten minutes at most', async () => {
    await ready();
    const gaps: number[] = [];
    for (let look = 0; look < 14; look += 1) {
      await world.visit('p-7', 'anne');
      const [due] = await world.db.query<{ due_at: Date }>(`select due_at from dispatches where queue = 'google-meet'`);
      const last = world.clock.instant;
      world.clock.instant = due!.due_at > last ? due!.due_at : last;
      await world.settleAll();
      gaps.push((world.clock.instant.getTime() - last.getTime()) / 1_000);
    }
    expect(gaps.slice(0, 4)).toEqual([0, 20, 20, 20]);
    expect(gaps.at(-1)).toBe(600);
    expect(gaps.every((gap, look) => look === 0 || gap >= gaps[look - 1]!)).toBe(true);
  });

  it('a page that is loaded asks now; one that is open asks the sooner, the sooner it begins', async () => {
    await ready();
    const dueIn = async (wait: number, loadsPage = false) => {
      await world.db.query(`delete from dispatches where queue = 'google-meet'`);
      const now = world.clock.now().getTime();
      // Right for an hour, and looked at some seconds ago.
      await world.db.query(`update meetings set settled_at = $1, verified_at = $2`, [
        new Date(now - wait - 3_600_000),
        new Date(now - wait),
      ]);
      await world.visit('p-7', 'anne', 'google-meet', loadsPage);
      const [due] = await world.db.query<{ due_at: Date }>(`select due_at from dispatches where queue = 'google-meet'`);
      return (due!.due_at.getTime() - now) / 1_000;
    };
    world.clock.instant = instantAt('12:00');
    expect(await dueIn(5_000)).toBe(595);
    expect(await dueIn(5_000, true)).toBe(15);
    expect(await dueIn(30_000, true)).toBe(0);
    world.clock.instant = instantAt('18:55');
    expect(await dueIn(5_000)).toBe(295);
    world.clock.instant = instantAt('19:12');
    expect(await dueIn(5_000)).toBe(55);
    // A page that is loaded hastens what an open one had put off.
    world.clock.instant = instantAt('12:00');
    await dueIn(30_000);
    await world.visit('p-7', 'anne', 'google-meet', true);
    expect(await world.db.query(`select due_at from dispatches where queue = 'google-meet'`)).toEqual([
      { due_at: world.clock.now() },
    ]);
  });

  it('who tries a ready slot again has it looked at now', async () => {
    await ready();
    await world.visit('p-7', 'anne');
    await world.settleAll();
    world.google.liveMeetings()[0]!.deleted = true;
    const deps = { index: world.index, now: world.clock.now() };
    await world.in('s-1', (em) =>
      retryConference(
        em,
        deps,
        { schoolId: 's-1', timeslotId: 't-1' },
        { personId: 'p-7', schoolId: 's-1', isAdmin: false },
      ),
    );
    const [due] = await world.db.query(`select due_at, routine from dispatches where queue = 'google-meet'`);
    expect(due).toEqual({ due_at: world.clock.now(), routine: false });
    await world.settleAll();
    expect(world.google.liveMeetings()).toHaveLength(1);
  });

  it('a look for which no token is taken waits for a visit, which then does not lend the same one again', async () => {
    await ready();
    const lentAt = world.clock.now();
    const owner = {
      personId: 'p-7',
      provider: 'google-meet' as const,
      accountIndex: world.accountIndex('google-meet', 'anne'),
    };
    const isWorthless = () => world.in('s-1', (em) => parkedSince(em, owner, lentAt));
    world.google.rejectToken('anne');
    world.clock.pass(1_000);
    await world.visit('p-7', 'anne');
    expect(await isWorthless()).toBe(false);
    await world.settleAll();
    expect(await world.view()).toMatchObject({ status: 'ready', joinable: true });
    expect(await world.db.query(`select 1 from dispatches where queue = 'google-meet'`)).toEqual([]);
    expect(await isWorthless()).toBe(true);
    world.google.liveMeetings()[0]!.deleted = true;
    world.google.acceptToken('anne');
    await world.visit('p-7', 'anne');
    await world.settleAll();
    expect(world.google.liveMeetings()).toHaveLength(1);
    expect(await isWorthless()).toBe(false);
  });

  it('looks that took their workers down end, come again another time, and do not count against a wish', async () => {
    const { id } = await ready();
    const interrupt = async () => {
      await world.visit('p-7', 'anne');
      world.clock.pass(TIMERS.claimMs + 1);
      const begun = await world.work.begin(id, lend);
      world.clock.pass(TIMERS.claimMs + 1);
      return begun.kind;
    };
    const kinds: string[] = [];
    while (kinds.length < 20 && kinds.at(-1) !== 'poison') kinds.push(await interrupt());
    // A claim that was taken from somebody is looked at when that one's time is over.
    expect(kinds.filter((kind) => kind !== 'nothing-to-do')).toEqual([...Array<string>(5).fill('work'), 'poison']);
    expect(await last()).toMatchObject({ state: 'settled', starts: 0 });
    for (let look = 0; look < 4; look += 1) await interrupt();
    expect((await last()).starts).toBeGreaterThan(0);
    await world.take(anEvent().version(2).at('20:00').parents('p-1'));
    expect(await last()).toMatchObject({ state: 'pending', starts: 0 });
    await world.settleAll();
    expect(world.google.liveMeetings()).toMatchObject([{ start: instantAt('20:00') }]);
  });

  it.each([
    ['unavailable', new ProviderError('unavailable', 'server-error')],
    ['limited', new ProviderError('rate-limited', 'rate-limit', { until: instantAt('12:00'), scope: 'account' })],
    ['login ended', new ProviderError('login-required', 'scope-missing')],
    ['refused', new ProviderError('refused', 'blocked-by-admin')],
  ])('a look that fails changes nothing that anybody sees: %s', async (_, error) => {
    await ready();
    world.google.script('read', { kind: 'error', error });
    await world.visit('p-7', 'anne');
    const [due] = await world.db.query<{ subject_id: string }>(
      `select subject_id from dispatches where queue = 'google-meet'`,
    );
    expect(await world.settle(due!.subject_id)).toBe('verify-later');
    expect(await world.view()).toMatchObject({ status: 'ready', joinable: true, reason: null });
    await world.settleAll();
    expect(await world.db.query(`select 1 from dispatches where queue = 'google-meet'`)).toEqual([]);
  });

  it('a visit with another account asks nothing', async () => {
    await ready();
    await world.visit('p-7', 'other');
    expect(await world.db.query(`select 1 from dispatches where queue = 'google-meet'`)).toEqual([]);
  });
});
