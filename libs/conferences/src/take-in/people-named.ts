import type { IncomingPerson, TimeslotChange } from './incoming-event.js';

/** Whom a slot's event names: an erased teacher is nobody any more. */
export const peopleNamed = (change: TimeslotChange): readonly IncomingPerson[] =>
  change.teacherIsErased ? change.parents : [change.teacher, ...change.parents];
