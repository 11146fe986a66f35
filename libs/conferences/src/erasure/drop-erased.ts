import { erasedPersonIndex, tombstoneOf, type BlindIndex } from '#libs/encryption';
import { asJson, rows, sql, type Em } from '#libs/database';
import type { IncomingChange, IncomingEvent } from '../take-in/incoming-event.js';

interface Named {
  readonly schoolId: string;
  readonly personId: string;
}

const key = (named: Named) => JSON.stringify([named.schoolId, named.personId]);

/** The same events without the people who were erased. One statement for any number of events. */
export async function dropErased(
  em: Em,
  index: BlindIndex,
  events: readonly IncomingEvent[],
): Promise<readonly IncomingEvent[]> {
  const named = new Map(events.flatMap(({ change }) => peopleOf(change)).map((one) => [key(one), one]));
  const erased = await erasedOf(em, index, [...named.values()]);
  if (erased.size === 0) return events;
  const isErased = (schoolId: string, personId: string) => erased.has(key({ schoolId, personId }));
  return events.map((event) => ({ ...event, change: withoutErased(event.change, index, isErased) }));
}

/** Which of these people were erased, by school and id. */
async function erasedOf(em: Em, index: BlindIndex, people: readonly Named[]): Promise<Set<string>> {
  if (people.length === 0) return new Set();
  const byIndex = new Map(
    people.map((one) => [erasedPersonIndex(index, one.schoolId, one.personId).toString('hex'), one]),
  );
  const asked = [...byIndex].map(([hex, { schoolId }]) => ({ school_id: schoolId, person_index: `\\x${hex}` }));
  const found = await rows(
    em,
    sql<{ personIndex: Buffer }>`select e.person_index from erased_people e
    join jsonb_to_recordset(${asJson(asked)}) as w(school_id text, person_index bytea) using (school_id, person_index)`,
  );
  return new Set(found.map(({ personIndex }) => key(byIndex.get(personIndex.toString('hex'))!)));
}

function peopleOf(change: IncomingChange): Named[] {
  const at = (schoolId: string, ids: readonly string[]) => ids.map((personId) => ({ schoolId, personId }));
  switch (change.kind) {
    case 'timeslot':
      return at(change.school.id, [change.teacher.id, ...change.parents.map(({ id }) => id)]);
    case 'person':
      return at(change.schoolId, [change.person.id]);
    case 'person-left':
      return at(change.schoolId, [change.personId]);
    case 'school':
      return at(
        change.school.id,
        change.settings.contacts.map(({ id }) => id),
      );
    case 'nobody':
      return [];
  }
}

/**
 * A slot of an erased teacher is known all the same, under a tombstone; what the event says of the conference is not
 * heard, since nobody has the account. Pure.
 */
export function withoutErased(
  change: IncomingChange,
  index: BlindIndex,
  isErased: (schoolId: string, personId: string) => boolean,
): IncomingChange {
  switch (change.kind) {
    case 'timeslot': {
      const schoolId = change.school.id;
      const parents = change.parents.filter(({ id }) => !isErased(schoolId, id));
      if (!isErased(schoolId, change.teacher.id)) return { ...change, parents };
      const tombstone = tombstoneOf(index, schoolId, change.teacher.id);
      const teacher = { id: tombstone, name: '', email: '', locale: '' };
      return { ...change, parents, teacher, teacherIsErased: true, conference: undefined };
    }
    case 'person':
      return isErased(change.schoolId, change.person.id) ? { kind: 'nobody', schoolId: change.schoolId } : change;
    case 'person-left':
      return isErased(change.schoolId, change.personId) ? { kind: 'nobody', schoolId: change.schoolId } : change;
    case 'school': {
      const contacts = change.settings.contacts.filter(({ id }) => !isErased(change.school.id, id));
      return { ...change, settings: { ...change.settings, contacts } };
    }
    case 'nobody':
      return change;
  }
}
