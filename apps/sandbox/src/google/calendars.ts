import type { calendar_v3 } from '@googleapis/calendar';
import { Refusal } from '../http/answer.js';
import type { LedgerEntry } from '../world/ledger.js';
import type { World } from '../world/world.js';
import type { GoogleAccount, GoogleAccounts } from './accounts.js';
import type { EventRow } from './event-row.js';
import { APP_CREATED, reachesAllCalendars } from './scopes.js';

export interface CalendarRow {
  id: string;
  owner: string;
  primary: boolean;
  summary: string;
  timeZone: string;
  etag: string;
  events: Map<string, EventRow>;
  entry?: LedgerEntry;
}

/** Who asks, and what the token lets them see. */
export interface Caller {
  account: GoogleAccount;
  scopes: string[];
}

/** All calendars. Under calendar.app.created a caller reaches only those that the app made (providers.md §1.4). */
export class GoogleCalendars {
  readonly #rows = new Map<string, CalendarRow>();

  constructor(
    private readonly world: World,
    private readonly accounts: GoogleAccounts,
  ) {}

  /** A new secondary calendar, owned by the caller. */
  insert(caller: Caller, summary: string, timeZone: string): CalendarRow {
    const owner = caller.account.email;
    const id = `c_${this.world.random.text('calendar', 40, '0123456789abcdef')}@group.calendar.google.com`;
    const entry = this.world.ledger.add({ provider: 'google', kind: 'calendar', account: owner, id, subject: summary });
    const row = { id, owner, primary: false, summary, timeZone, etag: this.newEtag(), events: new Map(), entry };
    this.#rows.set(id, row);
    return row;
  }

  /** The calendar, or 404: a foreign one and one that never was look alike. Reaching for a foreign one is recorded. */
  reach(caller: Caller, calendarId: string, operation: string): CalendarRow {
    const { email } = caller.account;
    const row = this.#find(email, calendarId);
    const foreign = row && (row.owner !== email || (row.primary && !reachesAllCalendars(caller.scopes)));
    if (foreign) {
      const detail = row.owner === email ? 'a calendar that the app did not make' : "another account's calendar";
      this.world.ledger.violation({ kind: 'foreign-item', provider: 'google', operation, account: email, detail });
    }
    const ownOnly = row && !row.primary && !caller.scopes.includes(APP_CREATED) && !reachesAllCalendars(caller.scopes);
    if (!row || foreign || ownOnly) throw new Refusal('404.notFound');
    return row;
  }

  /** Deletes the calendar and, with it, its events. A primary calendar can only be cleared. */
  remove(row: CalendarRow): void {
    if (row.primary) throw new Refusal('400.invalid');
    for (const event of row.events.values()) {
      event.deleted = true;
      this.world.ledger.remove(event.entry);
    }
    if (row.entry) this.world.ledger.remove(row.entry);
    this.#rows.delete(row.id);
  }

  resource(row: CalendarRow): calendar_v3.Schema$Calendar {
    const { meetDisabled } = this.accounts.at(row.owner);
    return {
      kind: 'calendar#calendar',
      etag: row.etag,
      id: row.id,
      summary: row.summary,
      timeZone: row.timeZone,
      conferenceProperties: { allowedConferenceSolutionTypes: meetDisabled ? [] : ['hangoutsMeet'] },
      ...(row.primary ? {} : { dataOwner: row.owner }),
    };
  }

  newEtag(): string {
    return `"${this.world.random.text('etag', 16, '0123456789')}"`;
  }

  #find(email: string, calendarId: string): CalendarRow | undefined {
    const isPrimary = calendarId === 'primary' || calendarId.toLowerCase() === email;
    if (!isPrimary) return this.#rows.get(calendarId);
    const known = this.#rows.get(email);
    if (known) return known;
    const row: CalendarRow = {
      id: email,
      owner: email,
      primary: true,
      summary: email,
      timeZone: 'Europe/Amsterdam',
      etag: this.newEtag(),
      events: new Map(),
    };
    this.#rows.set(email, row);
    return row;
  }

  /** The items that a list of this calendar would show; the primary one holds a private appointment. */
  listed(row: CalendarRow): calendar_v3.Schema$Event[] {
    const events = [...row.events.values()].filter((event) => !event.deleted).map((event) => event.resource);
    const dentist: calendar_v3.Schema$Event = { kind: 'calendar#event', id: 'private0item', summary: 'Dentist' };
    return row.primary ? [dentist, ...events] : events;
  }
}
