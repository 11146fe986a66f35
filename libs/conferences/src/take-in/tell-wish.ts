import type { Slot } from '../model.js';
import type { TimeslotChange } from './incoming-event.js';

/**
 * What a slot's event says of the conference, if anything. The highest version that speaks of it decides, also where a
 * later version without a word was here first; and it acts only where it says something new: a wish that was made on the
 * pages stands against events that repeat themselves.
 */
export function tellWish(slot: Slot, change: TimeslotChange): void {
  const { timeslot } = slot;
  if (change.conference === undefined || change.timeslot.version <= (timeslot.conferenceVersion ?? -1)) return;
  const provider = change.conference?.provider ?? null;
  const first = timeslot.conferenceVersion === null;
  const differs =
    first ||
    provider !== timeslot.conferenceProvider ||
    (provider !== null && change.teacher.id !== timeslot.conferenceTeacherId);
  Object.assign(timeslot, {
    conferenceVersion: change.timeslot.version,
    conferenceProvider: provider,
    conferenceTeacherId: change.teacher.id,
  });
  if (!differs) return;
  if (slot.conference) Object.assign(slot.conference, { provider, ownerId: change.teacher.id });
  else if (provider)
    slot.conference = {
      schoolId: timeslot.schoolId,
      timeslotId: timeslot.id,
      provider,
      ownerId: change.teacher.id,
      generations: 0,
      publishedId: null,
      announced: null,
    };
}
