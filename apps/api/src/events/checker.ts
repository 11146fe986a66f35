import { domainToASCII } from 'node:url';
import { isCleanText } from '../http/clean-text.js';
import type { Fault } from '../http/problem.js';

export type JsonObject = { readonly [name: string]: unknown };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** By code point, of which each has one or two units: a text that is far too long is not counted. */
function hasLength(value: string, min: number, max: number): boolean {
  if (value.length > 2 * max) return false;
  const length = Array.from(value).length;
  return min <= length && length <= max;
}

/** Overrides and isolates: with them a name turns the words around it, too. */
const TURNS = /[\u202A-\u202E\u2066-\u2069]/u;
/** Something that can be seen: a zero-width space is no name. */
const SHOWS = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** Line ends and control characters, those of Unicode too. */
const BREAKS_A_LINE = /[\p{Cc}\p{Zl}\p{Zp}]/u;

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** Nine digits of a second leave room to spare. */
const LONGEST_INSTANT = 64;

/** What Postgres and every calendar can hold. */
const isSaneInstant = (date: Date) => date.getTime() > 0 && date.getUTCFullYear() <= 9999;

/** An instant of RFC 3339 with an offset, or null; 30 February is none, nor is what lies before 1970 or after 9999. */
export function parseInstant(value: unknown): Date | null {
  if (typeof value !== 'string' || value.length > LONGEST_INSTANT || !RFC3339.test(value)) return null;
  const date = new Date(value);
  if (Number.isNaN(date.getTime()) || !isSaneInstant(date)) return null;
  const [year, month, day] = value.slice(0, 10).split('-').map(Number) as [number, number, number];
  return new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day ? date : null;
}

/** What an instant of RFC 3339 says below the millisecond: six digits, so that they sort as text. */
export const nanosecondsOf = (value: unknown): string =>
  (/\.\d{3}(\d{1,6})/.exec(String(value))?.[1] ?? '').padEnd(6, '0');

/** Collects what is wrong with data, each with its pointer; reading goes on so that all is said at once. */
export class Checker {
  readonly faults: Fault[] = [];

  constructor(private readonly root: string) {}

  fault(path: string, detail: string): void {
    this.faults.push({ pointer: this.root + path, detail });
  }

  object(value: unknown, path: string): JsonObject {
    if (isObject(value)) return value;
    this.fault(path, value === undefined ? 'is missing; it must be an object' : 'must be an object');
    return {};
  }

  text(value: unknown, path: string, min: number, max: number): string {
    if (typeof value !== 'string')
      this.fault(path, value === undefined ? 'is missing; it must be a string' : 'must be a string');
    else if (!isCleanText(value)) this.fault(path, 'must not hold U+0000 or a lone surrogate');
    else if (!hasLength(value, min, max)) this.fault(path, `must have ${min} to ${max} characters`);
    else return value;
    return '';
  }

  /**
   * What people type into a field of one line. Stricter than `text`: an event must not be lost over a stray tab in a name,
   * but who is typing can put it right at once.
   * @param min 0: may be left empty
   */
  line(value: unknown, path: string, min: number, max: number): string {
    const text = this.text(value, path, min, max);
    if (BREAKS_A_LINE.test(text)) this.fault(path, 'must be one line without control characters; take them out');
    else if (TURNS.test(text)) this.fault(path, 'must not hold marks that turn the reading direction; take them out');
    else if (min > 0 && text !== '' && !SHOWS.test(text)) this.fault(path, 'must hold more than spaces');
    return text;
  }

  /** An address that somebody types: as of events, and such that a mail can be sent to it. */
  typedEmail(value: unknown, path: string): string {
    const before = this.faults.length;
    const text = this.email(value, path);
    if (this.faults.length === before && /[<>()[\]:;,"\\]/.test(text))
      this.fault(path, 'must be an e-mail address and nothing else, like anne@school.example');
    return text;
  }

  /**
   * A language tag (BCP 47) of a language that there is, with `-` or `_` between its parts: what `pickLocale` reads. For
   * corrections only: an event must not be lost over a tag, whose reader is written to in the school's language instead.
   */
  locale(value: unknown, path: string): string {
    const tag = this.eventLocale(value, path);
    if (tag && !isLanguageTag(tag)) this.fault(path, 'must be a language tag, like nl or en-GB');
    return tag;
  }

  /** The language tag of an event, in its canonical spelling where it has one. */
  eventLocale(value: unknown, path: string): string {
    const tag = this.text(value, path, 2, 35);
    try {
      return Intl.getCanonicalLocales(tag.replaceAll('_', '-'))[0] ?? tag;
    } catch {
      return tag;
    }
  }

  /** A host's domain in its canonical spelling: lower case, other scripts as `xn--`. */
  domain(value: unknown, path: string): string {
    const domain = this.text(value, path, 1, 253);
    const canonical = domainToASCII(domain.trim());
    if (domain !== '' && canonical === '') this.fault(path, 'must be a domain, like school.example');
    return canonical;
  }

  id(value: unknown, path: string): string {
    return this.text(value, path, 1, 128);
  }

  email(value: unknown, path: string): string {
    const text = this.text(value, path, 3, 254);
    if (text && !/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(text))
      this.fault(path, 'must be an e-mail address, like anne@school.example');
    return text;
  }

  instant(value: unknown, path: string): Date {
    const date = parseInstant(value);
    if (!date) this.fault(path, 'must be a date and time with an offset, like 2026-11-24T19:10:00+01:00');
    return date ?? new Date(0);
  }

  oneOf<T extends string>(value: unknown, path: string, words: readonly T[]): T {
    if (typeof value === 'string' && (words as readonly string[]).includes(value)) return value as T;
    this.fault(path, `must be one of ${words.join(', ')}`);
    return words[0]!;
  }

  timeZone(value: unknown, path: string): string {
    const zone = this.text(value, path, 1, 64);
    const canonical = canonicalTimeZone(zone);
    if (zone && canonical === null) this.fault(path, 'must be a time zone of the IANA database, like Europe/Amsterdam');
    return canonical ?? zone;
  }

  list(value: unknown, path: string): readonly unknown[] {
    if (Array.isArray(value)) return value;
    this.fault(path, value === undefined ? 'is missing; it must be a list' : 'must be a list');
    return [];
  }
}

const LANGUAGES = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

function isLanguageTag(tag: string): boolean {
  try {
    return LANGUAGES.of(new Intl.Locale(tag.replaceAll('_', '-')).language) !== undefined;
  } catch {
    return false;
  }
}

/** Asking `Intl` takes a millisecond, and a batch names the same zone 500 times. As many spellings are kept as there are zones. */
const knownZones = new Map<string, string>();
const MOST_KNOWN_ZONES = 600;

/** As `Intl` spells it, which is how the providers know it; null where there is none, and for mere offsets. */
function canonicalTimeZone(zone: string): string | null {
  const known = knownZones.get(zone);
  if (known !== undefined) return known;
  if (/^[+-]/.test(zone)) return null;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions();
    if (knownZones.size < MOST_KNOWN_ZONES) knownZones.set(zone, timeZone);
    return timeZone;
  } catch {
    return null;
  }
}
