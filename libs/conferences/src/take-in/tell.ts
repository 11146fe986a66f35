import type { Batch } from './batch.js';
import { toldBy } from './comes-after.js';
import type { IncomingEvent, IntakeStatus } from './incoming-event.js';
import { peopleNamed } from './people-named.js';
import { personLeft } from './person-left.js';
import { tellEvening } from './tell-evening.js';
import { tellPerson } from './tell-person.js';
import { tellSchool } from './tell-school.js';
import { tellTimeslot } from './tell-timeslot.js';

/**
 * Tells the batch what one new event says. A slot's event carries snapshots of its school, evening and people, too; each
 * of them has an order of its own, so that a stale slot can still bring a newer name.
 */
export async function tell(batch: Batch, event: IncomingEvent): Promise<Exclude<IntakeStatus, 'duplicate'>> {
  const { change } = event;
  const told = toldBy(event);
  switch (change.kind) {
    case 'school':
      return (await tellSchool(batch, change.school, told, change.settings)) ? 'accepted' : 'stale';
    case 'person':
      return (await tellPerson(batch, change.schoolId, change.person, told)) ? 'accepted' : 'stale';
    case 'person-left':
      return personLeft(batch, change.schoolId, change.personId, told) ? 'accepted' : 'stale';
    case 'nobody':
      return 'accepted';
    case 'timeslot': {
      const schoolId = change.school.id;
      await tellSchool(batch, change.school, told);
      await tellEvening(batch, schoolId, change.evening, told);
      for (const person of peopleNamed(change)) await tellPerson(batch, schoolId, person, told);
      return (await tellTimeslot(batch, change, event.toldAt)) ? 'accepted' : 'stale';
    }
  }
}
