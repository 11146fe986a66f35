import { defineEntity, p } from '@mikro-orm/core';
import { sealed } from './sealed-column.js';

// Schools, their evenings, and the people of one school.

/** A school and its settings. `told…` is the (time, id) of the event that its data came from. */
export const School = defineEntity({
  name: 'School',
  tableName: 'schools',
  properties: {
    id: p.text().primary(),
    nameSealed: sealed(),
    timeZone: p.text(),
    locale: p.text(),
    toldAt: p.datetime(3),
    toldId: p.text(),
    accountDomains: p.array(),
    revealMinutes: p.integer().nullable(),
    joinRequiresSignIn: p.boolean().default(false),
    contactsSealed: sealed().nullable(),
    settingsAt: p.datetime(3).nullable(),
    settingsId: p.text().nullable(),
  },
});

/** The timeslots that a school plans together. */
export const Evening = defineEntity({
  name: 'Evening',
  tableName: 'evenings',
  primaryKeys: ['schoolId', 'id'],
  properties: {
    schoolId: p.text().primary(),
    id: p.text().primary(),
    nameSealed: sealed(),
    toldAt: p.datetime(3),
    toldId: p.text(),
    digestHash: p.text().nullable(),
    digestSequence: p.integer().default(0),
    digestedAt: p.datetime(3).nullable(),
    /** When its URLs, join links and first names went. */
    cleanedAt: p.datetime(3).nullable(),
  },
});

/** A teacher, parent or contact of one school. `profileSealed` is JSON {name, email} under the person's own key. */
export const Person = defineEntity({
  name: 'Person',
  tableName: 'people',
  primaryKeys: ['schoolId', 'id'],
  indexes: [{ properties: ['id'] }],
  properties: {
    schoolId: p.text().primary(),
    id: p.text().primary(),
    profileSealed: sealed(),
    /** Keyed hash of the profile: an unchanged person is not sealed again. */
    profileHash: p.blob(),
    locale: p.text(),
    toldAt: p.datetime(3),
    toldId: p.text(),
    leftAt: p.datetime(3).nullable(),
    leftId: p.text().nullable(),
    /** Without a school for long: when this person will be deleted (R15). */
    expiresAt: p.datetime(3).nullable(),
    /** The person corrected the own data then: it holds against events that are not later. */
    correctedAt: p.datetime(3).nullable(),
    /** The child's first name as the parent corrected it, for all of the own slots, and since when. */
    aboutSealed: sealed().nullable(),
    aboutAt: p.datetime(3).nullable(),
  },
});
