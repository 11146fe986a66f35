import { randomUUID } from 'node:crypto';
import { bulkUpsert, type Em } from '#libs/database';
import { makeDue } from '#libs/messaging';

/** One message to one person on one channel, not yet written. */
export interface NewDelivery {
  readonly id: string;
  readonly schoolId: string;
  /** Empty for programs. */
  readonly personId: string;
  /** Empty where the message is about an evening or about several slots. */
  readonly timeslotId: string;
  readonly eveningId: string;
  readonly channel: 'email' | 'webhook';
  readonly kind: string;
  /** Rises per person, subject, channel and kind: two planners cannot plan the same message. */
  readonly sequence: number;
  readonly createdAt: Date;
  /** Messages of one lane leave one after the other. */
  readonly lane: string;
  /** When it matters: the soonest leaves first within a school. */
  readonly startAt: Date;
}

/** A message of its own lane. */
export function aloneInLane(delivery: Omit<NewDelivery, 'id' | 'lane'>): NewDelivery {
  const id = randomUUID();
  return { ...delivery, id, lane: id };
}

/** Writes the messages and makes them due, in the transaction of whoever planned them. */
export async function writeDeliveries(em: Em, deliveries: readonly NewDelivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  await bulkUpsert<Omit<NewDelivery, 'lane' | 'startAt'>>(
    em,
    'deliveries',
    {
      id: 'uuid',
      schoolId: 'text',
      personId: 'text',
      timeslotId: 'text',
      eveningId: 'text',
      channel: 'text',
      kind: 'text',
      sequence: 'int',
      createdAt: 'timestamptz',
    },
    ['id'],
    deliveries,
  );
  await makeDue(
    em,
    deliveries.map(({ id, schoolId, lane, startAt, createdAt }) => ({
      queue: 'deliveries' as const,
      subjectId: id,
      schoolId,
      lane,
      startAt,
      dueAt: createdAt,
    })),
  );
}
