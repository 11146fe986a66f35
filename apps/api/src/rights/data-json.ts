import type { PersonData } from '#libs/conferences';
import type { AuditView } from '#libs/privacy';
import { joinLinkOf } from '../join/parent-conferences.js';
import { maskEmail, maskName } from './mask.js';
import type { PersonView } from './view-of.js';

const NOTHING: PersonData = { person: null, contact: null, asParent: [], asTeacher: [], meetings: [], messages: [] };
const iso = (date: Date | null) => date?.toISOString() ?? null;

/** What the person put right stands until a later event. */
const isCorrected = ({ toldAt, correctedAt }: NonNullable<PersonData['person']>) =>
  correctedAt !== null && toldAt <= correctedAt;

/** What a person's data look like to a reader: the join links and meeting URLs to nobody but that person, masked to support. */
export function dataJson(
  personId: string,
  schoolId: string | null,
  found: PersonData | null,
  looks: readonly AuditView[],
  view: PersonView,
  appUrl: string,
) {
  const data = found ?? NOTHING;
  const name = (text: string) => (view === 'masked' ? maskName(text) : text);
  const email = (text: string) => (view === 'masked' ? maskEmail(text) : text);
  const own = <T>(value: T) => (view === 'own' ? value : undefined);
  return {
    id: personId,
    school: schoolId === null ? null : { id: schoolId },
    person: data.person && {
      name: name(data.person.name),
      email: email(data.person.email),
      locale: data.person.locale,
      source: isCorrected(data.person) ? 'corrected here' : 'the parent-meetings module',
      toldAt: iso(data.person.toldAt),
      correctedAt: iso(data.person.correctedAt),
      leftAt: iso(data.person.leftAt),
    },
    contact: data.contact && {
      name: name(data.contact.name),
      email: email(data.contact.email),
      role: data.contact.role,
    },
    asParent: data.asParent.map((slot) => ({
      timeslotId: slot.timeslotId,
      start: iso(slot.start),
      end: iso(slot.end),
      status: slot.status,
      assigned: slot.assigned,
      teacher: { name: name(slot.teacher) },
      about: slot.about === null ? null : name(slot.about),
      household: slot.household,
      urlWasShown: slot.shown,
      joinLink: own(slot.token === null ? null : joinLinkOf(appUrl, slot.token)),
    })),
    asTeacher: data.asTeacher.map((slot) => ({ ...slot, start: iso(slot.start), end: iso(slot.end) })),
    meetings: data.meetings.map((meeting) => ({
      timeslotId: meeting.timeslotId,
      provider: meeting.provider,
      state: meeting.state,
      account: meeting.account === null ? null : email(meeting.account),
      createdAt: iso(meeting.createdAt),
      meetingId: own(meeting.meetingId),
      meetingUrl: own(meeting.url),
    })),
    messages: data.messages.map((message) => ({
      ...message,
      createdAt: iso(message.createdAt),
      sentAt: iso(message.sentAt),
    })),
    /** What staff and programs did with these data: by whom, to a privacy officer; by which role, to everybody else. */
    looks: looks.map((look) => ({
      at: iso(look.at),
      action: look.action,
      by: {
        kind: look.actor.kind,
        role: look.actor.role,
        ...(view === 'whole' && { id: look.actor.id }),
      },
      ...(view !== 'masked' && { reason: look.reason }),
    })),
  };
}

export type DataJson = ReturnType<typeof dataJson>;
