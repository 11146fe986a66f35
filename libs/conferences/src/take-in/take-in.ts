import type { BlindIndex } from '#libs/encryption';
import type { DataKeys, Em } from '#libs/database';
import { endSessionsAtSchool, recordAudit } from '#libs/privacy';
import { dropErased } from '../erasure/drop-erased.js';
import type { Slot } from '../model.js';
import { auditOfEvent } from './audit-of-event.js';
import type { IncomingEvent, IntakeStatus } from './incoming-event.js';
import { loadBatch } from './load-batch.js';
import { lockSchoolIntake } from './lock-school-intake.js';
import { neverSeen } from './never-seen.js';
import { isPresentIn } from './presence.js';
import { schoolsNamedBy } from './school-of-event.js';
import { tell } from './tell.js';
import { writeBatch } from './write-batch.js';
import { writeInbox } from './write-inbox.js';

/**
 * Takes a batch of events into one transaction: inbox, snapshots, wishes and due work, or nothing (contract: accepted or
 * refused whole). About twenty statements, whatever the size of the batch. Calls nobody.
 * @param em inside a transaction of the schools that the batch names (`schoolsNamedBy`)
 * @returns one status per event in order, and the slots as they are now (for notices)
 * @throws ConflictingEvent an event was seen before with another body
 * @throws SeenMeanwhile another request was faster; taken in again, the events are judged rightly
 */
export async function takeIn(
  em: Em,
  deps: { keys: DataKeys; index: BlindIndex; now: Date },
  given: readonly IncomingEvent[],
): Promise<{ statuses: IntakeStatus[]; slots: Slot[] }> {
  const schoolIds = schoolsNamedBy(given);
  await lockSchoolIntake(em, schoolIds);
  const isNew = await neverSeen(em, given);
  const events = await dropErased(em, deps.index, given);
  const newEvents = events.filter((_, position) => isNew[position]);

  const batch = await loadBatch(em, deps, newEvents, schoolIds);
  const statuses: IntakeStatus[] = [];
  for (const [position, event] of events.entries())
    statuses.push(isNew[position] ? await tell(batch, event) : 'duplicate');
  const news = events
    .map((event, position) => ({ event, status: statuses[position]! }))
    .filter((_, position) => isNew[position]);

  await writeBatch(em, batch, deps.now);
  await writeInbox(em, news, deps.now);
  await recordAudit(em, deps, news.map(auditOfEvent));
  // As given: a person who was erased before can have signed in again.
  const left = given.flatMap(({ change }, position) =>
    change.kind === 'person-left' && statuses[position] === 'accepted' ? [change] : [],
  );
  const gone = left.filter(({ schoolId, personId }) => !isPresentIn(batch, schoolId, personId));
  await endSessionsAtSchool(em, deps.index, gone, deps.now);
  return { statuses, slots: [...batch.store.slots.values()] };
}
