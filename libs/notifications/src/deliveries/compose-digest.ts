import { accountContext, eveningNameOf, profilesOf, schoolOf, slotsOfEvening } from '#libs/conferences';
import type { Em } from '#libs/database';
import { renderColleagueDigest } from '../mails/colleague-digest.js';
import { dropped, type Composed, type DeliveryDeps, type DeliveryRow } from './delivery-row.js';
import { digestRowsOf } from './plan-digests.js';
import { addressed } from './sender.js';

/** To one teacher of an evening: whose account was used (R7). */
export async function composeDigest(em: Em, deps: DeliveryDeps, delivery: DeliveryRow, now: Date): Promise<Composed> {
  const { schoolId, eveningId, personId } = delivery;
  const slots = (await slotsOfEvening(em, { ...deps, now }, schoolId, eveningId)) ?? [];
  if (!slots.some((slot) => slot.timeslot.teacherId === personId)) return dropped('not-entitled');
  const entries = digestRowsOf(slots, now).filter(({ meeting }) => meeting.accountSealed !== null);
  if (entries.length === 0) return dropped('overtaken');
  const people = await profilesOf(em, deps.keys, schoolId, [
    personId,
    ...entries.flatMap((entry) => [entry.teacherId, entry.meeting.ownerId]),
  ]);
  const school = await schoolOf(em, deps.keys, schoolId);
  const recipient = people.get(personId);
  if (!recipient || !school) return dropped('not-entitled');
  const mail = renderColleagueDigest({
    locale: recipient.locale,
    schoolLocale: school.locale,
    schoolName: school.name,
    eveningName: (await eveningNameOf(em, deps.keys, schoolId, eveningId)) ?? '',
    recipientName: recipient.name,
    rows: await Promise.all(
      entries.map(async (entry) => ({
        teacherName: people.get(entry.teacherId)?.name ?? '',
        ownerName: people.get(entry.meeting.ownerId)?.name ?? '',
        account: await deps.keys.open(entry.meeting.accountSealed!, accountContext(entry.meeting)),
        provider: entry.meeting.provider,
        meetings: entry.meetings,
      })),
    ),
    pageUrl: `${deps.appUrl}/evenings/${encodeURIComponent(eveningId)}`,
    privacyUrl: `${deps.appUrl}/privacy`,
  });
  return { channel: 'email', kind: delivery.kind, message: addressed(delivery.id, deps.mailFrom, recipient, mail) };
}
