import {
  conferenceView,
  currentMeeting,
  isOver,
  type ConferenceView,
  type ParentState,
  type Slot,
} from '#libs/conferences';
import { asJson, rows, sql, type Em } from '#libs/database';
import type { Memory } from '../plan/next-notice.js';
import type { SlotFact, Told } from '../plan/plan-parent-notice.js';

export interface StandingSlot {
  readonly slot: Slot;
  readonly view: ConferenceView;
  /** How it stands for the parents who are assigned to it. */
  readonly fact: SlotFact;
}

/** How slots stand, with who is named. A query only where a colleague's meeting is published. */
export async function standingOf(em: Em, slots: readonly Slot[], now: Date): Promise<StandingSlot[]> {
  const standing = slots.map((slot) => {
    const view = conferenceView(slot, now);
    return { slot, view, fact: factOf(slot, view, now) };
  });
  const colleagues = standing.flatMap(({ slot, fact }) =>
    fact.ownerId === null || fact.ownerId === fact.teacherId
      ? []
      : [{ school_id: slot.timeslot.schoolId, id: fact.ownerId }],
  );
  if (colleagues.length === 0) return standing;
  const named = await rows(
    em,
    sql<{ schoolId: string; id: string }>`select p.school_id, p.id from people p
    join (select distinct school_id, id from jsonb_to_recordset(${asJson(colleagues)}) as w(school_id text, id text)) w using (school_id, id)
    where p.profile_sealed <> ''`,
  );
  const key = (schoolId: string, id: string) => JSON.stringify([schoolId, id]);
  const known = new Set(named.map(({ schoolId, id }) => key(schoolId, id)));
  return standing.map(({ slot, view, fact }) => ({
    slot,
    view,
    fact: {
      ...fact,
      ownerUnnamed:
        fact.ownerId !== null &&
        fact.ownerId !== fact.teacherId &&
        !known.has(key(slot.timeslot.schoolId, fact.ownerId)),
    },
  }));
}

function factOf(slot: Slot, view: ConferenceView, now: Date): SlotFact {
  const current = currentMeeting(slot);
  const published = view.joinable ? view.published : null;
  const next = published && current && current.id !== published.id ? current : null;
  const waits = next?.state === 'parked' || next?.state === 'stuck';
  return {
    published: view.joinable,
    cancelled: slot.timeslot.status === 'cancelled',
    unwanted: slot.conference !== null && slot.conference.provider === null,
    start: slot.timeslot.startAt,
    end: slot.timeslot.endAt,
    teacherId: slot.timeslot.teacherId,
    // A new teacher who has yet to connect is who will be there: told with the change, and not once more when it is made.
    ownerId: waits && next.ownerId === slot.timeslot.teacherId ? next.ownerId : (published?.ownerId ?? null),
    ownerUnnamed: false,
    replacing: next !== null && !waits,
    over: isOver(slot.timeslot, now),
  };
}

type Stored = NonNullable<ParentState['told']>;

export const memoryOf = (parent: ParentState): Memory => ({ heard: read(parent.heard), told: read(parent.told) });

/** As it is kept in the parent's row. */
export const store = (told: Told | null): Stored | null =>
  told && {
    cancelled: told.cancelled,
    ...(told.removed && { removed: true }),
    start: told.start.toISOString(),
    end: told.end.toISOString(),
    teacherId: told.teacherId,
    ...(told.ownerId !== undefined && { ownerId: told.ownerId }),
    ...(told.ownerUnnamed && { ownerUnnamed: true }),
    ...(told.previousStart && { previousStart: told.previousStart.toISOString() }),
    ...(told.unsure && { unsure: true }),
  };

const read = (stored: Stored | null): Told | null =>
  stored && {
    ...stored,
    start: new Date(stored.start),
    end: new Date(stored.end),
    previousStart: stored.previousStart ? new Date(stored.previousStart) : null,
  };
