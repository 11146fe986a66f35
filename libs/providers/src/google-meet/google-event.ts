import { createHash } from 'node:crypto';
import type { calendar_v3 } from '@googleapis/calendar';
import { Secret } from '#libs/encryption';
import { instantOf, isObject, linkOf, part } from '../answer-parts.js';
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
export function nextRequestId(wish: MeetingWish, event: unknown): string {
  const words = [part(event, 'etag'), part(event, 'conferenceData', 'createRequest', 'requestId')];
  const seen = words.map((word) => (typeof word === 'string' ? word : '')).join(' ');
  return `${wish.key}-${createHash('sha256').update(seen).digest('hex').slice(0, 12)}`;
}

export const isCancelled = (event: unknown): boolean => part(event, 'status') === 'cancelled';

/**
 * The event as the port tells it; null where Google's answer lacks an id or times, or has something else in the place of
 * a link. A link taken off by hand counts as failed.
 */
export function seenOf(event: unknown): MeetingSeen | null {
  const id = part(event, 'id');
  const [start, end] = [timeOf(part(event, 'start')), timeOf(part(event, 'end'))];
  const url = urlOf(event);
  if (typeof id !== 'string' || id === '' || !start || !end || url === undefined) return null;
  const seen = { id: new Secret(id), settingsHold: true, start, end };
  if (url !== null) return { ...seen, url: new Secret(url), conference: 'ready' };
  const pending = part(event, 'conferenceData', 'createRequest', 'status', 'statusCode') === 'pending';
  return { ...seen, url: null, conference: pending ? 'pending' : 'failed' };
}

/** Null: the event has no link. Undefined: what it has was not understood. */
function urlOf(event: unknown): string | null | undefined {
  const points = part(event, 'conferenceData', 'entryPoints') ?? [];
  if (!Array.isArray(points) || !points.every(isObject)) return undefined;
  const video = linkOf(points.find((point) => point['entryPointType'] === 'video')?.['uri']);
  return video === null ? linkOf(part(event, 'hangoutLink')) : video;
}

const timeOf = (time: unknown): Date | null => instantOf(part(time, 'dateTime') ?? part(time, 'date'));
