import { defineEntity, p } from '@mikro-orm/core';
import { sealed } from './sealed-column.js';

// The wish, the fact, and the place where an account's meetings are made.

/** What the school wants: one video conference for one timeslot. `provider` null: not wanted. */
export const Conference = defineEntity({
  name: 'Conference',
  tableName: 'conferences',
  primaryKeys: ['schoolId', 'timeslotId'],
  properties: {
    schoolId: p.text().primary(),
    timeslotId: p.text().primary(),
    provider: p.text().nullable(),
    ownerId: p.text().nullable(),
    generations: p.integer().default(0),
    publishedId: p.uuid().nullable(),
    /** What programs were told last (events out): status, version and whether it is joinable. */
    announced: p.text().nullable(),
  },
});

/** What a provider made, or is about to: one row per attempt to have one (generation). */
export const Meeting = defineEntity({
  name: 'Meeting',
  tableName: 'meetings',
  indexes: [
    { properties: ['schoolId', 'timeslotId'] },
    { properties: ['ownerId', 'provider'] },
    { properties: ['parkedAt'] },
  ],
  uniques: [{ properties: ['schoolId', 'timeslotId', 'generation'] }],
  properties: {
    id: p.uuid().primary(),
    schoolId: p.text(),
    timeslotId: p.text(),
    generation: p.integer(),
    provider: p.text(),
    ownerId: p.text(),
    /** Wish: there should be one. */
    wished: p.boolean(),
    /** A new generation replaces it: somebody who could have seen its URL is no longer among the parents. */
    retired: p.boolean().default(false),
    wishVersion: p.integer().default(1),
    /** Fact. */
    settledVersion: p.integer().default(0),
    state: p.text().default('pending'),
    reason: p.text().nullable(),
    epoch: p.integer().default(0),
    failures: p.integer().default(0),
    starts: p.integer().default(0),
    /** Intent, committed before the call; `deadline` is when the call has ended for certain. */
    operation: p.text().nullable(),
    deadline: p.datetime(3).nullable(),
    accountIndex: p.blob().nullable(),
    /** The account's e-mail address (R7). */
    accountSealed: sealed().nullable(),
    /** JSON {id, url, place}: `place` is the calendar that it is in. */
    madeSealed: sealed().nullable(),
    idIndex: p.blob().nullable().unique(),
    urlIndex: p.blob().nullable().unique(),
    madeStart: p.datetime(3).nullable(),
    madeEnd: p.datetime(3).nullable(),
    /** When the provider must be asked whether it still has what we believe: after a claim was taken from a worker, and at a visit. */
    verifyAt: p.datetime(3).nullable(),
    verifiedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    settledAt: p.datetime(3).nullable(),
    /** Since when it waits for a person; null while it does not. */
    parkedAt: p.datetime(3).nullable(),
  },
});

/** The calendar that we make per account, so that no other item can be read (R3). */
export const Calendar = defineEntity({
  name: 'Calendar',
  tableName: 'calendars',
  primaryKeys: ['schoolId', 'accountIndex'],
  properties: {
    schoolId: p.text().primary(),
    accountIndex: p.blob().primary(),
    ownerId: p.text(),
    placeSealed: sealed().nullable(),
    madeAt: p.datetime(3),
    /** How often another had to be made. */
    remade: p.integer().default(0),
    /** Deleted by its owner: the next meeting makes another. */
    gone: p.boolean().default(false),
  },
});
