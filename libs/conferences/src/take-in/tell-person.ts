import type { Batch } from './batch.js';
import { comesAfter, type Told } from './comes-after.js';
import type { IncomingPerson } from './incoming-event.js';
import { isPresentIn, refreshPresence } from './presence.js';
import type { PersonRow } from './take-in-rows.js';

/**
 * A person's name, address and language, as the latest (time, id) gives them. Being named also means being at the school
 * again. An unchanged profile keeps its ciphertext.
 * @returns whether this is newer than what is known
 */
export async function tellPerson(batch: Batch, schoolId: string, person: IncomingPerson, told: Told): Promise<boolean> {
  const known = batch.person(schoolId, person.id);
  if (known && !comesAfter(told, { at: known.toldAt, id: known.toldId })) return false;
  if (known?.correctedAt && told.at <= known.correctedAt) {
    // The person's own word stands until a later event; that the person is named counts all the same.
    batch.changePerson(Object.assign(known, { toldAt: told.at, toldId: told.id }));
    refreshPresence(batch, known);
    return true;
  }
  const profileHash = batch.index.of('profile', schoolId, person.id, person.name, person.email);
  const profileSealed = known?.profileHash.equals(profileHash)
    ? known.profileSealed
    : await batch.keys.seal(JSON.stringify({ name: person.name, email: person.email }), {
        table: 'people',
        column: 'profile_sealed',
        row: person.id,
        school: schoolId,
        person: person.id,
      });
  // Whoever is new counts as present: only who had left is looked for among all slots of the batch.
  const wasPresent = !known || isPresentIn(batch, schoolId, person.id);
  const row: PersonRow = Object.assign(known ?? { schoolId, id: person.id, leftAt: null, leftId: null }, {
    profileSealed,
    profileHash,
    locale: person.locale,
    toldAt: told.at,
    toldId: told.id,
  });
  batch.changePerson(row);
  if (isPresentIn(batch, schoolId, person.id) !== wasPresent) refreshPresence(batch, row);
  return true;
}
