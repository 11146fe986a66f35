import type { Fault } from '../http/problem.js';

export type JsonObject = { readonly [name: string]: unknown };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Postgres has no U+0000, and a lone surrogate is no text. */
const isCleanText = (value: string) => !value.includes('\u0000') && value.isWellFormed();

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** An instant of RFC 3339 with an offset, or null; 30 February is none. */
export function parseInstant(value: unknown): Date | null {
  if (typeof value !== 'string' || !RFC3339.test(value)) return null;
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return null;
  const [year, month, day] = value.slice(0, 10).split('-').map(Number) as [number, number, number];
  return new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day ? date : null;
}

/** In code points, as people count characters and not as UTF-16 does. */
const lengthOf = (text: string) => Array.from(text).length;

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
    else if (lengthOf(value) < min || lengthOf(value) > max) this.fault(path, `must have ${min} to ${max} characters`);
    else return value;
    return '';
  }

  id(value: unknown, path: string): string {
    return this.text(value, path, 1, 128);
  }

  email(value: unknown, path: string): string {
    const text = this.text(value, path, 3, 254);
    if (text && !/^[^\s@]+@[^\s@]+$/u.test(text)) this.fault(path, 'must be an e-mail address');
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
    if (zone && !isTimeZone(zone)) this.fault(path, 'must be a time zone of the IANA database, like Europe/Amsterdam');
    return zone;
  }

  list(value: unknown, path: string): readonly unknown[] {
    if (Array.isArray(value)) return value;
    this.fault(path, value === undefined ? 'is missing; it must be a list' : 'must be a list');
    return [];
  }
}

function isTimeZone(zone: string): boolean {
  if (/^[+-]/.test(zone)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
