import { contactsOf } from '#libs/conferences';
import { rows, sql, type DataKeys, type Em } from '#libs/database';
import { PERIODS, daysBefore } from '#libs/privacy';
import { aloneInLane, writeDeliveries } from './new-deliveries.js';

/** Seconds since here number the mails, and fit into the column for a lifetime. */
const EPOCH_MS = Date.UTC(2020, 0);

/** `retention-notice`: people will be deleted (R15). `erasure-late`: an erasure is not done after 20 or 27 days (R14). */
export type PrivacyMailKind = 'retention-notice' | 'erasure-late';

/** Plans a mail to each of the school's privacy contacts; it counts when it is sent. */
export async function planPrivacyMails(
  em: Em,
  keys: DataKeys,
  schoolId: string,
  kind: PrivacyMailKind,
  now: Date,
): Promise<void> {
  const contacts = (await contactsOf(em, keys, schoolId)).filter(({ role }) => role === 'privacy');
  const sequence = Math.floor((now.getTime() - EPOCH_MS) / 1_000);
  await writeDeliveries(
    em,
    contacts.map(({ id }) =>
      aloneInLane({
        schoolId,
        personId: id,
        timeslotId: '',
        eveningId: '',
        channel: 'email',
        kind,
        sequence,
        createdAt: now,
        startAt: now,
      }),
    ),
  );
}

/**
 * Erasures that are not done at day 20, and at day 27, are told to the school's privacy contacts, once each.
 * @returns for each: its id and the day, for ops
 */
export async function planErasureAlarms(
  em: Em,
  keys: DataKeys,
  now: Date,
): Promise<{ id: string; schoolId: string; day: number; waiting: number }[]> {
  const alarms = [];
  for (const day of [...PERIODS.erasureAlarmDays].reverse())
    alarms.push(
      ...(await rows(
        em,
        sql<{ id: string; schoolId: string; day: number; waiting: number }>`update erasures set alarmed_days = ${day}
        where done_at is null and alarmed_days < ${day} and requested_at <= ${daysBefore(now, day)}
        returning id, school_id, alarmed_days as day, waiting`,
      )),
    );
  for (const schoolId of new Set(alarms.map((alarm) => alarm.schoolId)))
    await planPrivacyMails(em, keys, schoolId, 'erasure-late', now);
  return alarms;
}
