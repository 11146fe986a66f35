import { defineEntity, p } from '@mikro-orm/core';

// The keys that rows are sealed with, and how a start knows that they fit.

/** The keys that rows are sealed with, wrapped by the key ring. `personId` is empty for the school's own key. */
export const DataKey = defineEntity({
  name: 'DataKey',
  tableName: 'data_keys',
  primaryKeys: ['schoolId', 'personId'],
  indexes: [{ properties: ['wrappedBy'] }],
  properties: {
    schoolId: p.text().primary(),
    personId: p.text().primary(),
    wrapped: p.text(),
    /** The id of the wrapping key. */
    wrappedBy: p.text(),
    /** Random; what stands for the owner elsewhere, and means nothing once this row is gone. */
    ref: p.uuid().defaultRaw('gen_random_uuid()'),
  },
});

/**
 * One row: a text that everybody knows, wrapped as data keys are. A start with another key ring than the rows were sealed
 * with stops at it. Where the ring keeps no root of the blind indexes, it is here, wrapped.
 */
export const KeyCanary = defineEntity({
  name: 'KeyCanary',
  tableName: 'key_canary',
  properties: {
    id: p.integer().primary().autoincrement(false),
    wrapped: p.text(),
    indexWrapped: p.text().nullable(),
    /** What the root derives for a known purpose. */
    indexCheck: p.blob(),
    /** A restored copy keeps it; a fresh database has another. Its ledger goes by it. */
    databaseId: p.uuid().defaultRaw('gen_random_uuid()'),
    /** Where it lives (key-home.ts): a copy brings along that of its original. */
    home: p.text().nullable(),
  },
});
