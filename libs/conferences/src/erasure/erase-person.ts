import { erasedPersonIndex, tombstoneOf, type BlindIndex } from '#libs/encryption';
import { rows, sql, type DataKeys, type Em } from '#libs/database';
import { endSessionsAtSchool } from '#libs/privacy';
import { isEntitled, isFinished, wasNeverMade, type MeetingState, type Slot } from '../model.js';
import { removeContact } from '../people.js';
import { SlotStore, type SlotRef } from '../slot-store.js';
import { lockSchoolIntake } from '../take-in/lock-school-intake.js';

export interface ErasureDeps {
  readonly keys: DataKeys;
  readonly index: BlindIndex;
  readonly now: Date;
  /** Plans the notices of slots in the same transaction that changed them. */
  readonly planNotices: (em: Em, slots: readonly Slot[], now: Date) => Promise<void>;
}

/** A person at one school. */
export interface Subject {
  readonly schoolId: string;
  readonly personId: string;
}

/** What was erased, as numbers. */
export interface ErasedCounts {
  readonly profiles: number;
  readonly contacts: number;
  readonly slotsAsParent: number;
  readonly slotsAsTeacher: number;
  readonly joinLinks: number;
  readonly messages: number;
  /** In the person's account, by the provider: those that were to be removed there. */
  readonly meetings: number;
}

type EraseHow = 'first' | 'again' | 'again-done';

/**
 * Takes a person out of one school's data, in the transaction of `em`: off all slots (whose URLs rotate where the person
 * could have seen them), out of contacts, messages and join links; the person's data key is destroyed. What a removal at
 * the provider needs stays until it is done: the meeting's id and calendar (sealed for the school) and whose login it is.
 *
 * @param how `again`: after a restore, parents heard of it then. `again-done`: and at the provider all was done that
 *   could be; nothing is asked of it now
 */
export async function erasePerson(
  em: Em,
  deps: ErasureDeps,
  subject: Subject,
  how: EraseHow = 'first',
): Promise<ErasedCounts> {
  const { index, now } = deps;
  const { schoolId, personId } = subject;
  await lockSchoolIntake(em, [schoolId]);
  const personIndex = erasedPersonIndex(index, schoolId, personId);
  await rows(
    em,
    sql`insert into erased_people (school_id, person_index, erased_at) values (${schoolId}, ${personIndex}, ${now}) on conflict do nothing`,
  );
  await endSessionsAtSchool(em, index, [subject], now);
  const store = await SlotStore.load(em, index, await slotsNaming(em, subject), true);
  const slots = [...store.slots.values()];
  const tombstone = tombstoneOf(index, schoolId, personId);
  const meetings = slots.flatMap((slot) => takeOff(slot, subject, tombstone, how));
  await store.save(now);
  // An erased person is told nothing, and a teacher's new name in a told message is no news.
  for (const slot of slots) slot.parents = slot.parents.filter((parent) => parent.personId !== personId);
  if (how === 'first') await deps.planNotices(em, slots, now);
  const [counts] = await removeRows(em, subject);
  const contacts = (await removeContact(em, deps.keys, schoolId, personId)) ? 1 : 0;
  if (how === 'again-done')
    await rows(em, sql`delete from calendars where school_id = ${schoolId} and owner_id = ${personId}`);
  deps.keys.forget({ school: schoolId, person: personId });
  return {
    ...counts!,
    contacts,
    slotsAsTeacher: slots.filter((slot) => slot.timeslot.teacherId === tombstone).length,
    meetings: meetings.length,
  };
}

/** Every slot in which the person's id stands anywhere. */
const slotsNaming = (em: Em, { schoolId, personId }: Subject) =>
  rows(
    em,
    sql<SlotRef>`select ${schoolId}::text as school_id, id as timeslot_id from timeslots where school_id = ${schoolId} and ${personId} in (teacher_id, conference_teacher_id)
    union select school_id, timeslot_id from conferences where school_id = ${schoolId} and owner_id = ${personId}
    union select school_id, timeslot_id from meetings where school_id = ${schoolId} and owner_id = ${personId}
    union select school_id, timeslot_id from timeslot_parents where school_id = ${schoolId}
      and (person_id = ${personId} or ${personId} in (told->>'teacherId', told->>'ownerId', heard->>'teacherId', heard->>'ownerId'))`,
  );

