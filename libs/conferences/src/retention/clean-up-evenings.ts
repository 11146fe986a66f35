import type { BlindIndex } from '#libs/encryption';
import { EVERY_SCHOOL, rows, sql, type DataKeys, type Database, type Em } from '#libs/database';
import { PERIODS, daysBefore, recordAudit } from '#libs/privacy';
import { dismiss, forgetMeeting, giveUp } from '../erasure/erase-person.js';
import { openMade, sealMade } from '../meeting-work/made.js';
import { isFinished, type MeetingState } from '../model.js';
import { SlotStore, type SlotRef } from '../slot-store.js';
import { lockSchoolIntake } from '../take-in/lock-school-intake.js';

interface Deps {
  readonly database: Database;
  readonly keys: DataKeys;
  readonly index: BlindIndex;
}

const BATCH = 50;

interface EveningRef {
  readonly schoolId: string;
  readonly eveningId: string;
}

/**
 * Some days after an evening: the URLs, the join links, the children's first names and what parents were told go. Our own
 * items in the teachers' accounts are removed at their next visit, of which nobody is reminded; a removal that waited too
 * long is given up.
 * @returns how many evenings were cleaned
 */
export async function cleanUpEvenings(deps: Deps, now: Date): Promise<number> {
  const due = await deps.database.transaction(EVERY_SCHOOL, (em) => eveningsOver(em, now));
  for (const evening of due)
    await deps.database.transaction([evening.schoolId], (em) => cleanUp(em, deps, evening, now));
  await deps.database.transaction(EVERY_SCHOOL, (em) => giveUpOldRemovals(em, deps, now));
  return due.length;
}

/** An evening into which a slot was moved after its clean-up is cleaned once more. */
const eveningsOver = (em: Em, now: Date) =>
  rows(
    em,
    sql<EveningRef>`select e.school_id, e.id as evening_id from evenings e
    where exists (select from timeslots t where t.school_id = e.school_id and t.evening_id = e.id and t.end_at > coalesce(e.cleaned_at, '-infinity'))
      and not exists (select from timeslots t where t.school_id = e.school_id and t.evening_id = e.id and t.end_at > ${daysBefore(now, PERIODS.eveningCleanUpDays)})
    order by 1, 2 limit ${BATCH}`,
  );

async function cleanUp(em: Em, { keys, index }: Deps, { schoolId, eveningId }: EveningRef, now: Date): Promise<void> {
  await lockSchoolIntake(em, [schoolId]);
  const refs = await rows(
    em,
    sql<SlotRef>`select school_id, id as timeslot_id from timeslots where school_id = ${schoolId} and evening_id = ${eveningId}`,
  );
  const store = await SlotStore.load(em, index, refs, true);
  const slots = [...store.slots.values()];
  // Somebody planned one of them anew while this waited for the lock.
  if (slots.some(({ timeslot }) => timeslot.endAt > daysBefore(now, PERIODS.eveningCleanUpDays))) return;
  await keys.load(em, [{ school: schoolId }]);
  for (const slot of slots) {
    if (slot.conference) slot.conference.publishedId = null;
    for (const parent of slot.parents)
      Object.assign(parent, { aboutSealed: null, told: null, heard: null, revealedId: null });
    for (const meeting of slot.meetings) {
      dismiss(meeting);
      await forgetUrl(keys, meeting);
    }
  }
  await store.save(now);
  await rows(
    em,
    sql`delete from join_links l using timeslots t
    where l.school_id = ${schoolId} and t.school_id = l.school_id and t.id = l.timeslot_id and t.evening_id = ${eveningId}`,
  );
  // A corrected first name stands with the parent: it stays as long as there is another slot.
  await rows(
    em,
    sql`update people p set about_sealed = null, about_at = null from timeslot_parents x
    join timeslots t on t.school_id = x.school_id and t.id = x.timeslot_id
    where x.school_id = ${schoolId} and t.evening_id = ${eveningId} and p.school_id = x.school_id and p.id = x.person_id and p.about_sealed is not null
      and not exists (select from timeslot_parents y join timeslots u on u.school_id = y.school_id and u.id = y.timeslot_id
        where y.school_id = p.school_id and y.person_id = p.id and y.assigned and u.end_at > ${daysBefore(now, PERIODS.eveningCleanUpDays)})`,
  );
  await rows(em, sql`update evenings set cleaned_at = ${now} where school_id = ${schoolId} and id = ${eveningId}`);
  await recordAudit(em, { keys, index, now }, [
    {
      schoolId,
      action: 'evening.cleaned',
      actor: { kind: 'system' },
      detail: { evening: eveningId, slots: slots.length },
    },
  ]);
}

/** What is left of a meeting is what its removal needs: its id, and in which account it is. */
async function forgetUrl(keys: DataKeys, meeting: MeetingState): Promise<void> {
  if (isFinished(meeting)) return forgetMeeting(meeting, meeting.ownerId);
  Object.assign(meeting, { urlIndex: null, accountSealed: null });
  if (!meeting.madeSealed) return;
  const made = await openMade(keys, meeting, meeting.madeSealed);
  meeting.madeSealed = await sealMade(keys, meeting, { ...made, url: null });
}

/** Whoever removes them by hand finds them by the neutral title; we forget them. */
async function giveUpOldRemovals(em: Em, { index }: Deps, now: Date): Promise<void> {
  const refs = await rows(
    em,
    sql<SlotRef>`select distinct m.school_id, m.timeslot_id from meetings m
    join timeslots t on t.school_id = m.school_id and t.id = m.timeslot_id
    where t.end_at < ${daysBefore(now, PERIODS.removalGivenUpDays)}
      and (m.state not in ('gone', 'over') or m.account_index is not null) limit 500`,
  );
  const store = await SlotStore.load(em, index, refs, true);
  for (const slot of store.slots.values())
    for (const meeting of slot.meetings) {
      giveUp(meeting, 'left-at-provider');
      forgetMeeting(meeting, meeting.ownerId);
    }
  await store.save(now);
}
