import type { Em } from '#libs/database';
import { pauseLane } from '#libs/messaging';
import { ProviderError } from '#libs/providers';
import { afterFailure } from '../after-failure.js';
import type { MeetingState } from '../model.js';
import { ownerLane } from '../slot-store.js';
import type { HeldMeeting } from './held-meeting.js';
import type { MeetingDeps } from './meeting-deps.js';
import { forgetPlace } from './place.js';
import type { Outcome, Work } from './work.js';
import { writeMade } from './write-made.js';
import { writeVerified } from './write-verified.js';
import { done, type Written } from './written.js';

/** Writes an outcome on the meeting in memory; who asks saves it. Only what stands beside the meeting is written here. */
export async function writeOutcome(
  deps: MeetingDeps,
  held: HeldMeeting,
  work: Work,
  outcome: Outcome,
): Promise<Written> {
  switch (outcome.kind) {
    case 'made':
      return writeMade(deps, held, work, outcome);
    case 'verified':
      return writeVerified(deps, held, work, outcome.seen);
    case 'removed':
      return writeRemoved(held.meeting, work);
    case 'failed':
      return writeFailure(deps, held, work, outcome);
    case 'broken': {
      const error = new ProviderError('unavailable', 'unknown-answer', { outcomeUnknown: true });
      // Without a quick try: its lane is free for its neighbours while it waits.
      return writeFailure(deps, held, work, { error, retrySoonMs: null });
    }
  }
}

/** Gone only after the time of whoever held a claim before, and another look. */
function writeRemoved(meeting: MeetingState, work: Work): Written {
  if (meeting.verifyAt && meeting.verifyAt > work.begunAt) {
    Object.assign(meeting, { state: 'waiting', reason: 'verifying', urlIndex: null });
    return { word: 'removed-once', dueAt: meeting.verifyAt, busyUntil: null };
  }
  Object.assign(meeting, { state: 'gone', operation: null, madeSealed: null, reason: null, verifyAt: null });
  return done('removed');
}

type Failure = Pick<Extract<Outcome, { kind: 'failed' }>, 'error' | 'retrySoonMs'>;

const writeFailure = (deps: MeetingDeps, held: HeldMeeting, work: Work, failure: Failure): Promise<Written> =>
  work.operation === 'verify' && failure.error.word !== 'not-found'
    ? verifyLater(deps, held, failure.error)
    : writeFailed(deps, held, work, failure);

async function writeFailed(
  deps: MeetingDeps,
  { em, meeting, now }: HeldMeeting,
  work: Work,
  { error, retrySoonMs }: Failure,
): Promise<Written> {
  const next = afterFailure(meeting, error, { now, retrySoonMs, wasOpen: work.wasOpen });
  Object.assign(meeting, next.change);
  if (error.code === 'place-not-found') {
    const until = await forgetPlace(em, meeting, now);
    if (until) {
      Object.assign(meeting, { state: 'waiting', reason: error.code });
      await pause(em, deps, meeting, error, until);
    }
    return { word: next.word, dueAt: until ?? now, busyUntil: null };
  }
  if (next.pauseLaneUntil) await pause(em, deps, meeting, error, next.pauseLaneUntil);
  return { word: next.word, dueAt: next.dueAt, busyUntil: next.holdLane ? next.dueAt : null };
}

/** Nothing is known to be wrong: the meeting stays as it is and is asked for another time. */
async function verifyLater(
  deps: MeetingDeps,
  { em, meeting, now }: HeldMeeting,
  error: ProviderError,
): Promise<Written> {
  const next = afterFailure(meeting, error, { now, retrySoonMs: null, wasOpen: false });
  meeting.failures += 1;
  // Without a time the owner's next visit asks; a token that was refused is then no longer lent (parkedSince).
  const isRefused = error.code === 'token-rejected';
  meeting.verifyAt = isRefused ? now : next.dueAt;
  if (next.pauseLaneUntil) await pause(em, deps, meeting, error, next.pauseLaneUntil);
  return { ...done('verify-later'), untilVisit: isRefused };
}

/** The account rests, or the provider as a whole where the limit is our application's. */
function pause(
  em: Em,
  { index }: MeetingDeps,
  { provider, ownerId }: MeetingState,
  error: ProviderError,
  until: Date,
): Promise<void> {
  const scope = error.details.scope === 'application' ? provider : ownerLane(index, provider, ownerId);
  return pauseLane(em, scope, until);
}
