import type { Slot } from '../model.js';
import { restartStuck } from '../restart-stuck.js';
import { assignParents } from './assign-parents.js';
import type { Batch } from './batch.js';
import type { TimeslotChange } from './incoming-event.js';
import { tellWish } from './tell-wish.js';

/**
 * The whole slot as the highest version tells it: times, status, teacher, parents; and the wish, which has an order of its
 * own (`tellWish`). What follows for meetings is decided when the slots are written (`reconcile`).
 * @returns whether this version is above the stored one
 */
export async function tellTimeslot(batch: Batch, change: TimeslotChange, toldAt: Date): Promise<boolean> {
  const schoolId = change.school.id;
  const known = batch.store.get({ schoolId, timeslotId: change.timeslot.id });
  const isStale = known !== undefined && change.timeslot.version <= known.timeslot.version;
  const slot = known ?? newSlot(batch, change);
  const { timeZone, locale, revealMinutes } = batch.school(schoolId)!;
  slot.school = { id: schoolId, timeZone, locale, revealMinutes };
  if (!isStale) {
    const moved =
      slot.timeslot.startAt.getTime() !== change.timeslot.startAt.getTime() ||
      slot.timeslot.endAt.getTime() !== change.timeslot.endAt.getTime();
    Object.assign(slot.timeslot, {
      version: change.timeslot.version,
      startAt: change.timeslot.startAt,
      endAt: change.timeslot.endAt,
      status: change.timeslot.status,
      eveningId: change.evening.id,
      teacherId: change.teacher.id,
    });
    await assignParents(batch, slot, change, toldAt);
    if (moved) restartStuck(slot);
  }
  tellWish(slot, change);
  return !isStale;
}

/** A slot that nobody spoke of before, without parents and wish. */
function newSlot(batch: Batch, change: TimeslotChange): Slot {
  const { id, version, startAt, endAt, status } = change.timeslot;
  const slot: Slot = {
    school: {
      id: change.school.id,
      timeZone: change.school.timeZone,
      locale: change.school.locale,
      revealMinutes: 10,
    },
    timeslot: {
      schoolId: change.school.id,
      id,
      eveningId: change.evening.id,
      teacherId: change.teacher.id,
      version,
      startAt,
      endAt,
      status,
      conferenceVersion: null,
      conferenceProvider: null,
      conferenceTeacherId: null,
    },
    parents: [],
    conference: null,
    meetings: [],
  };
  batch.store.add(slot);
  return slot;
}
