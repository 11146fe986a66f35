import { waitingIn, type Slot, type Waiting } from '#libs/conferences';
import { type Em, rows, sql } from '#libs/database';
import { isOfferedToColleagues, isToldToContacts, type Awaited } from '../plan/owner-care.js';

/** The mails about meetings that wait for their owner, as they are called in `deliveries`. */
export type StaffMailKind = 'owner-needed' | 'take-over-offer' | 'owner-away';

export const awaited = ({ slot, meeting, what, since }: Waiting): Awaited => ({
  what,
  since,
  // What is to be removed stands in the calendar where it was made.
  start: (what === 'remove' && meeting.madeStart) || slot.timeslot.startAt,
});

/** It may have reached its person: only what surely never left is planned again. */
export const mayHaveArrived = sql`(d.state <> 'dropped' or d.attempted_at is not null)`;

/** When this person was written to last about what waits; a mail that is still on its way leaves now. */
export async function lastOwnerMail(
  em: Em,
  personId: string,
  now: Date,
  before?: { readonly id: string; readonly createdAt: Date },
): Promise<{ plannedAt: Date; leftAt: Date; sequence: number } | null> {
  const [last] = await rows(
    em,
    sql<{ plannedAt: Date; leftAt: Date; sequence: number }>`
    select d.created_at as planned_at, d.sequence, case when d.state = 'pending' then ${now}::timestamptz else coalesce(d.sent_at, d.attempted_at, d.created_at) end as left_at
    from deliveries d where d.person_id = ${personId} and d.kind = 'owner-needed' and ${mayHaveArrived}
      ${before ? sql`and d.id <> ${before.id} and d.created_at <= ${before.createdAt}` : sql``}
    order by d.created_at desc limit 1`,
  );
  return last ?? null;
}

/**
 * The slots of an evening that have no link since their owner is away, once the first of them is so near that a
 * colleague should save it, or the school's contacts must know. Pure.
 */
export function slotsAtRisk(
  slots: readonly Slot[],
  kind: 'take-over-offer' | 'owner-away',
  recipientId: string,
  now: Date,
): Waiting[] {
  const isAtRisk = kind === 'take-over-offer' ? isOfferedToColleagues : isToldToContacts;
  const withoutLink = slots
    .flatMap((slot) => waitingIn(slot, now))
    .filter(({ what, hasLink }) => what === 'make' && !hasLink)
    .filter(({ meeting }) => kind === 'owner-away' || meeting.ownerId !== recipientId);
  return withoutLink.some((one) => isAtRisk(awaited(one), now)) ? withoutLink : [];
}
