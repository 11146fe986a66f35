import { defineEntity, p } from '@mikro-orm/core';

/** One message to one person on one channel. Its text is made at sending. */
export const Delivery = defineEntity({
  name: 'Delivery',
  tableName: 'deliveries',
  indexes: [{ properties: ['personId', 'kind'] }],
  uniques: [
    {
      name: 'deliveries_once',
      properties: ['schoolId', 'personId', 'timeslotId', 'eveningId', 'channel', 'kind', 'sequence'],
    },
  ],
  properties: {
    id: p.uuid().primary(),
    schoolId: p.text(),
    personId: p.text(),
    /** Empty where the message is about an evening. */
    timeslotId: p.text(),
    eveningId: p.text(),
    channel: p.text(),
    kind: p.text(),
    sequence: p.integer(),
    state: p.text().default('pending'),
    reason: p.text().nullable(),
    failures: p.integer().default(0),
    createdAt: p.datetime(3),
    /** Committed before the other side is called: from here on the receiver may have it. */
    attemptedAt: p.datetime(3).nullable(),
    sentAt: p.datetime(3).nullable(),
  },
});
