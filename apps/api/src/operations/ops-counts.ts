import { type Em, rows, sql } from '#libs/database';
import { restsNow } from '#libs/messaging';
import { PROVIDERS } from '#libs/providers';

/** Counts over all schools: no row, no id. */
export async function opsCounts(em: Em, now: Date) {
  // What waits for its turn behind others of its account, or for a rest to end, is not forgotten by the workers.
  const [due] = await rows(
    em,
    sql<{
      overdue: number;
      waiting: number;
    }>`with served as (select queue, lane from dispatches where busy_until >= ${now})
      select count(*) filter (where due_at < ${new Date(now.getTime() - 120_000)} and (busy_until is null or busy_until < ${now})
        and not exists (select from served s where s.queue = d.queue and s.lane = d.lane)
        and not exists (select from pauses p where p.scope in (d.queue, d.lane) and greatest(p.until, p.paid_until) > ${now})) as overdue,
      count(*) as waiting from dispatches d`,
  );
  const states = await rows(
    em,
    sql<{
      state: string;
      count: number;
    }>`select state, count(*) from meetings where state not in ('gone', 'over') group by state order by state`,
  );
  // What was to be made for a slot that is over is nobody's work any more: its row says so, and offers nothing.
  const stuck = await rows(
    em,
    sql<{
      provider: string;
      reason: string;
      count: number;
    }>`select m.provider, m.reason, count(*) from meetings m join timeslots t on t.school_id = m.school_id and t.id = m.timeslot_id
      where m.state = 'stuck' and (not m.wished or t.end_at > ${now}) group by 1, 2 order by 3 desc, 1, 2`,
  );
  const [failed] = await rows(
    em,
    sql<{
      count: number;
    }>`select count(*) from deliveries where state = 'failed' and created_at > ${new Date(now.getTime() - 86_400_000)}`,
  );
  const [erasures] = await rows(
    em,
    sql<{
      open: number;
      waiting: number;
      late: number;
    }>`select count(*) as open, count(*) filter (where state = 'waiting_for_owner') as waiting, count(*) filter (where alarmed_days > 0 or (state <> 'waiting_for_owner' and requested_at < ${new Date(now.getTime() - 86_400_000)})) as late from erasures where done_at is null`,
  );
  const rests = await restsNow(em, PROVIDERS, now);
  return { due: due!, states, stuck, failed: failed!, erasures: erasures!, rests };
}
