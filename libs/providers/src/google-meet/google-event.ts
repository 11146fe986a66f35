import { createHash } from 'node:crypto';
import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js';
import { Secret } from '#libs/encryption';
import type { MeetingSeen, MeetingWish } from '../meeting-provider.js';

/** The parts of an event that are asked for: no attendee, creator or description ever comes back. */
export const EVENT_FIELDS =
  'id,etag,status,start,end,hangoutLink,conferenceData(createRequest,entryPoints(entryPointType,uri))';

/** No guests, no reminders, nothing for others to change; somebody who shares the calendar sees "busy" only. */
const PRIVATE: calendar_v3.Schema$Event = {
  visibility: 'private',
  guestsCanInviteOthers: false,
  guestsCanModify: false,
  guestsCanSeeOtherGuests: false,
};

export const timesOf = (wish: MeetingWish): calendar_v3.Schema$Event => ({
  start: { dateTime: wish.start.toISOString(), timeZone: wish.timeZone },
  end: { dateTime: wish.end.toISOString(), timeZone: wish.timeZone },
});

/** What an update brings back to the wish: times and privacy. The title stays as its owner may have changed it. */
export const updateOf = (wish: MeetingWish): calendar_v3.Schema$Event => ({ ...timesOf(wish), ...PRIVATE });

export const conferenceRequest = (requestId: string): calendar_v3.Schema$Event => ({
  conferenceData: { createRequest: { requestId, conferenceSolutionKey: { type: 'hangoutsMeet' } } },
});

export const eventOf = (wish: MeetingWish): calendar_v3.Schema$Event => ({
  id: wish.key,
  summary: wish.title,
  reminders: { useDefault: false, overrides: [] },
  ...updateOf(wish),
  ...conferenceRequest(wish.key),
});

/**
 * A request id that Google has not seen yet: it ignores one that equals the previous (providers.md §2.3). Follows from
 * the event's etag, which changes with every write, so a request that is sent twice still asks once.
 */
export function nextRequestId(wish: MeetingWish, event: calendar_v3.Schema$Event): string {
  const seen = `${event.etag ?? ''} ${event.conferenceData?.createRequest?.requestId ?? ''}`;
  return `${wish.key}-${createHash('sha256').update(seen).digest('hex').slice(0, 12)}`;
}

export const isCancelled = (event: calendar_v3.Schema$Event): boolean => event.status === 'cancelled';

/** The event as the port tells it; null where Google's answer lacks an id or times. A link taken off by hand counts as failed. */
export function seenOf(event: calendar_v3.Schema$Event): MeetingSeen | null {
  const start = new Date(event.start?.dateTime ?? event.start?.date ?? Number.NaN);
  const end = new Date(event.end?.dateTime ?? event.end?.date ?? Number.NaN);
  if (!event.id || Number.isNaN(start.getTime()) || Number.isNaN(end.getTime())) return null;
  const id = new Secret(event.id);
  const video = event.conferenceData?.entryPoints?.find((point) => point.entryPointType === 'video')?.uri;
  const url = video ?? event.hangoutLink;
  if (url) return { id, url: new Secret(url), conference: 'ready', settingsHold: true, start, end };
  const pending = event.conferenceData?.createRequest?.status?.statusCode === 'pending';
  return { id, url: null, conference: pending ? 'pending' : 'failed', settingsHold: true, start, end };
}