/** @returns the meetings in the person's account that are still to be removed there, or were when it was given up */
function takeOff(slot: Slot, { personId }: Subject, tombstone: string, how: EraseHow): MeetingState[] {
  const { timeslot, conference } = slot;
  const instead = (id: string) => (id === personId ? tombstone : id);
  timeslot.teacherId = instead(timeslot.teacherId);
  if (timeslot.conferenceTeacherId) timeslot.conferenceTeacherId = instead(timeslot.conferenceTeacherId);
  for (const parent of slot.parents) {
    for (const word of [parent.told, parent.heard])
      if (word)
        Object.assign(word, {
          teacherId: instead(word.teacherId),
          ...(word.ownerId && { ownerId: instead(word.ownerId) }),
        });
    if (parent.personId !== personId) continue;
    // A parent who could look at the URL at any time counts as having seen it.
    if (slot.school.revealMinutes === null && isEntitled(parent) && conference?.publishedId)
      parent.revealedId = conference.publishedId;
    parent.assigned = false;
  }
  if (conference?.ownerId === personId) Object.assign(conference, { provider: null, ownerId: tombstone });
  const own = slot.meetings.filter((meeting) => meeting.ownerId === personId);
  const open = own.filter((meeting) => !isFinished(meeting));
  for (const meeting of own) {
    if (conference?.publishedId === meeting.id) conference.publishedId = null;
    if (how === 'again-done') giveUp(meeting, null);
    else dismiss(meeting);
    meeting.accountSealed = null;
    if (isFinished(meeting)) forgetMeeting(meeting, tombstone);
  }
  return how === 'again-done' ? open : open.filter((meeting) => !isFinished(meeting));
}

/** Nothing is wished of it any more, whatever else would replace it first: it is in the account of somebody who goes. */
export function dismiss(meeting: MeetingState): void {
  if (!meeting.wished || isFinished(meeting)) return;
  Object.assign(meeting, { wished: false, wishVersion: meeting.wishVersion + 1, failures: 0 });
  // A worker that is calling right now finds the new wish when it writes its result down.
  if (meeting.state === 'calling') return;
  Object.assign(meeting, { state: wasNeverMade(meeting) ? 'gone' : 'pending', reason: null });
}

/** It may still be at the provider; nobody will ask for it any more. */
export function giveUp(meeting: MeetingState, reason: string | null): void {
  if (isFinished(meeting)) return;
  Object.assign(meeting, {
    wished: false,
    state: 'gone',
    reason,
    operation: null,
    deadline: null,
    verifyAt: null,
    // A worker that has it in hand cannot write any more.
    epoch: meeting.epoch + 1,
  });
}

/** Nothing that leads to the meeting at the provider, or to its owner, stays with us. */
export function forgetMeeting(meeting: MeetingState, ownerId: string): void {
  Object.assign(meeting, {
    ownerId,
    accountIndex: null,
    accountSealed: null,
    madeSealed: null,
    idIndex: null,
    urlIndex: null,
  });
}

/** One statement; the rows of a message that is being sent right now go, too, and its end finds nothing. */
const removeRows = (em: Em, { schoolId, personId }: Subject) =>
  rows(
    em,
    sql<Pick<ErasedCounts, 'profiles' | 'slotsAsParent' | 'joinLinks' | 'messages'>>`
    with links as (delete from join_links where school_id = ${schoolId} and person_id = ${personId} returning 1),
      parents as (delete from timeslot_parents where school_id = ${schoolId} and person_id = ${personId} returning 1),
      messages as (delete from deliveries where school_id = ${schoolId} and person_id = ${personId} returning id),
      waiting as (delete from dispatches where queue = 'deliveries' and subject_id in (select id from messages)),
      profiles as (delete from people where school_id = ${schoolId} and id = ${personId} returning 1),
      keys as (delete from data_keys where school_id = ${schoolId} and person_id = ${personId} returning 1)
    select (select count(*) from links) as join_links, (select count(*) from parents) as slots_as_parent,
      (select count(*) from messages) as messages, (select count(*) from profiles) as profiles`,
  );
