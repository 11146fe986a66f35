import { Secret } from '#libs/encryption';
import type { MeetingWish } from '#libs/providers';
import { meetingTitle } from './meeting-title.js';
import type { HeldMeeting } from './held-meeting.js';
import type { MeetingDeps } from './meeting-deps.js';
import { providerKey } from './provider-key.js';
import { openMade } from './made.js';

/**
 * The wish in the provider port's words: times, a neutral title and ids that we made; nothing of the family (R8). What was
 * made is looked for where it was made; `place` is where this account's next meetings go, undefined: nowhere yet.
 */
export async function providerWish(
  { keys, index }: Pick<MeetingDeps, 'keys' | 'index'>,
  { slot, meeting, now }: HeldMeeting,
  place: Secret | null | undefined,
): Promise<{ wish: MeetingWish; needsPlace: boolean }> {
  // A second removal asks by key: whoever was frozen may have made another one under it.
  const again = !meeting.wished && meeting.verifyAt !== null && meeting.verifyAt <= now;
  const made = meeting.madeSealed && (await openMade(keys, meeting, meeting.madeSealed));
  return {
    needsPlace: made?.place === undefined && place === undefined,
    wish: {
      key: providerKey(index, meeting.id),
      place: made?.place === undefined ? (place ?? null) : secretOf(made.place),
      id: made && !again ? new Secret(made.id) : null,
      start: slot.timeslot.startAt,
      end: slot.timeslot.endAt,
      timeZone: slot.school.timeZone,
      title: meetingTitle(slot.school.locale),
    },
  };
}

const secretOf = (place: string | null) => (place === null ? null : new Secret(place));
