import type { Batch } from './batch.js';
import { comesAfter } from './comes-after.js';
import { couldHaveSeen } from './could-have-seen.js';
import type { PersonRow } from './take-in-rows.js';

/** At the school: named by an event after the last one that said otherwise. In SQL: `isPresent` in people.ts. */
export const isPresentIn = (batch: Batch, schoolId: string, personId: string): boolean => {
  const row = batch.person(schoolId, personId);
  return (
    !!row &&
    (row.leftAt === null || comesAfter({ at: row.toldAt, id: row.toldId }, { at: row.leftAt, id: row.leftId! }))
  );
};

/** Carries a person's coming and going to all of the person's slots that the batch holds. */
export function refreshPresence(batch: Batch, row: PersonRow): void {
  const present = isPresentIn(batch, row.schoolId, row.id);
  for (const slot of batch.store.slots.values()) {
    if (slot.timeslot.schoolId !== row.schoolId) continue;
    for (const parent of slot.parents) {
      if (parent.personId !== row.id || parent.present === present) continue;
      if (!present) couldHaveSeen(slot, parent);
      parent.present = present;
    }
  }
}
