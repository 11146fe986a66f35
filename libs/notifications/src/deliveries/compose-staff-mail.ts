import {
  contactsOf,
  eveningNameOf,
  meetingTitle,
  presentOf,
  profilesOf,
  schoolContacts,
  schoolOf,
  slotsOfEvening,
  waitingFor,
} from '#libs/conferences';
import type { Em } from '#libs/database';
import { renderOwnerAway, type AwayRow } from '../mails/owner-away.js';
import { renderOwnerNeeded } from '../mails/owner-needed.js';
import { isWorthTelling, ownerHearsOf } from '../plan/owner-care.js';
import { dropped, type Composed, type DeliveryDeps, type DeliveryRow } from './delivery-row.js';
import { addressed } from './sender.js';
import { awaited, lastOwnerMail, slotsAtRisk } from './staff-mails.js';

/** To an owner: what waits now, in all schools. */
export async function composeOwnerNeeded(
  em: Em,
  deps: DeliveryDeps,
  delivery: DeliveryRow,
  now: Date,
): Promise<Composed> {
  const { schoolId, personId } = delivery;
  const waiting = await waitingFor(em, { index: deps.index, now }, personId);
  const previous = await lastOwnerMail(em, personId, now, delivery);
  const said = waiting
    .map((one) => ({ ...awaited(one), one }))
    .map((each) => ({
      ...each,
      how: ownerHearsOf(each, previous?.plannedAt ?? null, delivery.createdAt),
    }));
  if (!said.some((each) => each.how !== 'silent' && isWorthTelling(each, now))) return dropped('nothing-waits');
  const recipient = (await profilesOf(em, deps.keys, schoolId, [personId])).get(personId);
  const school = await schoolOf(em, deps.keys, schoolId);
  if (!recipient || !school) return dropped('not-entitled');
  const making = said.filter(({ what }) => what === 'make');
  const mail = renderOwnerNeeded({
    locale: recipient.locale,
    schoolLocale: school.locale,
    schoolName: school.name,
    timeZone: school.timeZone,
    recipientName: recipient.name,
    count: making.length,
    firstStart: making[0]?.start ?? null,
    removals: said.filter(({ what, how }) => what === 'remove' && how === 'remind').length,
    byHand: said
      .filter(({ how }) => how === 'by-hand')
      .map(({ start, one }) => ({ start, provider: one.meeting.provider })),
    meetingTitle: meetingTitle(school.locale),
    pageUrl: `${deps.appUrl}/`,
    privacyUrl: `${deps.appUrl}/privacy`,
  });
  return { channel: 'email', kind: delivery.kind, message: addressed(delivery.id, deps.mailFrom, recipient, mail) };
}

/** To a colleague who could take over, or to a contact of the school: what has no link now. */
export async function composeOwnerAway(
  em: Em,
  deps: DeliveryDeps,
  delivery: DeliveryRow & { readonly kind: 'take-over-offer' | 'owner-away' },
  now: Date,
): Promise<Composed> {
  const { schoolId, eveningId, personId, kind } = delivery;
  const slots = (await slotsOfEvening(em, { ...deps, now }, schoolId, eveningId)) ?? [];
  const atRisk = slotsAtRisk(slots, kind, personId, now);
  if (atRisk.length === 0) return dropped('nothing-waits');
  const isColleague =
    slots.some(({ timeslot }) => timeslot.teacherId === personId && timeslot.status === 'planned') &&
    (await presentOf(em, schoolId, [personId])).has(personId);
  const ids = atRisk.flatMap(({ slot, meeting }) => [slot.timeslot.teacherId, meeting.ownerId]);
  const people = await profilesOf(em, deps.keys, schoolId, [...ids, personId]);
  const recipient =
    kind === 'owner-away'
      ? schoolContacts(await contactsOf(em, deps.keys, schoolId)).find(({ id }) => id === personId)
      : isColleague && people.get(personId);
  const school = await schoolOf(em, deps.keys, schoolId);
  if (!recipient || !school) return dropped('not-entitled');
  const perOwner = new Map<string, AwayRow>();
  for (const { slot, meeting } of atRisk) {
    const key = JSON.stringify([slot.timeslot.teacherId, meeting.ownerId]);
    const row = perOwner.get(key);
    perOwner.set(key, {
      teacherName: people.get(slot.timeslot.teacherId)?.name ?? '',
      ownerName: people.get(meeting.ownerId)?.name ?? '',
      meetings: (row?.meetings ?? 0) + 1,
      firstStart: row?.firstStart ?? slot.timeslot.startAt,
    });
  }
  const mail = renderOwnerAway({
    to: kind === 'owner-away' ? 'contact' : 'colleague',
    locale: recipient.locale,
    schoolLocale: school.locale,
    schoolName: school.name,
    timeZone: school.timeZone,
    eveningName: (await eveningNameOf(em, deps.keys, schoolId, eveningId)) ?? '',
    recipientName: recipient.name,
    rows: [...perOwner.values()],
    pageUrl: `${deps.appUrl}/evenings/${encodeURIComponent(eveningId)}`,
    privacyUrl: `${deps.appUrl}/privacy`,
  });
  return { channel: 'email', kind, message: addressed(delivery.id, deps.mailFrom, recipient, mail) };
}
