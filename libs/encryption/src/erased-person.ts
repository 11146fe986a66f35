import type { BlindIndex } from './blind-index.js';

/**
 * Under what an erased person is remembered, in the database and in the ledger: a keyed hash. Without the key ring it
 * says nothing; with it, and with the person's id at hand, it says that this person was erased.
 */
export const erasedPersonIndex = (index: BlindIndex, schoolId: string, personId: string): Buffer =>
  index.of('erased-person', schoolId, personId);

/** What stands where a slot or a meeting needs the id of somebody who was erased. */
export const tombstoneOf = (index: BlindIndex, schoolId: string, personId: string): string =>
  `erased-${erasedPersonIndex(index, schoolId, personId).toString('hex').slice(0, 32)}`;
