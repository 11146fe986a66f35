import { bulkInsert, type Em } from '#libs/database';
import type { IncomingEvent, IntakeStatus } from './incoming-event.js';
import { schoolOfEvent } from './school-of-event.js';

/** Another request took one of these events in at the same moment: taken in again, they are judged rightly. */
export class SeenMeanwhile extends Error {}

/**
 * Events seen, once each; without their bodies, of which a keyed hash stays.
 * @throws SeenMeanwhile
 */
export async function writeInbox(
  em: Em,
  news: readonly { event: IncomingEvent; status: IntakeStatus }[],
  now: Date,
): Promise<void> {
  const isFirst = await bulkInsert(
    em,
    'inbox',
    {
      source: 'text',
      id: 'text',
      schoolId: 'text',
      type: 'text',
      bodyHash: 'bytea',
      occurredAt: 'timestamptz',
      receivedAt: 'timestamptz',
      status: 'text',
      timeslotId: 'text',
    },
    ['source', 'id'],
    news.map(({ event, status }) => ({
      source: event.source,
      id: event.id,
      schoolId: schoolOfEvent(event),
      type: event.type,
      bodyHash: event.bodyHash,
      occurredAt: event.toldAt,
      receivedAt: now,
      status,
      timeslotId: event.change.kind === 'timeslot' ? event.change.timeslot.id : null,
    })),
  );
  // The locks are per school: the same event sent for two schools at once meets itself here.
  if (!isFirst) throw new SeenMeanwhile();
}
