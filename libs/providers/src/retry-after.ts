const LONGEST_SECONDS = 24 * 60 * 60;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const TIME = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`;
/** The three forms of RFC 9110 §5.6.7, the old two of which are still to be understood. All of them are UTC. */
const DATES = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  new RegExp(String.raw`^[a-z]{3}, ?(?<day>\d{1,2}) (?<month>[a-z]{3}) (?<year>\d{4}) ${TIME} (?:GMT|UTC|Z)$`, 'i'),
  // Sunday, 06-Nov-94 08:49:37 GMT
  new RegExp(String.raw`^[a-z]{3,9}, ?(?<day>\d\d)-(?<month>[a-z]{3})-(?<year>\d\d) ${TIME} (?:GMT|UTC|Z)$`, 'i'),
  // Sun Nov  6 08:49:37 1994
  new RegExp(String.raw`^[a-z]{3} (?<month>[a-z]{3}) {1,2}(?<day>\d{1,2}) ${TIME} (?<year>\d{4})$`, 'i'),
];

/**
 * When a `Retry-After` header allows the next try. Takes whole seconds, fractions (Graph's documentation shows `2.128`,
 * providers.md §4.8), of several the longest, and HTTP dates; an absurd value is clamped to between now and 24 hours from
 * now, so that no answer can stop an account's work for good. Undefined where the header is absent or not understood:
 * whoever asks has a time of its own for that, and nothing else may pass for "at once".
 */
export function retryAfter(header: string | null | undefined, now: Date): Date | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  const seconds = secondsOf(text) ?? secondsUntil(text, now);
  if (seconds === undefined) return undefined;
  const clamped = Math.min(Math.max(seconds, 0), LONGEST_SECONDS);
  return new Date(now.getTime() + Math.ceil(clamped * 1000));
}

/** A header that came twice is one with a list (RFC 9110 §5.3). */
function secondsOf(text: string): number | undefined {
  const numbers = text.split(',').map((one) => one.trim());
  if (!numbers.every((one) => /^[+-]?(\d+\.?\d*|\.\d+)$/.test(one))) return undefined;
  return Math.max(...numbers.map(Number));
}

function secondsUntil(text: string, now: Date): number | undefined {
  const found = DATES.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined);
  if (!found) return undefined;
  const month = MONTHS.indexOf(found['month']!.toLowerCase());
  const [day, hour, minute, second] = ['day', 'hour', 'minute', 'second'].map((name) => Number(found[name]));
  const at = (year: number) => Date.UTC(year, month, day, hour, minute, second);
  let year = Number(found['year']);
  if (found['year']!.length === 2) {
    // Two digits that seem to lie more than 50 years ahead are those of the past (RFC 9110 §5.6.7).
    year += now.getUTCFullYear() - (now.getUTCFullYear() % 100);
    const ahead = new Date(now);
    ahead.setUTCFullYear(now.getUTCFullYear() + 50);
    if (at(year) > ahead.getTime()) year -= 100;
  }
  const instant = new Date(at(year));
  // No 31st of November, no 25 o'clock; a leap second is the next minute's first.
  const isReal = instant.getUTCMonth() === month && (hour ?? 24) < 24 && (minute ?? 60) < 60 && (second ?? 61) < 61;
  return month >= 0 && isReal ? (instant.getTime() - now.getTime()) / 1000 : undefined;
}
