import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { conferenceRows, retryConference, takeOver } from '#libs/conferences';
import { ProviderError } from '#libs/providers';
import { rowJson } from '../../apps/api/src/conferences/row-json.js';
import { anEvent } from '../factories/an-event.js';
import { World } from '../support/world.js';

// Real: Postgres, intake, meetings, rows, notices. Fake: providers, receiver of events, clock.

let world: World;
beforeEach(async () => {
  world = await World.open();
  world.visitors.set('p-7', 'anne');
  await world.take(
    anEvent().at('19:10').parents('p-1').wanting('google-meet'),
    anEvent().timeslot('t-2').teacher('p-8'),
  );
  await world.settleAll();
  await world.sendAll();
  world.google.script('remove', { kind: 'error', error: new ProviderError('refused', 'blocked-by-admin') });
});
afterEach(() => world.close());

const row = async (viewerId = 'p-9') =>
  rowJson(
    (
      await world.in('s-1', async (em) =>
        conferenceRows(em, { ...deps(), keys: world.keys }, 's-1', [await world.slot()], viewerId),
      )
    )[0]!,
    viewerId,
  );
const deps = () => ({ index: world.index, now: world.clock.now() });
const cancel = async () => {
  await world.take(anEvent().version(2).at('19:10').parents('p-1').cancelled().wanting('google-meet'));
  await world.settleAll();
};
const retry = (personId: string) =>
  world.in('s-1', async (em) => {
    const ref = { schoolId: 's-1', timeslotId: 't-1' };
    const slots = await retryConference(em, deps(), ref, { schoolId: 's-1', personId, isAdmin: false });
    await world.notices.plan(em, slots, world.clock.now());
  });
const takenOver = async () => {
  world.visitors.set('p-8', 'bo');
  await world.in('s-1', async (em) => {
    const caller = { schoolId: 's-1', personId: 'p-8' };
    const slots = await takeOver(em, deps(), caller, { timeslotId: 't-1' }, 'p-7', 'microsoft-teams');
    await world.notices.plan(em, slots, world.clock.now());
  });
  await world.settleAll();
};
const eventsAfter = async (work: () => Promise<unknown>) => {
  await world.sendAll();
  const before = world.events.length;
  await work();
  await world.settleAll();
  await world.sendAll();
  return world.events.slice(before).map(({ type, data }) => [type.split('.')[2], data.status, data.joinable]);
};

describe('P7 a removal that the provider refuses is told to who can act', () => {
  it('of a cancelled slot: the row says why, in whose account, and what helps', async () => {
    expect(await eventsAfter(cancel)).toEqual([['failed', 'removing', false]]);
    expect(await row()).toMatchObject({
      status: 'removing',
      joinable: false,
      owner: { id: 'p-7', name: 'Name of p-7', account: 'anne@account.example' },
      reason: 'blocked-by-admin',
      action: 'ask-admin',
    });
    expect(await eventsAfter(() => retry('p-7'))).toEqual([['removed', 'removed', false]]);
    expect(await row()).not.toHaveProperty('reason');
    expect(world.google.liveMeetings()).toEqual([]);
  });

  it('of a slot that was taken over: it stays ready, and says what is left; its old owner can try again', async () => {
    expect(await eventsAfter(takenOver)).toEqual([['failed', 'ready', true]]);
    expect(world.google.liveMeetings()).toHaveLength(1);
    const said = await row();
    expect(said).toMatchObject({ status: 'ready', joinable: true, provider: 'microsoft-teams' });
    expect(said).toMatchObject({ owner: { id: 'p-8' }, reason: 'blocked-by-admin', action: 'ask-admin' });
    // Whoever only owned it once may try again, and nothing else.
    await expect(retry('p-9')).rejects.toThrow('not yours');
    expect(await eventsAfter(() => retry('p-7'))).toEqual([['ready', 'ready', true]]);
    expect(await row()).not.toHaveProperty('reason');
    expect(await row()).not.toHaveProperty('action');
    expect(world.google.liveMeetings()).toEqual([]);
  });

  it('refused once more, it is not told twice; a newer event tries again by itself', async () => {
    await takenOver();
    const refused = { kind: 'error', error: new ProviderError('refused', 'bad-request') } as const;
    world.google.script('remove', refused);
    expect(await eventsAfter(() => retry('p-8'))).toEqual([]);
    expect(await row()).toMatchObject({ status: 'ready', reason: 'bad-request', action: 'retry' });
    const moved = anEvent().version(2).at('19:30').parents('p-1').wanting('google-meet');
    expect(await eventsAfter(() => world.take(moved))).toEqual([['changed', 'ready', true]]);
    expect(await row()).not.toHaveProperty('reason');
    expect(world.google.liveMeetings()).toEqual([]);
  });

  it('what is wrong with the conference itself comes first', async () => {
    await takenOver();
    world.teams.script('update', { kind: 'error', error: new ProviderError('refused', 'no-licence') });
    await world.take(anEvent().version(2).at('19:30').parents('p-1').wanting('google-meet'));
    await world.settleAll();
    expect(await row()).toMatchObject({ status: 'failed', joinable: true, reason: 'no-licence', action: 'ask-admin' });
  });
});
