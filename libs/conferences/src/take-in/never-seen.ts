import { asJson, rows, sql, type Em } from '#libs/database';
import type { IncomingEvent } from './incoming-event.js';

/** Same source and id as an event seen before, another body. `position` is the event's place in the batch, from 0. */
export class ConflictingEvent extends Error {
  constructor(readonly position: number) {
    super('This event was seen before with another body. Give the new one an id of its own.');
  }
}

const key = (source: string, id: string) => JSON.stringify([source, id]);

/**
 * Which events were never seen? Also within the batch itself: of two alike the first is new. `seen_events` looks over all
 * schools, since a source may have sent the event for another one.
 * @returns for each event, in order, whether it is new
 * @throws ConflictingEvent
 */
export async function neverSeen(em: Em, events: readonly IncomingEvent[]): Promise<boolean[]> {
  const ids = events.map((event) => ({ source: event.source, id: event.id }));
  const known = await rows(
    em,
    sql<{
      source: string;
      id: string;
      bodyHash: Buffer;
    }>`select source, id, body_hash from seen_events(${asJson(ids)})`,
  );
  const seen = new Map(known.map((row) => [key(row.source, row.id), row.bodyHash]));
  return events.map((event, position) => {
    const earlier = seen.get(key(event.source, event.id));
    if (!earlier) {
      seen.set(key(event.source, event.id), event.bodyHash);
      return true;
    }
    if (!earlier.equals(event.bodyHash)) throw new ConflictingEvent(position);
    return false;
  });
}
