import type { BlindIndex } from '#libs/encryption';
import { type DataKeys, type Em, type KeyOwner, asJson, rows, sql } from '#libs/database';
import { SlotStore, type SlotRef } from '../slot-store.js';
import { Batch } from './batch.js';
import type { IncomingEvent } from './incoming-event.js';
import { peopleNamed } from './people-named.js';
import { slotsOfPeople } from './slots-of-people.js';
import type { EveningRow, JoinLinkRow, KnownPerson, SchoolRow } from './take-in-rows.js';

/** School and id of a row, as `jsonb_to_recordset` takes them. */
interface RowId {
  readonly school_id: string;
  readonly id: string;
}

/**
 * Loads what these events are about: data keys, slots (locked until the transaction ends), schools, evenings, people and
 * who has a join link already. One statement for each, whatever the number of events.
 */
export async function loadBatch(
  em: Em,
  { keys, index }: { keys: DataKeys; index: BlindIndex },
  events: readonly IncomingEvent[],
  schoolIds: readonly string[],
): Promise<Batch> {
  const { refs, evenings, people, contacts } = aboutWhat(events);
  await keys.load(em, [
    ...schoolIds.map((school): KeyOwner => ({ school })),
    ...contacts,
    ...people.map((person): KeyOwner => ({ school: person.school_id, person: person.id })),
  ]);
  const store = await SlotStore.load(em, index, [...refs, ...(await slotsOfPeople(em, events))], true);
  const batch = new Batch(keys, index, store);
  batch.remember({
    schools: await rows(em, sql<SchoolRow>`select * from schools where id = any(${[...schoolIds]}::text[])`),
    evenings: await eveningRows(em, evenings),
    people: await peopleRows(em, people),
    linked: await linksOf(em, store),
  });
  return batch;
}

/** Pure: the slots, evenings and people that the events name, and whose contacts' keys are needed. */
function aboutWhat(events: readonly IncomingEvent[]) {
  const refs: SlotRef[] = [];
  const evenings: RowId[] = [];
  const people: RowId[] = [];
  const contacts: KeyOwner[] = [];
  for (const { change } of events)
    switch (change.kind) {
      case 'timeslot':
        refs.push({ schoolId: change.school.id, timeslotId: change.timeslot.id });
        evenings.push({ school_id: change.school.id, id: change.evening.id });
        for (const person of peopleNamed(change)) people.push({ school_id: change.school.id, id: person.id });
        break;
      case 'person':
        people.push({ school_id: change.schoolId, id: change.person.id });
        break;
      case 'person-left':
        people.push({ school_id: change.schoolId, id: change.personId });
        break;
      case 'school':
        for (const contact of change.settings.contacts) contacts.push({ school: change.school.id, person: contact.id });
    }
  return { refs, evenings, people, contacts };
}

const eveningRows = (em: Em, evenings: readonly RowId[]) =>
  rows(
    em,
    sql<EveningRow>`select e.school_id, e.id, e.name_sealed, e.told_at, e.told_id from evenings e join jsonb_to_recordset(${asJson(evenings)}) as w(school_id text, id text) using (school_id, id)`,
  );

const peopleRows = (em: Em, people: readonly RowId[]) =>
  rows(
    em,
    sql<KnownPerson>`select p.* from people p join (select distinct * from jsonb_to_recordset(${asJson(people)}) as w(school_id text, id text)) w using (school_id, id)`,
  );

const linksOf = (em: Em, store: SlotStore) => {
  const slots = [...store.slots.values()].map(({ timeslot }) => ({
    school_id: timeslot.schoolId,
    timeslot_id: timeslot.id,
  }));
  return rows(
    em,
    sql<
      Pick<JoinLinkRow, 'schoolId' | 'timeslotId' | 'personId'>
    >`select l.school_id, l.timeslot_id, l.person_id from join_links l join jsonb_to_recordset(${asJson(slots)}) as w(school_id text, timeslot_id text) using (school_id, timeslot_id)`,
  );
};
