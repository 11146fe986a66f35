import type { AuditEntry } from '#libs/privacy';
import type { IncomingEvent, IntakeStatus } from './incoming-event.js';
import { schoolOfEvent } from './school-of-event.js';

/** What an event did: whom it names is in the slot or is the person; their data are not repeated. */
export const auditOfEvent = ({ event, status }: { event: IncomingEvent; status: IntakeStatus }): AuditEntry => {
  const { change } = event;
  return {
    schoolId: schoolOfEvent(event),
    action: 'event.taken-in',
    actor: { kind: 'program' },
    ...(change.kind === 'timeslot' && { timeslotId: change.timeslot.id }),
    ...(change.kind === 'person' && { subjectId: change.person.id }),
    ...(change.kind === 'person-left' && { subjectId: change.personId }),
    detail: { event: event.id, type: event.type, status },
  };
};
