/** The instant of a wall-clock time in a zone, as RFC 3339 with the zone's offset on that day. */
export const atLocalTime = (date: string, time: string, timeZone: string): string => {
  const asUtc = Date.parse(`${date}T${time}:00Z`);
  // Twice, since the offset of the guess can differ from the offset of the answer on the day of a change.
  const guess = asUtc - offsetMinutes(new Date(asUtc), timeZone) * 60_000;
  return withOffset(new Date(asUtc - offsetMinutes(new Date(guess), timeZone) * 60_000), timeZone);
};

/** An instant written with the zone's offset: 2026-11-24T19:10:00+01:00. */
export const withOffset = (instant: Date, timeZone: string): string => {
  const minutes = offsetMinutes(instant, timeZone);
  const local = new Date(instant.getTime() + minutes * 60_000).toISOString().slice(0, 19);
  const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${local}${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
};

/** The date of a day in a zone, so many days after this instant. */
export const localDate = (instant: Date, timeZone: string, daysLater = 0): string =>
  withOffset(new Date(instant.getTime() + daysLater * 86_400_000), timeZone).slice(0, 10);

const offsetMinutes = (instant: Date, timeZone: string): number => {
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(instant);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d{2}):(\d{2})/u.exec(name) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
};
