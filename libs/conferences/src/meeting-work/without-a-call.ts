import { clearDue, holdDue } from '#libs/messaging';
import { isOver } from '../model.js';
import type { HeldMeeting } from './held-meeting.js';
import type { MeetingDeps } from './meeting-deps.js';

// The ways in which a look at a meeting ends without a call. Each writes the meeting down, and takes it from the relay
// unless something is due later.

type Plan = Pick<MeetingDeps, 'planNotices'>;

/** Nothing is missing. */
export async function rest({ em, store, slot, meeting, now }: HeldMeeting): Promise<void> {
  // A claim that ran out and a wait that ended leave nobody in charge: whoever wishes anew finds it pending.
  if (meeting.state === 'calling' || meeting.state === 'waiting') meeting.state = 'pending';
  meeting.deadline = null;
  // Parked and over slots end here: what is over is never made late (P2). An unknown outcome is still looked after.
  if (meeting.wished && isOver(slot.timeslot, now) && !meeting.idIndex && !['gone', 'over'].includes(meeting.state)) {
    if (meeting.operation === null) meeting.state = 'over';
    else Object.assign(meeting, { wished: false, state: 'pending', reason: null });
  }
  await store.save(now, meeting.wished ? [] : [meeting].filter((candidate) => candidate.state === 'pending'));
  if (meeting.state === 'settled' && meeting.verifyAt && meeting.verifyAt > now) {
    const next = { dueAt: meeting.verifyAt, busyUntil: null, newRound: true, routine: true };
    await holdDue(em, meeting.provider, meeting.id, next);
  } else if (meeting.wished || meeting.state !== 'pending') await clearDue(em, meeting.provider, [meeting.id]);
}

/** It takes its workers down: a person must look at it. */
export async function stop({ planNotices }: Plan, { em, store, slot, meeting, now }: HeldMeeting): Promise<void> {
  Object.assign(meeting, { state: 'stuck', reason: 'poison', deadline: null });
  await store.save(now);
  await clearDue(em, meeting.provider, [meeting.id]);
  await planNotices(em, [slot], now);
}

/** It waits for a person, and that spends no attempt (P1). */
export async function park(
  { planNotices }: Plan,
  { em, store, slot, meeting, now }: HeldMeeting,
  reason: string,
): Promise<void> {
  Object.assign(meeting, { state: 'parked', reason, starts: 0, deadline: null });
  await store.save(now);
  await clearDue(em, meeting.provider, [meeting.id]);
  await planNotices(em, [slot], now);
}

/**
 * Asking can wait for the owner's next visit: as far as anybody knows, all is well. `verify_at` says since when it waits:
 * what was lent before was worth nothing (parkedSince).
 */
export async function putOff({ em, store, meeting, now }: HeldMeeting): Promise<void> {
  Object.assign(meeting, { deadline: null, verifyAt: now });
  await store.save(now);
  await clearDue(em, meeting.provider, [meeting.id]);
}

/** A look took its workers down: the meeting is as well as it was, and is looked at another time, not at each visit. */
export async function giveLookUp({ em, store, meeting, now }: HeldMeeting): Promise<void> {
  Object.assign(meeting, { deadline: null, verifyAt: null, verifiedAt: now, starts: 0 });
  await store.save(now);
  await clearDue(em, meeting.provider, [meeting.id]);
}
