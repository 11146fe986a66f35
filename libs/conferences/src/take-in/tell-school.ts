import type { Sealed } from '#libs/encryption';
import { contactsSealedOf } from '../people.js';
import type { Batch } from './batch.js';
import { comesAfter, type Told } from './comes-after.js';
import { stopShowingAlways } from './could-have-seen.js';
import type { IncomingSchool, SchoolChange } from './incoming-event.js';
import type { SchoolRow } from './take-in-rows.js';

/**
 * What an event says of its school: the snapshot that every slot carries, and the settings as a whole, which come in an
 * event of their own. The two are ordered apart, each by its latest (time, id).
 * @returns whether either was newer than what is known
 */
export async function tellSchool(
  batch: Batch,
  school: IncomingSchool,
  told: Told,
  settings?: SchoolChange['settings'],
): Promise<boolean> {
  const known = batch.school(school.id);
  const row = known ?? newSchool(school, told);
  let isNews = false;
  if (!known || comesAfter(told, { at: known.toldAt, id: known.toldId })) {
    const nameSealed = await batch.keys.seal(school.name, {
      table: 'schools',
      column: 'name_sealed',
      row: school.id,
      school: school.id,
    });
    const { timeZone, locale } = school;
    Object.assign(row, { nameSealed, timeZone, locale, toldAt: told.at, toldId: told.id });
    isNews = true;
  }
  if (settings && (row.settingsAt === null || comesAfter(told, { at: row.settingsAt, id: row.settingsId! }))) {
    const contactsSealed = await contactsSealedOf(batch.keys, school.id, settings.contacts);
    if (row.revealMinutes === null && settings.revealMinutes !== null) stopShowingAlways(batch, school.id);
    Object.assign(row, {
      accountDomains: settings.accountDomains,
      revealMinutes: settings.revealMinutes,
      joinRequiresSignIn: settings.joinRequiresSignIn,
      contactsSealed,
      settingsAt: told.at,
      settingsId: told.id,
    });
    isNews = true;
  }
  if (isNews) batch.changeSchool(row);
  return isNews;
}

/** With the settings that hold until the school sends its own (contract). The caller seals the name. */
const newSchool = ({ id, timeZone, locale }: IncomingSchool, told: Told): SchoolRow => ({
  id,
  nameSealed: '' as Sealed,
  timeZone,
  locale,
  toldAt: told.at,
  toldId: told.id,
  accountDomains: [],
  revealMinutes: 10,
  joinRequiresSignIn: false,
  contactsSealed: null,
  settingsAt: null,
  settingsId: null,
});
