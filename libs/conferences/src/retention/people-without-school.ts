import type { BlindIndex } from '#libs/encryption';
import { EVERY_SCHOOL, asJson, rows, sql, type DataKeys, type Database, type Em } from '#libs/database';
import { PERIODS, daysAfter, daysBefore, recordAudit } from '#libs/privacy';
import { requestErasure } from '../erasure/erasures.js';
import { contactsOf, isPresent } from '../people.js';

interface Deps {
  readonly database: Database;
  readonly keys: DataKeys;
  readonly index: BlindIndex;
}

/** Who has had no school for long, and when that person is deleted. */
export interface Expiring {
  readonly personId: string;
  readonly expiresAt: Date;
  /** The school was told before. */
  readonly isNoticed: boolean;
}

/** Schools that may have somebody to look at. */
export async function schoolsToLookAt(em: Em, now: Date): Promise<string[]> {
  const cutoff = noticeFrom(now);
  const found = await rows(
    em,
    sql<{
      schoolId: string;
    }>`select distinct school_id from people where expires_at is not null or told_at < ${cutoff} or left_at < ${cutoff} order by 1`,
  );
  return found.map(({ schoolId }) => schoolId);
}

const noticeFrom = (now: Date) => daysBefore(now, PERIODS.withoutSchoolDays - PERIODS.noticeDays);

/**
 * Who has had no school for two years, or will within the time of notice (R15). No school is: left; or named by no event,
 * and in no slot, since then. Each school counts by itself; who is on a school's list of contacts has it. Changes nothing.
 */
export async function expiringAt(em: Em, keys: DataKeys, schoolId: string, now: Date): Promise<Expiring[]> {
  const cutoff = noticeFrom(now);
  const found = await rows(
    em,
    sql<{ id: string; since: Date; expiresAt: Date | null }>`
    select * from (
      select p.id, p.expires_at, case when not ${isPresent('p')} then p.left_at else greatest(p.told_at,
        (select max(t.end_at) from timeslot_parents x join timeslots t on t.school_id = x.school_id and t.id = x.timeslot_id
          where x.school_id = p.school_id and x.person_id = p.id and x.assigned),
        (select max(t.end_at) from timeslots t where t.school_id = p.school_id and t.teacher_id = p.id)) end as since
      from people p where p.school_id = ${schoolId} and (p.told_at < ${cutoff} or p.left_at < ${cutoff})) looked
    where since < ${cutoff} order by id`,
  );
  if (found.length === 0) return [];
  const contacts = new Set((await contactsOf(em, keys, schoolId)).map(({ id }) => id));
  return found
    .filter(({ id }) => !contacts.has(id))
    .map(({ id, since, expiresAt }) => ({
      personId: id,
      expiresAt: expiresAt ?? latest(daysAfter(since, PERIODS.withoutSchoolDays), daysAfter(now, PERIODS.noticeDays)),
      isNoticed: expiresAt !== null,
    }));
}

const latest = (a: Date, b: Date) => (a > b ? a : b);

/**
 * Marks who will be deleted, tells the school, and deletes those whose time is over by the same way as a request. Who was
 * named again meanwhile is unmarked.
 * @param tell plans the mail to the school's privacy contacts, in the transaction that marks
 */
export async function expirePeople(
  { database, keys, index }: Deps,
  now: Date,
  tell: (em: Em, schoolId: string) => Promise<void>,
): Promise<{ noticed: number; deleted: number }> {
  let [noticed, deleted] = [0, 0];
  for (const schoolId of await database.transaction(EVERY_SCHOOL, (em) => schoolsToLookAt(em, now))) {
    await database.transaction([schoolId], async (em) => {
      const expiring = await expiringAt(em, keys, schoolId, now);
      await mark(em, schoolId, expiring);
      const fresh = expiring.filter(({ isNoticed }) => !isNoticed).length;
      if (fresh > 0) {
        await recordAudit(em, { keys, index, now }, [
          { schoolId, action: 'retention.noticed', actor: { kind: 'system' }, detail: { people: fresh } },
        ]);
        await tell(em, schoolId);
      }
      noticed += fresh;
      for (const { personId, expiresAt, isNoticed } of expiring) {
        if (!isNoticed || expiresAt > now) continue;
        const asked = await requestErasure(em, { keys, index, now }, { schoolId, personId }, 'retention');
        if (asked?.isNew) deleted += 1;
      }
    });
  }
  return { noticed, deleted };
}

async function mark(em: Em, schoolId: string, expiring: readonly Expiring[]): Promise<void> {
  const json = expiring.map(({ personId, expiresAt }) => ({ id: personId, expires_at: expiresAt }));
  await rows(
    em,
    sql`with expiring as (select * from jsonb_to_recordset(${asJson(json)}) as w(id text, expires_at timestamptz))
    update people p set expires_at = w.expires_at from people q left join expiring w on w.id = q.id
    where q.school_id = ${schoolId} and p.school_id = q.school_id and p.id = q.id and p.expires_at is distinct from w.expires_at`,
  );
}
