import { type Em, rows, sql } from '#libs/database';
import type { QueueName } from './dispatch.js';
import { PROBING_MS } from './rests.js';
import { NO_LIMIT, type LaneLimit } from './lane-limit.js';

export interface TakenRow {
  readonly subjectId: string;
  readonly round: number;
  /** It was in hand before and nobody ended it: something of its job may be left on the queue. */
  readonly again: boolean;
  /** Its place in the fair order: smaller is sooner. */
  readonly turn: number;
}

/** One relay at a time picks for a queue; the others wait the few milliseconds. */
const relayLock = (queue: QueueName) => sql`select pg_advisory_xact_lock(hashtext(${`relay ${queue}`}))`;

const after = (now: Date, milliseconds: number) => new Date(now.getTime() + milliseconds);

/**
 * Takes what is due: one row per lane (an account's work is done in order, the soonest slot first, and last what nobody
 * waits for), and no more than leaves `depth` rows in hand. A lane that rests, or that has no requests left of its limit,
 * is passed over; the others are not. A row whose time in hand is over is taken again: its job was lost or its worker
 * died.
 *
 * Fair over schools: a school's next row has the turn after its last one in hand, but never before the turn that is
 * being served. So each school has its first row before anybody's second, and who comes later does not wait for all who
 * came before, nor they for all who come later.
 */
export async function takeDue(
  em: Em,
  queue: QueueName,
  now: Date,
  depth: number,
  unclaimedMs: number,
  limit: LaneLimit = NO_LIMIT,
): Promise<TakenRow[]> {
  await rows(em, relayLock(queue));
  return rows(
    em,
    sql<TakenRow>`
    with busy as materialized (select lane, school_id, turn from dispatches where queue = ${queue} and busy_until > ${now}),
    room as materialized (
      select least(${depth}::int, (select probes from pauses where scope = ${queue} and until > ${after(now, -PROBING_MS)})) - count(*) as rows,
        coalesce(min(turn), 0) as served
      from busy
    ),
    schools as materialized (select school_id, max(turn) as turn from busy group by school_id),
    due as (
      select distinct on (lane collate "C") subject_id, school_id, lane, start_at, busy_until, routine,
        case when routine then ${limit.routine.aheadMs}::int else ${limit.aheadMs}::int end * interval '1 millisecond' as ahead,
        case when routine then ${limit.routine.costMs}::int else ${limit.costMs}::int end * interval '1 millisecond' as cost
      from dispatches
      where queue = ${queue} and due_at <= ${now} and (busy_until is null or busy_until <= ${now}) and (select rows from room) > 0
        and not exists (select from pauses where scope = ${queue} and until > ${now})
      order by lane collate "C", routine, start_at, subject_id
    ),
    fair as (
      select d.*, greatest(s.turn, (select served from room)) + row_number() over (partition by d.school_id order by d.routine, d.start_at, d.subject_id) as turn
      from due d left join schools s on s.school_id = d.school_id
      where not exists (select from busy b where b.lane = d.lane)
        and not exists (select from pauses p where p.scope = d.lane and (p.until > ${now} or p.paid_until > ${now}::timestamptz + d.ahead))
    ),
    picked as materialized (
      select * from fair order by turn, routine, start_at, subject_id limit greatest(0, (select rows from room))
    ),
    paid as (
      insert into pauses (scope, until, paid_until)
      select lane, ${now}, ${now}::timestamptz + cost from picked where cost > interval '0'
      on conflict (scope) do update set paid_until = greatest(pauses.paid_until, ${now}) + (excluded.paid_until - ${now}::timestamptz)
    )
    update dispatches d set busy_until = ${after(now, unclaimedMs)}, turn = picked.turn
    from picked where d.queue = ${queue} and d.subject_id = picked.subject_id
    returning d.subject_id, d.round, d.turn, picked.busy_until is not null as again`,
  );
}

/** When something becomes due next, or null. A lane whose row is in hand comes when that ends; whoever ends it earlier wakes the relay. */
export async function nextDueAt(em: Em, queue: QueueName, limit: LaneLimit = NO_LIMIT): Promise<Date | null> {
  const [row] = await rows(
    em,
    sql<{ at: Date | null }>`
    with lanes as (
      select lane collate "C" as lane, min(due_at) filter (where not routine) as due_at,
        min(due_at) filter (where routine) as routine_due_at, max(busy_until) as busy_until
      from dispatches where queue = ${queue} group by lane collate "C"
    )
    select greatest(
      min(greatest(l.busy_until, p.until, least(
        case when l.due_at is not null then greatest(l.due_at, p.paid_until - ${limit.aheadMs}::int * interval '1 millisecond') end,
        case when l.routine_due_at is not null then greatest(l.routine_due_at, p.paid_until - ${limit.routine.aheadMs}::int * interval '1 millisecond') end
      ))),
      (select until from pauses where scope = ${queue})
    ) as at
    from lanes l left join pauses p on p.scope = l.lane having count(*) > 0`,
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
