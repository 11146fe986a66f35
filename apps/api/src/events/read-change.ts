import type { IncomingChange, IncomingPerson } from '#libs/conferences';
import { PROVIDERS } from '#libs/providers';
import { Checker, isObject, type JsonObject } from './checker.js';

/** The event types of the contract, each with its reader. */
const READERS: Readonly<Record<string, (check: Checker, data: JsonObject) => IncomingChange>> = {
  'parentmeetings.timeslot.changed.v1': timeslotChanged,
  'parentmeetings.person.changed.v1': (check, data) => ({
    kind: 'person',
    schoolId: schoolId(check, data),
    person: person(check, data['person'], '/person'),
  }),
  'parentmeetings.person.left.v1': (check, data) => ({
    kind: 'person-left',
    schoolId: schoolId(check, data),
    personId: check.id(check.object(data['person'], '/person')['id'], '/person/id'),
  }),
  'parentmeetings.school.changed.v1': schoolChanged,
};

export const isKnownType = (type: string) => Object.hasOwn(READERS, type);

/** Reads an event's data into our own types. Unknown members are ignored; what is wrong is collected in `check`. */
export function readChange(type: string, data: unknown, check: Checker): IncomingChange {
  return READERS[type]!(check, check.object(data, ''));
}

const schoolId = (check: Checker, data: JsonObject) =>
  check.id(check.object(data['school'], '/school')['id'], '/school/id');

function school(check: Checker, value: unknown) {
  const data = check.object(value, '/school');
  return {
    id: check.id(data['id'], '/school/id'),
    name: check.text(data['name'], '/school/name', 1, 200),
    timeZone: check.timeZone(data['timeZone'], '/school/timeZone'),
    locale: check.eventLocale(data['locale'], '/school/locale'),
  };
}

function person(check: Checker, value: unknown, path: string): IncomingPerson {
  const data = check.object(value, path);
  return {
    id: check.id(data['id'], `${path}/id`),
    name: check.text(data['name'], `${path}/name`, 1, 200),
    email: check.email(data['email'], `${path}/email`),
    locale: check.eventLocale(data['locale'], `${path}/locale`),
  };
}

function timeslotChanged(check: Checker, data: JsonObject): IncomingChange {
  const evening = check.object(data['evening'], '/evening');
  const slot = check.object(data['timeslot'], '/timeslot');
  const startAt = check.instant(slot['start'], '/timeslot/start');
  const endAt = check.instant(slot['end'], '/timeslot/end');
  if (!check.faults.some(({ pointer }) => /\/timeslot\/(start|end)$/.test(pointer)) && endAt <= startAt)
    check.fault('/timeslot/end', 'must be after the start');
  const version = slot['version'];
  if (!Number.isSafeInteger(version) || (version as number) < 0)
    check.fault('/timeslot/version', 'must be a whole number, not below 0');
  const parents = check.list(data['parents'], '/parents').map((value, place) => {
    const path = `/parents/${place}`;
    const extra = isObject(value) ? value : {};
    return {
      ...person(check, value, path),
      ...((extra['household'] ?? null) !== null && { household: check.id(extra['household'], `${path}/household`) }),
      ...((extra['about'] ?? null) !== null && { about: check.text(extra['about'], `${path}/about`, 0, 200) }),
    };
  });
  return {
    kind: 'timeslot',
    school: school(check, data['school']),
    evening: { id: check.id(evening['id'], '/evening/id'), name: check.text(evening['name'], '/evening/name', 1, 200) },
    timeslot: {
      id: check.id(slot['id'], '/timeslot/id'),
      version: version as number,
      startAt,
      endAt,
      status: check.oneOf(slot['status'], '/timeslot/status', ['planned', 'cancelled']),
    },
    teacher: person(check, data['teacher'], '/teacher'),
    parents,
    ...('conference' in data && {
      conference:
        data['conference'] === null
          ? null
          : {
              provider: check.oneOf(
                check.object(data['conference'], '/conference')['provider'],
                '/conference/provider',
                PROVIDERS,
              ),
            },
    }),
  };
}

/** A school's settings are told as a whole: what is absent has its default. */
function schoolChanged(check: Checker, data: JsonObject): IncomingChange {
  const value = check.object(data['school'], '/school');
  const domains =
    value['accountDomains'] === undefined ? [] : check.list(value['accountDomains'], '/school/accountDomains');
  const contacts = value['contacts'] === undefined ? [] : check.list(value['contacts'], '/school/contacts');
  const minutes = value['revealMinutes'] === undefined ? 10 : value['revealMinutes'];
  if (
    minutes !== null &&
    !(Number.isSafeInteger(minutes) && (minutes as number) >= 0 && (minutes as number) <= 525_600)
  )
    check.fault('/school/revealMinutes', 'must be a whole number of minutes, or null for always');
  const signIn = value['joinRequiresSignIn'] ?? false;
  if (typeof signIn !== 'boolean') check.fault('/school/joinRequiresSignIn', 'must be true or false');
  return {
    kind: 'school',
    school: school(check, value),
    settings: {
      accountDomains: domains.map((domain, place) => check.domain(domain, `/school/accountDomains/${place}`)),
      revealMinutes: minutes as number | null,
      joinRequiresSignIn: signIn === true,
      contacts: contacts.map((contact, place) => ({
        ...person(check, contact, `/school/contacts/${place}`),
        role: check.oneOf(isObject(contact) ? contact['role'] : undefined, `/school/contacts/${place}/role`, [
          'admin',
          'privacy',
        ]),
      })),
    },
  };
}
