import { describe, expect, it } from '@jest/globals';
import { ProviderError, type ProviderCode, type ProviderWord } from '#libs/providers';
import { aMeeting } from '../../../test/factories/a-slot.js';
import { NOW } from '../../../test/factories/an-event.js';
import { afterFailure, backoffMs } from './after-failure.js';
import type { MeetingState, Operation } from './model.js';

const WORDS: Record<ProviderWord, ProviderCode[]> = {
  'rate-limited': ['rate-limit', 'account-quota'],
  unavailable: ['network', 'timeout', 'server-error', 'unknown-answer'],
  'login-required': ['token-rejected', 'scope-missing'],
  'not-found': ['not-found', 'place-not-found'],
  refused: ['no-conferences', 'no-licence', 'blocked-by-admin', 'bad-request', 'configuration'],
};
const ALL = Object.entries(WORDS).flatMap(([word, codes]) =>
  codes.map((code) => [word, code] as [ProviderWord, ProviderCode]),
);
const OPERATIONS: Operation[] = ['create', 'update', 'remove'];
const SOON = { now: NOW, retrySoonMs: null, wasOpen: false, random: 1 };
const calling = (operation: Operation, more: Partial<MeetingState> = {}) =>
  (operation === 'create' ? aMeeting() : aMeeting().settled()).with({ state: 'calling', operation, ...more }).build();

describe('P2 what a failure means', () => {
  it.each(ALL)('%s (%s): the next state is the same whatever was being done', (word, code) => {
    const expected = {
      'rate-limited': 'waiting',
      unavailable: 'waiting',
      'login-required': 'parked',
      'not-found': code === 'place-not-found' ? 'pending' : 'gone',
      refused: 'stuck',
    }[word];
    for (const operation of OPERATIONS) {
      const { change } = afterFailure(calling(operation), new ProviderError(word, code), SOON);
      expect(change.state).toBe(expected);
    }
  });

  it.each(ALL)('%s (%s): an outcome that is not known keeps its intent, unless all of it is gone', (word, code) => {
    if (word === 'not-found') return;
    for (const operation of OPERATIONS) {
      const error = (outcomeUnknown: boolean) => new ProviderError(word, code, { outcomeUnknown });
      const kept = (known: boolean, wasOpen: boolean) =>
        afterFailure(calling(operation), error(known), { ...SOON, wasOpen }).change.operation;
      expect(kept(true, false)).toBe(operation);
      expect(kept(false, false)).toBeNull();
      expect(kept(false, true)).toBe(operation);
    }
  });

  it('tells people why, in the code that pages have a sentence for', () => {
    for (const [word, code] of ALL.filter(([one]) => one !== 'not-found'))
      expect(afterFailure(calling('create'), new ProviderError(word, code), SOON).change.reason).toBe(code);
  });

  it('ends the generation when its meeting was deleted outside', () => {
    const next = afterFailure(calling('update'), new ProviderError('not-found', 'not-found'), SOON);
    expect(next).toMatchObject({ change: { state: 'gone', operation: null }, dueAt: null });
  });

  it('removes as well what is only said not to be there', () => {
    const error = new ProviderError('not-found', 'not-found', { status: 404 });
    const { change } = afterFailure(calling('update', { wishVersion: 3 }), error, SOON);
    expect(change).toMatchObject({ state: 'pending', wished: false, wishVersion: 4, urlIndex: null, operation: null });
    // An earlier call's answer was lost: it may have been made.
    const open = afterFailure(calling('create'), error, { ...SOON, wasOpen: true });
    expect(open.change).toMatchObject({ state: 'pending', wished: false, operation: 'create' });
    const never = afterFailure(calling('create'), error, SOON);
    expect(never.change).toMatchObject({ state: 'gone', operation: null });
  });

  it('sends nobody to the dead URL when the calendar is gone', () => {
    const error = new ProviderError('not-found', 'place-not-found');
    const next = afterFailure(calling('update', { failures: 4 }), error, SOON);
    expect(next.change).toMatchObject({
      state: 'pending',
      idIndex: null,
      urlIndex: null,
      madeSealed: null,
      failures: 5,
    });
  });
});

describe('P1 a login that is not there spends no attempt', () => {
  it.each(WORDS['login-required'])('%s leaves the count alone and waits for nobody but the owner', (code) => {
    const next = afterFailure(calling('create', { failures: 3 }), new ProviderError('login-required', code), SOON);
    expect(next.change).not.toHaveProperty('failures');
    expect(next).toMatchObject({ dueAt: null, pauseLaneUntil: null, holdLane: false });
  });
});

describe('P10 limits are honoured, for the account or for all', () => {
  const until = new Date(NOW.getTime() + 90_000);

  it('waits until the provider says, pauses the lane, and spends no attempt', () => {
    const error = new ProviderError('rate-limited', 'rate-limit', { until });
    const next = afterFailure(calling('create', { failures: 2 }), error, SOON);
    expect(next).toMatchObject({ dueAt: until, pauseLaneUntil: until, change: { state: 'waiting' } });
    expect(next.change).not.toHaveProperty('failures');
  });

  it('waits by itself where the provider says nothing', () => {
    const next = afterFailure(calling('create'), new ProviderError('rate-limited', 'rate-limit'), SOON);
    expect(next.dueAt!.getTime()).toBeGreaterThan(NOW.getTime());
    expect(next.pauseLaneUntil).toEqual(next.dueAt);
  });

  it('does not come back before a Retry-After', () => {
    const error = new ProviderError('unavailable', 'server-error', { until });
    expect(afterFailure(calling('create'), error, SOON).dueAt).toEqual(until);
    const past = new ProviderError('unavailable', 'server-error', { until: NOW });
    expect(afterFailure(calling('create'), past, SOON).dueAt!.getTime()).toBeGreaterThan(NOW.getTime());
  });
});

describe('P2 trouble is tried again, later and later', () => {
  it('leaves the seconds to the queue and holds the lane meanwhile', () => {
    const next = afterFailure(calling('create'), new ProviderError('unavailable', 'network'), {
      ...SOON,
      retrySoonMs: 2_000,
    });
    expect(next).toMatchObject({ word: 'retry-soon', holdLane: true, change: { state: 'pending', failures: 1 } });
    expect(next.dueAt!.getTime() - NOW.getTime()).toBeGreaterThan(2_000);
  });

  it('spreads a storm, grows, and never waits longer than five minutes', () => {
    for (let failures = 0; failures < 40; failures += 1) {
      expect(backoffMs(failures, 0)).toBeGreaterThan(0);
      expect(backoffMs(failures, 0)).toBeLessThan(backoffMs(failures, 1));
      expect(backoffMs(failures, 1)).toBeLessThanOrEqual(300_000);
      expect(backoffMs(failures + 1, 1)).toBeGreaterThanOrEqual(backoffMs(failures, 1));
    }
  });
});
