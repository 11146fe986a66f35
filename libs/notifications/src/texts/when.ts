/** Making one costs a hundred times what using it does; a page has hundreds of times. Few enough to keep: locale × zone × form. */
const formats = new Map<string, Intl.DateTimeFormat>();
const MOST_FORMATS = 1_000;

/** Intl knows these by itself; a locale without a catalogue never gets here. */
function format(locale: string, timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([locale, timeZone, options]);
  let known = formats.get(key);
  if (!known) {
    if (formats.size >= MOST_FORMATS) formats.clear();
    known = new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, { timeZone, ...options });
    formats.set(key, known);
  }
  return known;
}

/** "dinsdag 24 november 2026", in the given IANA zone. */
export const dayText = (at: Date, locale: string, timeZone: string) =>
  format(locale, timeZone, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(at);

/** "24 nov", for subjects. */
export const shortDayText = (at: Date, locale: string, timeZone: string) =>
  format(locale, timeZone, { day: 'numeric', month: 'short' }).format(at);

/** "19:10", in the given IANA zone, always 24 hours. */
export const timeText = (at: Date, locale: string, timeZone: string) =>
  format(locale, timeZone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);

/** "Midden-Europese tijd", so that a parent abroad does not come an hour late. */
export const zoneText = (at: Date, locale: string, timeZone: string) =>
  format(locale, timeZone, { timeZoneName: 'longGeneric' })
    .formatToParts(at)
    .find((part) => part.type === 'timeZoneName')?.value ?? timeZone;

/** "19:10–19:20 (Midden-Europese tijd)". */
export const spanText = (start: Date, end: Date, locale: string, timeZone: string) =>
  `${timeText(start, locale, timeZone)}–${timeText(end, locale, timeZone)} (${zoneText(start, locale, timeZone)})`;
