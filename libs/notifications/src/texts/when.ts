/** Intl knows these by itself; a locale without a catalogue never gets here. */
const format = (locale: string, timeZone: string, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, { timeZone, ...options });

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
