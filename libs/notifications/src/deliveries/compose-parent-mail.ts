import { joinTokensOf, profilesOf, schoolOf, type ParentState, type Slot } from '#libs/conferences';
import type { Em } from '#libs/database';
import { Secret } from '#libs/encryption';
import type { EmailMessage } from '../channels/email-channel.js';
import { renderParentMail } from '../mails/parent-mail.js';
import type { ParentNoticeKind, SlotFact, Told } from '../plan/plan-parent-notice.js';
import type { DeliveryDeps, DeliveryRow } from './delivery-row.js';
import { addressed, calendarUid, senderAddress } from './sender.js';

/** One parent's mail about one slot, from what is true now. Null: this person, or the join link, is gone. */
export async function composeParentMail(
  em: Em,
  deps: DeliveryDeps,
  given: { delivery: DeliveryRow; slot: Slot; parent: ParentState; fact: SlotFact; says: Told | null; now: Date },
): Promise<EmailMessage | null> {
  const { delivery, slot, parent, fact, says, now } = given;
  const { schoolId, timeslotId, personId } = delivery;
  const { teacherId } = slot.timeslot;
  const ownerId = fact.ownerId ?? teacherId;
  const people = await profilesOf(em, deps.keys, schoolId, [personId, teacherId, ownerId]);
  const school = await schoolOf(em, deps.keys, schoolId);
  const token = (await joinTokensOf(em, deps.keys, schoolId, personId, [timeslotId])).get(timeslotId);
  const recipient = people.get(personId);
  if (!recipient || !school || !token) return null;
  const about = parent.aboutSealed
    ? (
        await deps.keys.open(parent.aboutSealed, {
          table: 'timeslot_parents',
          column: 'about_sealed',
          row: timeslotId,
          school: schoolId,
          person: personId,
        })
      ).reveal()
    : null;
  const mail = renderParentMail({
    kind: delivery.kind as ParentNoticeKind,
    locale: recipient.locale,
    schoolLocale: school.locale,
    schoolName: school.name,
    timeZone: school.timeZone,
    teacherName: people.get(teacherId)?.name ?? '',
    ownerName: ownerId === teacherId ? null : (people.get(ownerId)?.name ?? ''),
    about,
    start: slot.timeslot.startAt,
    end: slot.timeslot.endAt,
    previousStart: says?.previousStart ?? null,
    joinLink: new Secret(`${deps.appUrl}/j/${token}`),
    revealMinutes: school.revealMinutes,
    privacyUrl: `${deps.appUrl}/privacy`,
    parentName: recipient.name,
    parentEmail: new Secret(recipient.email),
    uid: calendarUid(deps.index, deps.appUrl, { schoolId, timeslotId, personId }),
    sequence: delivery.sequence,
    organizerAddress: senderAddress(deps.mailFrom),
    stamp: now,
  });
  return addressed(delivery.id, deps.mailFrom, recipient, mail);
}
