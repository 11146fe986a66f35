import { describe, expect, it } from '@jest/globals';
import { aMeeting, aSlot } from '../../../test/factories/a-slot.js';
import { instantAt } from '../../../test/factories/an-event.js';
import { joinState } from './join.js';
import { conferenceView, progressBucket, STATUSES } from './status.js';
import type { MeetingState } from './model.js';

const ready = () => aSlot().wanting().having(aMeeting().settled()).publishing();
const state = (slot: ReturnType<typeof ready>, time: string, more: object = {}, self = false) =>
  joinState(slot.build(), { revealMinutes: 10, joinRequiresSignIn: false, ...more }, instantAt(time), self).kind;

describe('P5 what a join link shows', () => {
  it.each([
    ['18:49', 'early'],
    ['18:50', 'open'],
    ['19:40', 'open'],
    ['19:41', 'over'],
  ])('at %s: %s', (time, kind) => expect(state(ready(), time)).toBe(kind));

  it('always open where the school says so, with nothing before and after', () => {
    for (const time of ['08:00', '19:05', '23:00']) expect(state(ready(), time, { revealMinutes: null })).toBe('open');
    expect(state(ready(), '18:59', { revealMinutes: 0 })).toBe('early');
  });

  it('cancelled and removed come before everything', () => {
    for (const time of ['08:00', '19:05', '23:00']) {
      expect(state(ready().cancelled(), time)).toBe('cancelled');
      expect(state(aSlot().wanting(null).having(aMeeting().settled()), time)).toBe('removed');
    }
  });

  it('is not ready without a published URL', () => {
    expect(state(aSlot(), '19:05')).toBe('not-ready');
    expect(state(aSlot().wanting().having(aMeeting()), '19:05')).toBe('not-ready');
  });

  it('asks for the very person, in the window only', () => {
    const ask = { joinRequiresSignIn: true };
    expect(state(ready(), '19:05', ask)).toBe('sign-in');
    expect(state(ready(), '19:05', ask, true)).toBe('open');
    expect(state(ready(), '08:00', ask)).toBe('early');
  });
});

describe('P1 P7 one word for the state of a slot', () => {
  const now = instantAt('18:00');
  const status = (slot: ReturnType<typeof aSlot>, at = now) => conferenceView(slot.build(), at);
  const made = (more: Partial<MeetingState>) => aSlot().wanting().having(aMeeting().with(more));
  const moving = (more: Partial<MeetingState>) =>
    aSlot().wanting().having(aMeeting().settled().with(more)).publishing();

  it.each<[ReturnType<typeof aSlot>, string | null, boolean]>([
    [aSlot(), null, false],
    [aSlot().wanting(), 'queued', false],
    [made({}), 'queued', false],
    [made({ failures: 1 }), 'creating', false],
    [made({ operation: 'create' }), 'creating', false],
    [made({ state: 'calling' }), 'creating', false],
    [made({ state: 'waiting', reason: 'conference-pending' }), 'creating', false],
    [made({ state: 'waiting', reason: 'network' }), 'retrying', false],
    [made({ state: 'parked' }), 'needs_owner', false],
    [made({ state: 'stuck' }), 'failed', false],
    [moving({}), 'ready', true],
    [moving({ state: 'pending' }), 'updating', true],
    [moving({ state: 'calling' }), 'updating', true],
    [moving({ state: 'waiting' }), 'retrying', true],
    [moving({ state: 'parked' }), 'needs_owner', true],
    [moving({ state: 'stuck' }), 'failed', true],
    [ready().cancelled(), 'removing', false],
    [
      aSlot()
        .wanting(null)
        .having(aMeeting().with({ state: 'gone' })),
      'removed',
      false,
    ],
    [
      aSlot()
        .wanting(null)
        .having(aMeeting().settled().unwished().with({ state: 'parked' })),
      'removing',
      false,
    ],
  ])('case %#', (slot, word, joinable) => expect(status(slot)).toMatchObject({ status: word, joinable }));

  it('a removal that is stuck says why, whatever the status; what is wrong with the conference comes first', () => {
    const left = () => aMeeting().settled().unwished().with({ state: 'stuck', reason: 'blocked-by-admin' });
    const replaced = (more: Partial<MeetingState>) =>
      aSlot().wanting().having(left(), aMeeting().generation(2).settled().with(more)).publishing(2);
    const said = { reason: 'blocked-by-admin', isRemovalStuck: true, removal: { generation: 1 } };
    expect(status(aSlot().wanting(null).having(left()))).toMatchObject({
      status: 'removing',
      joinable: false,
      ...said,
    });
    expect(status(replaced({}))).toMatchObject({ status: 'ready', joinable: true, shown: { generation: 2 }, ...said });
    expect(status(replaced({}), instantAt('20:00'))).toMatchObject({ status: 'over', ...said });
    const own = { reason: 'no-login', isRemovalStuck: false };
    expect(status(replaced({ state: 'parked', reason: 'no-login' }))).toMatchObject({ status: 'needs_owner', ...own });
    const parked = aSlot().wanting(null).having(left().parked());
    expect(status(parked)).toMatchObject({ status: 'removing', reason: null, isRemovalStuck: false });
  });

  it('is over when the slot is', () => {
    for (const slot of [ready(), made({ state: 'stuck' }), made({ state: 'over' })])
      expect(status(slot, instantAt('20:00')).status).toBe('over');
  });

  it('counts every word in one bucket, or none', () => {
    const buckets = Object.fromEntries(STATUSES.map((word) => [word, progressBucket(word)]));
    expect(buckets).toEqual({
      queued: 'working',
      creating: 'working',
      ready: 'ready',
      updating: 'working',
      needs_owner: 'needsOwner',
      retrying: 'working',
      failed: 'failed',
      removing: null,
      removed: null,
      over: null,
    });
    expect(progressBucket(null)).toBeNull();
  });
});
