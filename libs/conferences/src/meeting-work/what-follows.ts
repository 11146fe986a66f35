import { type Em, rows, sql } from '#libs/database';
import { DUE_CHANNEL, holdDue, releaseDue, wakeRelay } from '#libs/messaging';
import type { BlindIndex } from '#libs/encryption';
import { erasureLane } from '../erasure/erasures.js';
import { isFinished, type MeetingState } from '../model.js';
import type { HeldMeeting } from './held-meeting.js';
import type { Written } from './written.js';

/** After a saved outcome: when the relay takes the meeting again, or that it lets go of it. */
export async function makeNextDue({ em, meeting, now }: HeldMeeting, written: Written): Promise<void> {
  const next = nextLook(meeting, written, now);
  if (next) {
    await holdDue(em, meeting.provider, meeting.id, { ...next, routine: meeting.state === 'settled' });
    await wakeRelay(em);
  } else await releaseDue(em, meeting.provider, meeting.id);
}

/** The outcome's own time goes first; then what a wish needs that came during the call; then the next verifying read. */
function nextLook(meeting: MeetingState, { dueAt, busyUntil, untilVisit }: Written, now: Date) {
  if (untilVisit && meeting.state === 'settled') return null;
  if (dueAt && !isFinished(meeting)) return { dueAt, busyUntil };
  if (meeting.state === 'pending') return { dueAt: now, busyUntil: null };
  if (meeting.state === 'settled' && meeting.verifyAt) return { dueAt: meeting.verifyAt, busyUntil: null };
  return null;
}

/** An erasure that waits for removals at the provider looks again. */
export async function wakeErasure(
  em: Em,
  index: BlindIndex,
  { schoolId, ownerId }: MeetingState,
  now: Date,
): Promise<void> {
  const lane = erasureLane(index, { schoolId, personId: ownerId });
  await rows(
    em,
    sql`with woken as (update dispatches set due_at = least(due_at, ${now}) where queue = 'erasures' and lane = ${lane} returning 1)
      select pg_notify(${DUE_CHANNEL}, '') from woken`,
  );
}
