import type { calendar_v3 } from '@googleapis/calendar';
import { Refusal } from '../http/answer.js';
import type { World } from '../world/world.js';
import type { CalendarRow, Caller, GoogleCalendars } from './calendars.js';
import { applyConference, readConference } from './conference.js';
import { checkEventId, checkTimes, merged, writable } from './event-body.js';
import type { EventRow } from './event-row.js';

type Event = calendar_v3.Schema$Event;

export interface EventWrite {
  body: Event;
  /** conferenceDataVersion=1; with 0, the default, conference data in the body is ignored silently. */
  withConference: boolean;
  ifMatch?: string;
}

/** The life of events in one calendar (providers.md §2.2 to §2.4). */
export class GoogleEvents {
  constructor(
    private readonly world: World,
    private readonly calendars: GoogleCalendars,
  ) {}

  insert({ account }: Caller, calendar: CalendarRow, { body, withConference }: EventWrite): Event {
    const id = checkEventId(body.id ?? this.world.random.text('event', 26, '0123456789abcdefghijklmnopqrstuv'));
    checkTimes(body);
    if (calendar.events.has(id)) throw new Refusal('409.duplicate');
    const now = this.world.now().toISOString();
    const resource: Event = {
      kind: 'calendar#event',
      status: 'confirmed',
      ...writable(body),
      id,
      etag: this.calendars.newEtag(),
      htmlLink: `${this.world.url}/google/calendar/event?eid=${id}`,
      created: now,
      updated: now,
      creator: { email: account.email },
      organizer: { email: calendar.id, displayName: calendar.summary, self: true },
      iCalUID: `${id}@google.com`,
      sequence: 0,
      reminders: body.reminders ?? { useDefault: true },
      eventType: 'default',
    };
    const row: EventRow = {
      resource,
      deleted: false,
      readsLeft: 0,
      entry: {
        provider: 'google',
        kind: 'event',
        account: account.email,
        calendarId: calendar.id,
        id,
        createdAt: now,
        updatedAt: now,
      },
    };
    // Refused here, the event never was: the conference is checked before anything is kept.
    if (withConference) applyConference(this.world, account, row, body.conferenceData);
    calendar.events.set(id, row);
    row.entry = this.world.ledger.add({ ...row.entry, ...facts(resource) });
    return resource;
  }

  /** A deleted event still answers, as cancelled. Each read brings a pending conference nearer. */
  get({ account }: Caller, calendar: CalendarRow, id: string): Event {
    const row = this.#row(calendar, id);
    if (!row.deleted && readConference(this.world, account, row)) this.#touch(row);
    return row.resource;
  }

  patch(caller: Caller, calendar: CalendarRow, id: string, write: EventWrite): Event {
    const row = this.#alive(calendar, id, write.ifMatch);
    return this.#rewrite(caller, row, write, merged(row.resource, writable(write.body)));
  }

  /** Replaces the whole event; what only the server writes stays, and so does the conference without version 1. */
  update(caller: Caller, calendar: CalendarRow, id: string, write: EventWrite): Event {
    const row = this.#alive(calendar, id, write.ifMatch);
    const kept = row.resource;
    const next: Event = { reminders: { useDefault: true }, ...writable(write.body) };
    const serverMade = Object.fromEntries(Object.entries(kept).filter(([name]) => !(name in writable(kept))));
    return this.#rewrite(caller, row, write, { ...next, ...serverMade });
  }

  /** 204 once, then 410. */
  remove(calendar: CalendarRow, id: string, ifMatch?: string): void {
    const row = this.#alive(calendar, id, ifMatch);
    row.deleted = true;
    row.resource.status = 'cancelled';
    this.#touch(row);
    this.world.ledger.remove(row.entry);
  }

  #rewrite({ account }: Caller, row: EventRow, { body, withConference }: EventWrite, next: Event): Event {
    checkTimes(next);
    const before = row.resource;
    const moved = !sameTime(before.start, next.start) || !sameTime(before.end, next.end);
    row.resource = structuredClone(next);
    try {
      if (withConference && 'conferenceData' in body) applyConference(this.world, account, row, body.conferenceData);
    } catch (error) {
      row.resource = before;
      throw error;
    }
    if (moved) row.resource.sequence = (before.sequence ?? 0) + 1;
    this.#touch(row);
    this.world.ledger.update(row.entry, facts(row.resource));
    return row.resource;
  }

  #row(calendar: CalendarRow, id: string): EventRow {
    const row = calendar.events.get(id);
    if (!row) throw new Refusal('404.notFound');
    return row;
  }

  #alive(calendar: CalendarRow, id: string, ifMatch: string | undefined): EventRow {
    const row = this.#row(calendar, id);
    if (row.deleted) throw new Refusal('410.deleted');
    if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== row.resource.etag) {
      throw new Refusal('412.conditionNotMet');
    }
    return row;
  }

  #touch(row: EventRow): void {
    row.resource.etag = this.calendars.newEtag();
    row.resource.updated = this.world.now().toISOString();
  }
}

const sameTime = (a: Event['start'], b: Event['start']): boolean =>
  a?.dateTime === b?.dateTime && a?.date === b?.date && a?.timeZone === b?.timeZone;

const facts = ({ summary, start, end, hangoutLink, extendedProperties }: Event) => ({
  subject: summary ?? undefined,
  start: start?.dateTime ?? start?.date ?? undefined,
  end: end?.dateTime ?? end?.date ?? undefined,
  url: hangoutLink ?? undefined,
  reference: (extendedProperties?.private as Record<string, string> | undefined) ?? undefined,
});
