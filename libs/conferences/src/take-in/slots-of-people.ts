import { asJson, rows, sql, type Em } from '#libs/database';
import type { SlotRef } from '../slot-store.js';
import type { IncomingEvent } from './incoming-event.js';

/**
 * The slots of people who left, or who are named again after it: what they may see changes with them, also where no event
 * of the batch speaks of the slot. Asks nothing where no event names a parent or a person.
 */
export async function slotsOfPeople(em: Em, events: readonly IncomingEvent[]): Promise<SlotRef[]> {
  const people = events.flatMap(({ change }) =>
    change.kind === 'person-left'
      ? [{ school_id: change.schoolId, id: change.personId }]
      : change.kind === 'person'
        ? [{ school_id: change.schoolId, id: change.person.id }]
        : change.kind === 'timeslot'
          ? change.parents.map((parent) => ({ school_id: change.school.id, id: parent.id }))
          : [],
  );
  if (people.length === 0) return [];
  const leaving = events.some(({ change }) => change.kind === 'person-left');
  return rows(
    em,
    sql<SlotRef>`select distinct p.school_id, p.timeslot_id from timeslot_parents p
      join jsonb_to_recordset(${asJson(people)}) as w(school_id text, id text) on w.school_id = p.school_id and w.id = p.person_id
      join people pe on pe.school_id = p.school_id and pe.id = p.person_id
      where p.assigned and (${leaving} or pe.left_at is not null)`,
  );
}
