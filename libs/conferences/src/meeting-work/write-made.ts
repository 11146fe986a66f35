import { type Em, rows, sql } from '#libs/database';
import { isMeetingHost } from '../meeting-host.js';
import { isSameMinute } from '../model.js';
import type { HeldMeeting } from './held-meeting.js';
import type { MeetingDeps } from './meeting-deps.js';
import { sealMade } from './made.js';
import type { Outcome, Work } from './work.js';
import { done, type Written } from './written.js';

/** Looks at a conference that the provider is still making: after 1, 2, 4 … seconds, about a minute in all. */
const CONFERENCE_LOOKS = 7;

/**
 * The meeting is there: settled with its URL; tried again later where it has none yet, or stands at other times than it was
 * told; or stuck where the URL may not be shown.
 */
export async function writeMade(
  deps: MeetingDeps,
  { em, meeting, now }: HeldMeeting,
  work: Work,
  { seen, place }: Extract<Outcome, { kind: 'made' }>,
): Promise<Written> {
  const { index, keys, meetingHosts } = deps;
  const url = seen.url?.reveal() ?? null;
  const { start, end } = work.wish;
  const isInTime = isSameMinute(seen.start, start) && isSameMinute(seen.end, end);
  Object.assign(meeting, {
    madeSealed: await sealMade(keys, meeting, { id: seen.id.reveal(), url, place: place?.reveal() ?? null }),
    idIndex: index.of(
      'meeting-id',
      meeting.provider,
      work.meeting.accountIndex?.toString('hex') ?? '',
      seen.id.reveal(),
    ),
    madeStart: isInTime ? start : seen.start,
    madeEnd: isInTime ? end : seen.end,
    operation: null,
  });
  const later = (reason: string): Written => {
    meeting.failures += 1;
    Object.assign(meeting, { state: 'waiting', reason });
    const inMs = Math.min(60_000, 1_000 * 2 ** (meeting.failures - 1));
    return { word: reason, dueAt: new Date(now.getTime() + inMs), busyUntil: null };
  };
  if (url === null) {
    // In the end the conference is asked for anew.
    const isPending = seen.conference === 'pending' && meeting.failures + 1 < CONFERENCE_LOOKS;
    return later(isPending ? 'conference-pending' : 'conference-failed');
  }
  // Taken, and not done: asking at once and for ever would keep the account from its other meetings.
  if (!isInTime) return later('unknown-answer');
  meeting.failures = 0;
  const urlIndex = index.of('meeting-url', url);
  const fault = !isMeetingHost(url, meetingHosts)
    ? 'bad-url-host'
    : (await isTaken(em, urlIndex, meeting.id))
      ? 'url-taken'
      : null;
  if (fault) {
    Object.assign(meeting, { state: 'stuck', reason: fault });
    return done(fault);
  }
  // A wish that changed during the call is found by reconcile, which compares the times.
  Object.assign(meeting, {
    state: 'settled',
    reason: null,
    settledVersion: meeting.wishVersion,
    urlIndex,
    settledAt: now,
  });
  return done('settled');
}

/** Two timeslots never share a URL (P4); the unique index is the net below this. */
async function isTaken(em: Em, urlIndex: Buffer, meetingId: string): Promise<boolean> {
  const [row] = await rows(em, sql<{ taken: boolean }>`select is_url_taken(${urlIndex}, ${meetingId}) as taken`);
  return row!.taken;
}
