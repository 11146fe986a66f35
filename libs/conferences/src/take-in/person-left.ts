import type { Sealed } from '#libs/encryption';
import type { Batch } from './batch.js';
import { comesAfter, type Told } from './comes-after.js';
import { refreshPresence } from './presence.js';
import type { PersonRow } from './take-in-rows.js';

/**
 * A person is no longer at the school, until a later (time, id) names the person again.
 * @returns whether this is newer than the last time that the person left
 */
export function personLeft(batch: Batch, schoolId: string, personId: string, told: Told): boolean {
  const known = batch.person(schoolId, personId);
  if (known?.leftAt && !comesAfter(told, { at: known.leftAt, id: known.leftId! })) return false;
  const row = Object.assign(known ?? neverNamed(schoolId, personId), { leftAt: told.at, leftId: told.id });
  batch.changePerson(row);
  refreshPresence(batch, row);
  return true;
}

/** The word that somebody left can come before any that names the person; it must be known when that one comes. */
const neverNamed = (schoolId: string, id: string): PersonRow => ({
  schoolId,
  id,
  profileSealed: '' as Sealed,
  profileHash: Buffer.alloc(0),
  locale: '',
  toldAt: new Date(0),
  toldId: '',
  leftAt: null,
  leftId: null,
});
