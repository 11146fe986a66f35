import { type Em, rows, sql } from '#libs/database';
import type { QueueName } from './dispatch.js';

export interface TakenRow {
  readonly subjectId: string;
  readonly round: number;
}

/** One relay at a time picks for a queue; the others wait the few milliseconds. */
const relayLock = (queue: QueueName) => sql`select pg_advisory_xact_lock(hashtext(${`relay ${queue}`}))`;

/**
 * Takes what is due: one row per lane (an account's work is done in order), fair over schools (each school's first row
 * before anybody's second), the soonest slot first within a school, and no more than leaves `depth` rows in hand.
 * A row whose time in hand is over is taken again: its job was lost or its worker died.
 */
export async function takeDue(
  em: Em,
  queue: QueueName,
  now: Date,
  depth: number,
  unclaimedMs: number,
): Promise<TakenRow[]> {
  await rows(em, relayLock(queue));
  return rows(
    em,
    sql<TakenRow>`
    with busy as materialized (select lane from dispatches where queue = ${queue} and busy_until > ${now}),
    due as (
      select subject_id, school_id, start_at, row_number() over (partition by lane order by start_at, subject_id) as in_lane
      from dispatches d
      where queue = ${queue} and due_at <= ${now} and (busy_until is null or busy_until <= ${now})
        and not exists (select from busy where busy.lane = d.lane)
        and not exists (select from pauses p where p.scope in (d.lane, ${queue}) and p.until > ${now})
    ),
    fair as (select subject_id, start_at, row_number() over (partition by school_id order by start_at, subject_id) as in_school from due where in_lane = 1),
    picked as (
      select subject_id from fair order by in_school, start_at, subject_id
      limit greatest(0, ${depth} - (select count(*) from busy))
    )
    update dispatches d set busy_until = ${new Date(now.getTime() + unclaimedMs)}
    from picked where d.queue = ${queue} and d.subject_id = picked.subject_id
    returning d.subject_id, d.round`,
  );
}

/** When something becomes due next, or null. */
export async function nextDueAt(em: Em, queue: QueueName): Promise<Date | null> {
  const [row] = await rows(
    em,
    sql<{
      at: Date | null;
    }>`select min(greatest(d.due_at, coalesce(d.busy_until, d.due_at), coalesce((select max(p.until) from pauses p where p.scope in (d.lane, d.queue)), d.due_at))) as at from dispatches d where queue = ${queue}`,
  );
  return row?.at ?? null;
}

/** Rows that a relay carried to the queue and nobody has claimed yet, as `id round`; a claim sets `due_at` ahead. */
export async function unclaimedRows(em: Em, queue: QueueName, now: Date): Promise<string[]> {
  const found = await rows(
    em,
    sql<TakenRow>`select subject_id, round from dispatches where queue = ${queue} and due_at <= ${now} and busy_until > ${now} order by due_at limit 100`,
  );
  return found.map(({ subjectId, round }) => `${subjectId} ${round}`);
}
