import type { calendar_v3 } from '@googleapis/calendar';
import { Refusal } from '../http/answer.js';

type Event = calendar_v3.Schema$Event;
type Time = calendar_v3.Schema$EventDateTime;

const ID = /^[a-v0-9]{5,1024}$/u;
const DATE = /^\d{4}-\d{2}-\d{2}$/u;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/u;

/** What only the server writes; a client may send it and it is ignored. */
const SERVER_MADE = [
  'kind',
  'etag',
  'id',
  'iCalUID',
  'created',
  'updated',
  'creator',
  'organizer',
  'htmlLink',
  'hangoutLink',
  'sequence',
  'eventType',
  'conferenceData',
  'status',
] as const satisfies (keyof Event)[];

/** Base32hex, lower case, 5 to 1024 letters (providers.md §2.2). */
export const checkEventId = (id: unknown): string => {
  if (typeof id !== 'string' || !ID.test(id)) throw new Refusal('400.invalidId');
  return id;
};

/** The properties that a client may write. */
export const writable = (body: Event): Event => {
  const copy: Event = structuredClone(body);
  for (const name of SERVER_MADE) delete copy[name];
  return copy;
};

/** Start and end are there, well formed, and in order; else 400 required, invalid or timeRangeEmpty. */
export const checkTimes = ({ start, end }: Event): void => {
  const from = instantOf(start);
  const until = instantOf(end);
  if (until <= from) throw new Refusal('400.timeRangeEmpty');
};

const instantOf = (time: Time | undefined): number => {
  const { date, dateTime } = time ?? {};
  const text = dateTime ?? date;
  if (text === undefined || text === null) throw new Refusal('400.required');
  const instant = Date.parse(text);
  const wellFormed = dateTime === undefined || dateTime === null ? DATE.test(text) : DATE_TIME.test(text);
  const hasZone = !dateTime || /(Z|[+-]\d{2}:\d{2})$/u.test(dateTime) || Boolean(time?.timeZone);
  if (!wellFormed || Number.isNaN(instant) || !hasZone || !isZone(time?.timeZone)) throw new Refusal('400.invalid');
  return instant;
};

const isZone = (zone: string | null | undefined): boolean => {
  if (zone === undefined || zone === null) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

/** Patch semantics: null removes, objects merge, arrays and the rest replace (providers.md §2.4). */
export const merged = (target: Event, patch: Event): Event => mergeObjects(target, patch) as Event;

const mergeObjects = (target: object, patch: object): object => {
  const result: Record<string, unknown> = { ...target };
  for (const [name, value] of Object.entries(patch) as [string, unknown][]) {
    const before = result[name];
    if (value === null) delete result[name];
    else result[name] = isPlain(value) && isPlain(before) ? mergeObjects(before, value) : value;
  }
  return result;
};

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
