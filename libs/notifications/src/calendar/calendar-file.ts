import ical, { ICalCalendarMethod, ICalEventClass, ICalEventStatus } from 'ical-generator';
import type { Secret } from '#libs/encryption';
import { oneLine } from '../texts/one-line.js';

/** One parent's own calendar entry of one slot: never another family, never a provider's URL. */
export interface CalendarEntry {
  /**
   * PUBLISH: "add to my calendar", no answer expected (RFC 5546 §3.2.1). CANCEL takes it out again (§3.2.5). REQUEST is
   * left out on purpose: it would ask parents to accept or decline.
   */
  readonly method: 'PUBLISH' | 'CANCEL';
  /** The same for the whole life of a parent's slot, e.g. `<random>@our-domain`. */
  readonly uid: string;
  /** Rises with every message about this uid; calendars drop what is older. */
  readonly sequence: number;
  /** DTSTAMP: when this version was written. */
  readonly stamp: Date;
  readonly start: Date;
  readonly end: Date;
  readonly summary: string;
  /** Lines above the join link. */
  readonly description: readonly string[];
  /** Our own personal link, absolute. */
  readonly joinLink: Secret;
  readonly organizer: { readonly name: string; readonly address: string };
  /** Only for CANCEL to that very parent: RFC 5546 wants to know whose event is cancelled. */
  readonly attendee?: { readonly name: string; readonly email: Secret };
}

/**
 * An iCalendar file (RFC 5545): UTC times so that no VTIMEZONE is needed, lines of at most 75 octets ended by CRLF,
 * CLASS:PRIVATE, and the join link in DESCRIPTION, URL and CONFERENCE (RFC 7986) for old and new calendars alike.
 */
export function calendarFile(entry: CalendarEntry): string {
  const link = linkForCalendar(entry.joinLink.reveal());
  const cancelled = entry.method === 'CANCEL';
  const calendar = ical({
    prodId: { company: 'conferences', product: 'parent-meetings', language: 'EN' },
    method: cancelled ? ICalCalendarMethod.CANCEL : ICalCalendarMethod.PUBLISH,
    scale: 'GREGORIAN',
  });
  calendar.createEvent({
    id: oneLine(entry.uid),
    sequence: entry.sequence,
    stamp: entry.stamp,
    start: entry.start,
    end: entry.end,
    summary: oneLine(entry.summary),
    description: [...entry.description.map(oneLine), link].join('\n'),
    url: link,
    class: ICalEventClass.PRIVATE,
    status: cancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    organizer: { name: oneLine(entry.organizer.name), email: entry.organizer.address },
    ...(cancelled && entry.attendee !== undefined
      ? { attendees: [{ name: oneLine(entry.attendee.name), email: entry.attendee.email.reveal() }] }
      : {}),
    // CONFERENCE is newer than the library; it writes any pair handed over as a list.
    x: [['CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO', link]],
  });
  return `${calendar.toString()}\r\n`;
}

/** A URI value is not escaped as TEXT is, so characters that could end it must not be in there at all. */
const linkForCalendar = (link: string) =>
  new URL(link).href.replace(/[;,\\]/g, (character) => encodeURIComponent(character).replace(';', '%3B'));
