import { defineEntity, p } from '@mikro-orm/core';
import { sealed } from './sealed-column.js';

// Erasures, and who was erased.

/**
 * One erasure of one person at one school, step by step (R14). Found by its id before a school is known, so it holds no
 * personal data in clear: `subjectSealed` is the person's id under the school's key, and goes when the erasure is done.
 */
export const Erasure = defineEntity({
  name: 'Erasure',
  tableName: 'erasures',
  indexes: [{ properties: ['schoolId', 'personIndex'] }, { properties: ['doneAt'] }],
  properties: {
    id: p.uuid().primary(),
    schoolId: p.text(),
    /** Keyed hash of school and person. */
    personIndex: p.blob(),
    subjectSealed: sealed().nullable(),
    cause: p.text().$type<'request' | 'retention'>(),
    state: p.text().$type<'requested' | 'erasing' | 'waiting_for_owner' | 'done'>().default('requested'),
    requestedAt: p.datetime(3),
    dueAt: p.datetime(3),
    /** When nothing of the person was left in the database but what a removal at the provider needs. */
    erasedAt: p.datetime(3).nullable(),
    ledgerSequence: p.integer().nullable(),
    /** Meetings of the person that are still at the provider. */
    waiting: p.integer().default(0),
    /** The last of the alarm days that was told. */
    alarmedDays: p.integer().default(0),
    /** What was erased, as numbers. */
    counts: p.json().nullable(),
    doneAt: p.datetime(3).nullable(),
    /** Compact JWS. */
    receipt: p.text().nullable(),
  },
});

/** Who was erased: dropped from later events, and given no key again. */
export const ErasedPerson = defineEntity({
  name: 'ErasedPerson',
  tableName: 'erased_people',
  primaryKeys: ['schoolId', 'personIndex'],
  properties: {
    schoolId: p.text().primary(),
    personIndex: p.blob().primary(),
    erasedAt: p.datetime(3),
  },
});
