import { defineEntity, p } from '@mikro-orm/core';
import { sealed } from './sealed-column.js';

// What came in, so that the same coming again is known: events, and calls with an Idempotency-Key.

/** Events seen, once each. The body is not kept: a keyed hash tells whether a second one differs. */
export const InboxEvent = defineEntity({
  name: 'InboxEvent',
  tableName: 'inbox',
  primaryKeys: ['source', 'id'],
  properties: {
    source: p.text().primary(),
    id: p.text().primary(),
    schoolId: p.text(),
    type: p.text(),
    bodyHash: p.blob(),
    occurredAt: p.datetime(3),
    receivedAt: p.datetime(3),
    status: p.text(),
    timeslotId: p.text().nullable(),
  },
});

/** Answers to changing calls that carried an Idempotency-Key, for 24 hours. */
export const IdempotencyKey = defineEntity({
  name: 'IdempotencyKey',
  tableName: 'idempotency_keys',
  properties: {
    hash: p.blob().primary(),
    bodyHash: p.blob(),
    status: p.integer().nullable(),
    answerSealed: sealed().nullable(),
    expiresAt: p.datetime(3),
  },
});
