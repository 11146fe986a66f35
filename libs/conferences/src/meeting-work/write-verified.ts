import type { MeetingSeen } from '#libs/providers';
import { isSameMinute } from '../model.js';
import type { HeldMeeting } from './held-meeting.js';
import type { MeetingDeps } from './meeting-deps.js';
import type { Work } from './work.js';
import { done, type Written } from './written.js';

/** The provider has it as we believe, or a worker brings it to the wish again. */
export function writeVerified(
  { index }: MeetingDeps,
  { meeting, now }: HeldMeeting,
  work: Work,
  seen: MeetingSeen,
): Written {
  meeting.failures = 0;
  meeting.verifiedAt = now;
  if (meeting.verifyAt && meeting.verifyAt <= work.begunAt) meeting.verifyAt = null;
  const url = seen.url && index.of('meeting-url', seen.url.reveal());
  const agrees =
    seen.settingsHold &&
    isSameMinute(seen.start, work.wish.start) &&
    isSameMinute(seen.end, work.wish.end) &&
    url !== null &&
    meeting.urlIndex?.equals(url) === true;
  if (agrees || meeting.state !== 'settled') return done('verified');
  Object.assign(meeting, { state: 'pending', wishVersion: meeting.wishVersion + 1 });
  // A dead URL is shown to nobody; the update tells the new one.
  if (!meeting.urlIndex?.equals(url ?? Buffer.alloc(0))) meeting.urlIndex = null;
  return { word: 'drifted', dueAt: now, busyUntil: null };
}
