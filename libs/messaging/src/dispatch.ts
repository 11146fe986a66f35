import { type Em, type RawBuilder, asJson, rows, sql } from '#libs/database';

/** The queues, by name. A queue's subjects are rows of one table; a job carries the row's id and nothing else. */
export const QUEUES = ['google-meet', 'microsoft-teams', 'deliveries', 'erasures'] as const;
export type QueueName = (typeof QUEUES)[number];

/** What a job carries. Names of jobs are keys of this map, so that a queue cannot be handed a wrong payload. */
export interface Jobs {
  'settle-meeting': { meetingId: string };
  'send-delivery': { deliveryId: string };
  'erase-person': { erasureId: string };
}
export type JobName = keyof Jobs;

export const JOB_OF: Record<QueueName, JobName> = {
  'google-meet': 'settle-meeting',
  'microsoft-teams': 'settle-meeting',
  deliveries: 'send-delivery',
  erasures: 'erase-person',
};

/** Postgres channel that wakes the relay. Carries no payload. */
export const DUE_CHANNEL = 'conferences_due';

export interface DueRow {
  readonly queue: QueueName;
  readonly subjectId: string;
  readonly schoolId: string;
  /** Rows of one lane are worked one after the other. */
  readonly lane: string;
  /** The slot's start: soonest first within a school. */
  readonly startAt: Date;
  readonly dueAt: Date;
  /** Nobody waits for it: it comes after what somebody waits for. Absent: somebody does. */
  readonly routine?: boolean;
}

/**
 * Rounds name jobs, and a queue ignores a name that it knows, also of a job that failed. A row that begins anew begins at
 * the second of its time, so that it is never taken for one of its earlier lives.
 */
const ROUNDS_BEGAN = Date.parse('2026-01-01T00:00:00Z') / 1000;
const firstRound = (dueAt: RawBuilder<unknown>) =>
  sql`greatest(0, floor(extract(epoch from ${dueAt}))::int - ${ROUNDS_BEGAN}::int)`;

/** Marks rows as due and wakes the relay at commit. A row that a worker holds keeps its time: the worker looks again when it ends. */
export async function makeDue(em: Em, due: readonly DueRow[]): Promise<void> {
  if (due.length === 0) return;
  const json = due.map((row) => ({
    queue: row.queue,
    subject_id: row.subjectId,
    school_id: row.schoolId,
    lane: row.lane,
    start_at: row.startAt,
    due_at: row.dueAt,
    routine: row.routine ?? false,
  }));
  await rows(
    em,
    sql`with due as (insert into dispatches (queue, subject_id, school_id, lane, start_at, due_at, routine, round)
    select queue, subject_id, school_id, lane, start_at, due_at, routine, ${firstRound(sql.ref('due_at'))}
    from jsonb_to_recordset(${asJson(json)}) as r(queue text, subject_id uuid, school_id text, lane text, start_at timestamptz, due_at timestamptz, routine boolean)
    order by queue, subject_id
    on conflict (queue, subject_id) do update set due_at = least(dispatches.due_at, excluded.due_at), start_at = excluded.start_at, lane = excluded.lane,
      routine = dispatches.routine and excluded.routine)
    select pg_notify(${DUE_CHANNEL}, '')`,
  );
}

/** The row is done: nothing to do until somebody makes it due again. */
export async function clearDue(em: Em, queue: QueueName, subjectIds: readonly string[]): Promise<void> {
  if (subjectIds.length === 0) return;
  await rows(em, sql`delete from dispatches where queue = ${queue} and subject_id = any(${[...subjectIds]}::uuid[])`);
}

/** The row is done and its lane free: the relay may take the next one of it. */
export async function releaseDue(em: Em, queue: QueueName, subjectId: string): Promise<void> {
  await rows(
    em,
    sql`with done as (delete from dispatches where queue = ${queue} and subject_id = ${subjectId}) select pg_notify(${DUE_CHANNEL}, '')`,
  );
}

/**
 * Holds a row back until an instant; with `busy` its lane too (a worker or BullMQ has it in hand until then). Whether
 * somebody waits for it stays as it was where `routine` is absent.
 */
export async function holdDue(
  em: Em,
  queue: QueueName,
  subjectId: string,
  until: { dueAt: Date; busyUntil: Date | null; newRound?: boolean; routine?: boolean },
): Promise<void> {
  await rows(
    em,
    sql`update dispatches set due_at = ${until.dueAt}, busy_until = ${until.busyUntil}, round = round + ${until.newRound ? 1 : 0},
      routine = coalesce(${until.routine ?? null}::boolean, routine) where queue = ${queue} and subject_id = ${subjectId}`,
  );
}

/** Gives back rows that were taken and did not reach the queue. One that a worker began meanwhile is in another round, and stays. */
export async function putBack(
  em: Em,
  queue: QueueName,
  taken: readonly { subjectId: string; round: number }[],
  dueAt: Date,
): Promise<void> {
  const json = taken.map(({ subjectId, round }) => ({ subject_id: subjectId, round }));
  await rows(
    em,
    sql`update dispatches d set busy_until = null, due_at = greatest(d.due_at, ${dueAt})
    from jsonb_to_recordset(${asJson(json)}) as t(subject_id uuid, round int)
    where d.queue = ${queue} and d.subject_id = t.subject_id and d.round = t.round`,
  );
}

/** Stops a lane until an instant, never for shorter than it stands already: one account's 429 never stops another's work (P10). */
export async function pauseLane(em: Em, scope: string, until: Date): Promise<void> {
  await rows(
    em,
    sql`insert into pauses (scope, until) values (${scope}, ${until})
    on conflict (scope) do update set until = greatest(pauses.until, excluded.until)`,
  );
}

/** A job that tries again by itself asks once more: its lane pays for that as well. */
export async function payAgain(em: Em, queue: QueueName, subjectId: string, now: Date, costMs: number): Promise<void> {
  await rows(
    em,
    sql`insert into pauses (scope, until, paid_until)
    select lane, ${now}, ${new Date(now.getTime() + costMs)} from dispatches where queue = ${queue} and subject_id = ${subjectId}
    on conflict (scope) do update set paid_until = greatest(pauses.paid_until, ${now}) + ${costMs}::int * interval '1 millisecond'`,
  );
}

export async function wakeRelay(em: Em): Promise<void> {
  await rows(em, sql`select pg_notify(${DUE_CHANNEL}, '')`);
}
