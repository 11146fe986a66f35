import type { Sealed } from '#libs/encryption';
import { type DataKeys, type Em, asJson, rows, sql } from '#libs/database';

/** The person is at the school: named by an event after the last one that said otherwise. */
export const isPresent = (people: string) =>
  sql`(${sql.ref(`${people}.left_at`)} is null or (${sql.ref(`${people}.told_at`)}, ${sql.ref(`${people}.told_id`)} collate "C") > (${sql.ref(`${people}.left_at`)}, ${sql.ref(`${people}.left_id`)} collate "C"))`;

/** A person's own data, opened. Never logged, never put into a job. */
export interface Profile {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly locale: string;
}

/** Opens the profiles of some people of one school; unknown and erased ones are missing from the answer. */
export async function profilesOf(
  em: Em,
  keys: DataKeys,
  schoolId: string,
  personIds: readonly string[],
): Promise<Map<string, Profile>> {
  const ids = [...new Set(personIds)];
  if (ids.length === 0) return new Map();
  const found = await rows(
    em,
    sql<{ id: string; profileSealed: Sealed; locale: string }>`select p.id, p.profile_sealed, p.locale from people p
    join jsonb_to_recordset(${asJson(ids.map((id) => ({ id })))}) as w(id text) on w.id = p.id where p.school_id = ${schoolId} and p.profile_sealed <> ''`,
  );
  await keys.load(
    em,
    found.map((row) => ({ school: schoolId, person: row.id })),
  );
  const opened = await Promise.all(
    found.map(async (row): Promise<[string, Profile]> => {
      const profile = JSON.parse(
        (
          await keys.open(row.profileSealed, {
            table: 'people',
            column: 'profile_sealed',
            row: row.id,
            school: schoolId,
            person: row.id,
          })
        ).reveal(),
      ) as { name: string; email: string };
      return [row.id, { id: row.id, ...profile, locale: row.locale }];
    }),
  );
  return new Map(opened);
}

/** A school's name and settings, opened. */
export interface SchoolView {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
  readonly locale: string;
  readonly accountDomains: readonly string[];
  readonly revealMinutes: number | null;
  readonly joinRequiresSignIn: boolean;
}

export async function schoolOf(em: Em, keys: DataKeys, schoolId: string): Promise<SchoolView | null> {
  const [row] = await rows(
    em,
    sql<
      Omit<SchoolView, 'name'> & { nameSealed: Sealed }
    >`select id, name_sealed, time_zone, locale, account_domains, reveal_minutes, join_requires_sign_in from schools where id = ${schoolId}`,
  );
  if (!row) return null;
  await keys.load(em, [{ school: schoolId }]);
  const name = (
    await keys.open(row.nameSealed, { table: 'schools', column: 'name_sealed', row: schoolId, school: schoolId })
  ).reveal();
  return {
    id: row.id,
    name,
    timeZone: row.timeZone,
    locale: row.locale,
    accountDomains: row.accountDomains,
    revealMinutes: row.revealMinutes,
    joinRequiresSignIn: row.joinRequiresSignIn,
  };
}

export async function eveningNameOf(
  em: Em,
  keys: DataKeys,
  schoolId: string,
  eveningId: string,
): Promise<string | null> {
  const [row] = await rows(
    em,
    sql<{ nameSealed: Sealed }>`select name_sealed from evenings where school_id = ${schoolId} and id = ${eveningId}`,
  );
  if (!row) return null;
  await keys.load(em, [{ school: schoolId }]);
  return (
    await keys.open(row.nameSealed, { table: 'evenings', column: 'name_sealed', row: eveningId, school: schoolId })
  ).reveal();
}

/** Whom the school named for questions; the parent-meetings module's own list. */
export interface Contact extends Profile {
  readonly role: string;
}

/** As stored: who, and under the person's own key name and address, so that destroying that key is enough. */
interface StoredContact {
  readonly id: string;
  readonly role: string;
  readonly locale: string;
  readonly profileSealed: Sealed;
}

const contactsContext = (schoolId: string) => ({
  table: 'schools',
  column: 'contacts_sealed',
  row: schoolId,
  school: schoolId,
});

const contactContext = (schoolId: string, personId: string) => ({ ...contactsContext(schoolId), person: personId });

/** A school's contacts as they are stored; null where there are none. The keys of all must be loaded. */
export async function contactsSealedOf(
  keys: DataKeys,
  schoolId: string,
  contacts: readonly Contact[],
): Promise<Sealed | null> {
  const stored = await Promise.all(
    contacts.map(async ({ id, name, email, locale, role }): Promise<StoredContact> => ({
      id,
      role,
      locale,
      profileSealed: await keys.seal(JSON.stringify({ name, email }), contactContext(schoolId, id)),
    })),
  );
  return sealContacts(keys, schoolId, stored);
}

const sealContacts = async (keys: DataKeys, schoolId: string, stored: readonly StoredContact[]) =>
  stored.length === 0 ? null : keys.seal(JSON.stringify(stored), contactsContext(schoolId));

async function storedContacts(em: Em, keys: DataKeys, schoolId: string): Promise<StoredContact[]> {
  const [row] = await rows(
    em,
    sql<{ contactsSealed: Sealed | null }>`select contacts_sealed from schools where id = ${schoolId}`,
  );
  if (!row?.contactsSealed) return [];
  await keys.load(em, [{ school: schoolId }]);
  return JSON.parse((await keys.open(row.contactsSealed, contactsContext(schoolId))).reveal()) as StoredContact[];
}

export async function contactsOf(em: Em, keys: DataKeys, schoolId: string): Promise<Contact[]> {
  const stored = await storedContacts(em, keys, schoolId);
  await keys.load(
    em,
    stored.map(({ id }) => ({ school: schoolId, person: id })),
  );
  return Promise.all(
    stored.map(async ({ id, role, locale, profileSealed }) => {
      const profile = (await keys.open(profileSealed, contactContext(schoolId, id))).reveal();
      return { id, role, locale, ...(JSON.parse(profile) as { name: string; email: string }) };
    }),
  );
}

/** Takes a person off the school's contacts. @returns whether the person was one */
export async function removeContact(em: Em, keys: DataKeys, schoolId: string, personId: string): Promise<boolean> {
  const stored = await storedContacts(em, keys, schoolId);
  const rest = stored.filter(({ id }) => id !== personId);
  if (rest.length === stored.length) return false;
  const contactsSealed = await sealContacts(keys, schoolId, rest);
  await rows(em, sql`update schools set contacts_sealed = ${contactsSealed} where id = ${schoolId}`);
  return true;
}

/** Who can do something about an evening: the school's admins; where it named none, everybody whom it named. */
export function schoolContacts(contacts: readonly Contact[]): readonly Contact[] {
  const admins = contacts.filter(({ role }) => role === 'admin');
  return admins.length > 0 ? admins : contacts;
}

/** Which of these people are at the school now. */
export async function presentOf(em: Em, schoolId: string, personIds: readonly string[]): Promise<Set<string>> {
  const found = await rows(
    em,
    sql<{
      id: string;
    }>`select p.id from people p where p.school_id = ${schoolId} and p.id = any(${[...new Set(personIds)]}::text[])
      and p.profile_sealed <> '' and ${isPresent('p')}`,
  );
  return new Set(found.map(({ id }) => id));
}
