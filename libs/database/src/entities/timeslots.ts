import { defineEntity, p } from '@mikro-orm/core';
import { sealed } from './sealed-column.js';

// Timeslots, their parents, and the parents' own links.

/** A time for one family with one teacher. `conference…` is what the highest version that spoke of it said. */
export const Timeslot = defineEntity({
  name: 'Timeslot',
  tableName: 'timeslots',
  primaryKeys: ['schoolId', 'id'],
  indexes: [{ properties: ['schoolId', 'eveningId', 'startAt'] }, { properties: ['schoolId', 'teacherId', 'startAt'] }],
  properties: {
    schoolId: p.text().primary(),
    id: p.text().primary(),
    eveningId: p.text(),
    teacherId: p.text(),
    version: p.bigint('number'),
    startAt: p.datetime(3),
    endAt: p.datetime(3),
    status: p.text().$type<'planned' | 'cancelled'>(),
    conferenceVersion: p.bigint('number').nullable(),
    conferenceProvider: p.text().nullable(),
    conferenceTeacherId: p.text().nullable(),
  },
});

/** One parent of one timeslot, what they were told and have heard, and which meeting's URL they were sent to. */
export const TimeslotParent = defineEntity({
  name: 'TimeslotParent',
  tableName: 'timeslot_parents',
  primaryKeys: ['schoolId', 'timeslotId', 'personId'],
  indexes: [{ properties: ['schoolId', 'personId'] }],
  properties: {
    schoolId: p.text().primary(),
    timeslotId: p.text().primary(),
    personId: p.text().primary(),
    assigned: p.boolean(),
    household: p.text().nullable(),
    aboutSealed: sealed().nullable(),
    revealedId: p.uuid().nullable(),
    /** Number of the next message to this parent about this slot; it only ever rises. */
    toldSequence: p.integer().default(0),
    /** What the last planned message says: {cancelled, start, end, teacherId, ownerId}, no name, no address. */
    told: p.json().nullable(),
    /** The same of the last message whose sending was attempted. It differs from `told` while one is unsent. */
    heard: p.json().nullable(),
  },
});

/** Our own per-person links. Read before a school is known; holds no personal data but the sealed token. */
export const JoinLink = defineEntity({
  name: 'JoinLink',
  tableName: 'join_links',
  uniques: [{ properties: ['schoolId', 'timeslotId', 'personId'] }],
  properties: {
    tokenHash: p.blob().primary(),
    schoolId: p.text(),
    timeslotId: p.text(),
    personId: p.text(),
    tokenSealed: sealed(),
  },
});
