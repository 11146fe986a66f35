import { rows, sql, type Em } from '#libs/database';
import { PERIODS, daysBefore } from '#libs/privacy';

const BATCH = 5_000;

/** Rows that only tell what was: each kind ends with its period. @returns how many rows went */
export async function deleteOldRows(em: Em, now: Date): Promise<number> {
  const [row] = await rows(
    em,
    sql<{ count: number }>`
    with messages as (delete from deliveries where id in (
        select id from deliveries where state <> 'pending' and created_at < ${daysBefore(now, PERIODS.deliveryDays)} limit ${BATCH}) returning 1),
      seen as (delete from inbox where (source, id) in (
        select source, id from inbox where received_at < ${daysBefore(now, PERIODS.inboxDays)} limit ${BATCH}) returning 1),
      old as materialized (select school_id, id from timeslots where end_at < ${daysBefore(now, PERIODS.timeslotDays)} limit ${BATCH}),
      slots as (delete from timeslots t using old where t.school_id = old.school_id and t.id = old.id returning 1),
      parents as (delete from timeslot_parents p using old where p.school_id = old.school_id and p.timeslot_id = old.id returning 1),
      wishes as (delete from conferences c using old where c.school_id = old.school_id and c.timeslot_id = old.id returning 1),
      meetings as (delete from meetings m using old where m.school_id = old.school_id and m.timeslot_id = old.id returning 1)
    select (select count(*) from messages) + (select count(*) from seen) + (select count(*) from slots)
      + (select count(*) from parents) + (select count(*) from wishes) + (select count(*) from meetings) as count`,
  );
  await rows(
    em,
    sql`delete from evenings e where e.cleaned_at is not null
      and not exists (select from timeslots t where t.school_id = e.school_id and t.evening_id = e.id)`,
  );
  return row!.count;
}
