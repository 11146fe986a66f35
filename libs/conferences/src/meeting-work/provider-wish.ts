import { Secret } from '#libs/encryption';
import type { MeetingWish } from '#libs/providers';
import { meetingTitle } from './meeting-title.js';
import type { HeldMeeting } from './held-meeting.js';
import type { MeetingDeps } from './meeting-deps.js';
import { providerKey } from './provider-key.js';
import { madeContext } from './sealed-contexts.js';

/** The wish in the provider port's words: times, a neutral title and ids that we made; nothing of the family (R8). */
export async function providerWish(
  { keys, index }: Pick<MeetingDeps, 'keys' | 'index'>,
  { slot, meeting, now }: HeldMeeting,
  place: Secret | null,
): Promise<MeetingWish> {
  // A second removal asks by key: whoever was frozen may have made another one under it.
  const again = !meeting.wished && meeting.verifyAt !== null && meeting.verifyAt <= now;
  const made =
    meeting.madeSealed && !again
      ? (JSON.parse((await keys.open(meeting.madeSealed, madeContext(meeting))).reveal()) as { id: string })
      : null;
  return {
    key: providerKey(index, meeting.id),
    place,
    id: made ? new Secret(made.id) : null,
    start: slot.timeslot.startAt,
    end: slot.timeslot.endAt,
    timeZone: slot.school.timeZone,
    title: meetingTitle(slot.school.locale),
  };
}
