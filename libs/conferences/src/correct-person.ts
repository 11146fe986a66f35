import type { BlindIndex, Sealed } from '#libs/encryption';
import { type DataKeys, type Em, asJson, rows, sql } from '#libs/database';
import type { Contact } from './people.js';
import { correctedAboutContext } from './corrected-about.js';

/** What a person may put right; what is absent stays as it is. An empty `about` takes the child's name away. */
export interface Correction {
  readonly name?: string;
  readonly email?: string;
  readonly locale?: string;
  readonly about?: string;
}

interface Deps {
  readonly keys: DataKeys;
  readonly index: BlindIndex;
  readonly now: Date;
}

/**
 * Puts a person's data right (R13). It holds until an event with a later time names the person; `about` holds for all of
 * the parent's slots. The next mail goes to the new address: addresses are read at sending.
 * @returns false where the school knows no such person
 */
export async function correctPerson(
  em: Em,
  deps: Deps,
  { schoolId, personId }: { schoolId: string; personId: string },
  correction: Correction,
): Promise<boolean> {
  // As intake does: an event and a correction of one school come one after the other.
  await rows(em, sql`select pg_advisory_xact_lock(hashtextextended('intake ' || ${schoolId}, 7))`);
  const isContact = await correctContact(em, deps, schoolId, personId, correction);
  const [row] = await rows(
    em,
    sql<{ profileSealed: Sealed; locale: string }>`select profile_sealed, locale from people
    where school_id = ${schoolId} and id = ${personId} and profile_sealed <> '' for update`,
  );
  if (!row) return isContact;
  await deps.keys.load(em, [{ school: schoolId, person: personId }]);
  const context = { table: 'people', column: 'profile_sealed', row: personId, school: schoolId, person: personId };
  const before = JSON.parse((await deps.keys.open(row.profileSealed, context)).reveal()) as {
    name: string;
    email: string;
  };
  const profile = { name: correction.name ?? before.name, email: correction.email ?? before.email };
  const sealed = await deps.keys.seal(JSON.stringify(profile), context);
  const hash = deps.index.of('profile', schoolId, personId, profile.name, profile.email);
  await rows(
    em,
    sql`update people set profile_sealed = ${sealed}, profile_hash = ${hash}, locale = ${correction.locale ?? row.locale},
      corrected_at = greatest(${deps.now}::timestamptz, told_at) where school_id = ${schoolId} and id = ${personId}`,
  );
  if (correction.about !== undefined) await correctAbout(em, deps, schoolId, personId, correction.about);
  return true;
}

async function correctAbout(em: Em, deps: Deps, schoolId: string, personId: string, about: string): Promise<void> {
  const own = await deps.keys.seal(about, correctedAboutContext(schoolId, personId));
  await rows(
    em,
    sql`update people set about_sealed = ${own}, about_at = corrected_at where school_id = ${schoolId} and id = ${personId}`,
  );
  const slots = await rows(
    em,
    sql<{
      timeslotId: string;
    }>`select timeslot_id from timeslot_parents where school_id = ${schoolId} and person_id = ${personId} for update`,
  );
  const sealed = await Promise.all(
    slots.map(async ({ timeslotId }) => ({
      timeslot_id: timeslotId,
      about_sealed:
        about === ''
          ? null
          : await deps.keys.seal(about, {
              table: 'timeslot_parents',
              column: 'about_sealed',
              row: timeslotId,
              school: schoolId,
              person: personId,
            }),
    })),
  );
  await rows(
    em,
    sql`update timeslot_parents p set about_sealed = r.about_sealed
    from jsonb_to_recordset(${asJson(sealed)}) as r(timeslot_id text, about_sealed text)
    where p.school_id = ${schoolId} and p.person_id = ${personId} and p.timeslot_id = r.timeslot_id`,
  );
}

/** Whom the school named for questions stands in the school's own list. */
async function correctContact(
  em: Em,
  { keys }: Deps,
  schoolId: string,
  personId: string,
  { name, email, locale }: Correction,
): Promise<boolean> {
  const [row] = await rows(
    em,
    sql<{ contactsSealed: Sealed | null }>`select contacts_sealed from schools where id = ${schoolId} for update`,
  );
  if (!row?.contactsSealed) return false;
  await keys.load(em, [{ school: schoolId }]);
  const context = { table: 'schools', column: 'contacts_sealed', row: schoolId, school: schoolId };
  const contacts = JSON.parse((await keys.open(row.contactsSealed, context)).reveal()) as Contact[];
  if (!contacts.some(({ id }) => id === personId)) return false;
  const corrected = contacts.map((contact) =>
    contact.id === personId
      ? { ...contact, name: name ?? contact.name, email: email ?? contact.email, locale: locale ?? contact.locale }
      : contact,
  );
  const sealed = await keys.seal(JSON.stringify(corrected), context);
  await rows(em, sql`update schools set contacts_sealed = ${sealed} where id = ${schoolId}`);
  return true;
}
