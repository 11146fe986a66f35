import { defineEntity, p } from '@mikro-orm/core';

// What is due, and what rests.

/**
 * What is due for a queue. Ids only, so that the relay may read it before a school is known. A row is on a queue or in
 * a worker's hands until `busyUntil`; then it is taken again.
 */
export const Dispatch = defineEntity({
  name: 'Dispatch',
  tableName: 'dispatches',
  primaryKeys: ['queue', 'subjectId'],
  indexes: [{ properties: ['queue', 'dueAt'] }, { properties: ['queue', 'busyUntil'] }],
  properties: {
    queue: p.text().primary(),
    subjectId: p.uuid().primary(),
    schoolId: p.text(),
    /** Rows of one lane are worked one after the other: a provider account, or the row itself. */
    lane: p.text(),
    startAt: p.datetime(3),
    dueAt: p.datetime(3),
    busyUntil: p.datetime(3).nullable(),
    /** Nobody waits for it: it comes after what somebody waits for. */
    routine: p.boolean().default(false),
    round: p.integer().default(0),
    /** While it is in hand: its place in the fair order over schools, as the queue's priority. */
    turn: p.integer().default(0),
  },
});

/** A lane or a provider (by its queue's name): until when it rests, and how far its requests are paid. */
export const Pause = defineEntity({
  name: 'Pause',
  tableName: 'pauses',
  properties: {
    scope: p.text().primary(),
    until: p.datetime(3),
    /** Each request of a lane moves this on by its share of the limit; it may run ahead of the clock by the burst. */
    paidUntil: p.datetime(3).nullable(),
    /** A provider that comes back from a rest has so many rows in hand at most, until they told that it is well. */
    probes: p.integer().nullable(),
    why: p.text().nullable(),
  },
});
