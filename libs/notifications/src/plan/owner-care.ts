/** What waits for its owner, as far as the reminders care. */
export interface Awaited {
  readonly what: 'make' | 'remove';
  readonly start: Date;
  readonly since: Date;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** An owner hears of it once in this time at most, over all schools. */
export const OWNER_MAIL_EVERY_MS = DAY_MS;
/** A worker that starts has no logins, and parks everything until the next heartbeat of an open page. */
const GRACE_MS = 15 * MINUTE_MS;
/** Where the slot begins in less than `SOON_MS`, there is less time for that. */
const SHORT_GRACE_MS = 2 * MINUTE_MS;
/** The school's contacts are told. */
export const SOON_MS = 2 * HOUR_MS;
/** Colleagues are offered to take over. */
export const OFFER_MS = DAY_MS;
/** After this long, a removal is the owner's own affair. */
export const REMIND_FOR_MS = 14 * DAY_MS;

const begins = (within: number, { start }: Pick<Awaited, 'start'>, now: Date) =>
  start.getTime() - now.getTime() < within;

/** It has waited long enough to be worth a mail. */
export const isWorthTelling = (one: Awaited, now: Date) =>
  now.getTime() - one.since.getTime() >= (one.what === 'make' && begins(SOON_MS, one, now) ? SHORT_GRACE_MS : GRACE_MS);

export const isOfferedToColleagues = (one: Awaited, now: Date) =>
  one.what === 'make' && begins(OFFER_MS, one, now) && isWorthTelling(one, now);

export const isToldToContacts = (one: Awaited, now: Date) =>
  one.what === 'make' && begins(SOON_MS, one, now) && isWorthTelling(one, now);

/** `remind`: in the daily mail. `by-hand`: for the last time, with what to look for. `silent`: that was said. */
export function ownerHearsOf(one: Awaited, previousMailAt: Date | null, mailAt: Date): 'remind' | 'by-hand' | 'silent' {
  if (one.what === 'make') return 'remind';
  const end = one.since.getTime() + REMIND_FOR_MS;
  if (end > mailAt.getTime()) return 'remind';
  return previousMailAt !== null && previousMailAt.getTime() >= end ? 'silent' : 'by-hand';
}

/**
 * Must the owner get a mail now?
 * @param last when the last one was planned, and when it left; null: never
 */
export function isOwnerMailDue(
  waiting: readonly Awaited[],
  last: { readonly plannedAt: Date; readonly leftAt: Date } | null,
  now: Date,
): boolean {
  if (last && now.getTime() - last.leftAt.getTime() < OWNER_MAIL_EVERY_MS) return false;
  return waiting.some(
    (one) => isWorthTelling(one, now) && ownerHearsOf(one, last?.plannedAt ?? null, now) !== 'silent',
  );
}
