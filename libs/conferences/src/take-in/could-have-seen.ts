import { rows, sql, type Em } from '#libs/database';
import { isEntitled, type ParentState, type Slot } from '../model.js';
import type { Batch } from './batch.js';

// A school may show the URL at any time (`revealMinutes` null). Who was entitled meanwhile counts as having seen it, and
// that must be noted at the moment when it ends: later nobody can tell any more.

/** To be called before a parent of the slot is no longer entitled. */
export function couldHaveSeen(slot: Slot, parent: ParentState): void {
  if (slot.school.revealMinutes === null && isEntitled(parent) && slot.conference?.publishedId)
    parent.revealedId = slot.conference.publishedId;
}

/** To be called before the school's setting changes: for the slots that the batch holds, now; for the others, when it is written. */
export function stopShowingAlways(batch: Batch, schoolId: string): void {
  batch.closing.add(schoolId);
  for (const slot of batch.store.slots.values())
    if (slot.timeslot.schoolId === schoolId) for (const parent of slot.parents) couldHaveSeen(slot, parent);
}

/** The same for all slots of these schools, as Postgres has them. */
export const allCouldHaveSeen = (em: Em, schoolIds: readonly string[]) =>
  rows(
    em,
    sql`update timeslot_parents p set revealed_id = c.published_id from conferences c, people w
        where p.school_id = any(${[...schoolIds]}::text[]) and p.assigned and c.school_id = p.school_id and c.timeslot_id = p.timeslot_id
          and c.published_id is not null and w.school_id = p.school_id and w.id = p.person_id
          and (w.left_at is null or (w.told_at, w.told_id collate "C") > (w.left_at, w.left_id collate "C"))`,
  );
