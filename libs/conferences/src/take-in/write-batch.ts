import type { Sealed } from '#libs/encryption';
import { bulkUpsert, type Em } from '#libs/database';
import type { Batch } from './batch.js';
import { allCouldHaveSeen } from './could-have-seen.js';
import { EVENING, JOIN_LINK, PERSON, SCHOOL } from './take-in-rows.js';

/**
 * Writes what the events changed, a statement per table. The slots go last but one: writing them reconciles wish and fact
 * and makes the meetings' work due.
 */
export async function writeBatch(em: Em, { changed, closing, store }: Batch, now: Date): Promise<void> {
  await bulkUpsert(em, 'schools', SCHOOL, ['id'], [...changed.schools]);
  await bulkUpsert(em, 'evenings', EVENING, ['schoolId', 'id'], [...changed.evenings]);
  const people = [...changed.people].filter((one) => one.profileSealed !== ('' as Sealed) || one.leftAt !== null);
  await bulkUpsert(em, 'people', PERSON, ['schoolId', 'id'], people);
  if (closing.size > 0) await allCouldHaveSeen(em, [...closing]);
  await store.save(now);
  await bulkUpsert(em, 'join_links', JOIN_LINK, ['tokenHash'], changed.links);
}
