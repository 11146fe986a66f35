import type { IncomingEvent } from './incoming-event.js';

/** Every event is about exactly one school. */
export const schoolOfEvent = ({ change }: IncomingEvent): string =>
  'school' in change ? change.school.id : change.schoolId;

/** Whose rows a batch is about: the transaction that takes it in works for these schools. */
export const schoolsNamedBy = (events: readonly IncomingEvent[]): string[] =>
  [...new Set(events.map(schoolOfEvent))].sort();
