import { currentMeeting, isOver, type ConferenceView, type ParentState, type Slot } from '#libs/conferences';
import type { Memory } from '../plan/next-notice.js';
import type { SlotFact, Told } from '../plan/plan-parent-notice.js';

/** How a slot stands for the parents who are assigned to it. */
export function factOf(slot: Slot, view: ConferenceView, now: Date): SlotFact {
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
