import { defineEntity, p } from '@mikro-orm/core';
import { sealed } from './sealed-column.js';

/**
 * What staff and programs did and saw (R12). Rows are only ever added; the chain is closed over them once, shortly after.
 * The database refuses every other change.
 */
export const AuditEntryRow = defineEntity({
  name: 'AuditEntryRow',
  tableName: 'audit_entries',
  indexes: [
    { name: 'audit_entries_unchained', properties: ['schoolId', 'at', 'id'], where: 'sequence is null' },
    { name: 'audit_entries_actor', properties: ['schoolId', 'actorTag'], where: 'actor_tag is not null' },
    { name: 'audit_entries_subject', properties: ['schoolId', 'subjectTag'], where: 'subject_tag is not null' },
  ],
  uniques: [{ properties: ['schoolId', 'sequence'] }],
  properties: {
    id: p.uuid().primary(),
    /** Empty for what ops do with the product as a whole. */
    schoolId: p.text(),
    at: p.datetime(3),
    action: p.text(),
    actorKind: p.text(),
    /** Keyed hash of the reference of the actor's data key. */
    actorTag: p.blob().nullable(),
    /** JSON {id, role} under the actor's own key. */
    actorSealed: sealed().nullable(),
    subjectTag: p.blob().nullable(),
    /** JSON {person, timeslot, reason, detail} under the key of the person that it is about, or the school's. */
    aboutSealed: sealed().nullable(),
    /** Place in the school's chain, from 1; null until it is chained. */
    sequence: p.bigint('number').nullable(),
    previousHash: p.blob().nullable(),
    /** SHA-256 over everything above and the hash before. */
    hash: p.blob().nullable(),
  },
});
