import { type Em, rows, sql } from '#libs/database';
import { DUE_CHANNEL, type QueueName } from './dispatch.js';

/** A whole queue that rests, or comes back from a rest. */
export interface Rest {
  readonly queue: QueueName;
  readonly until: Date;
  /** So many rows in hand at most once the rest is over; null: as usual. */
  readonly probes: number | null;
  readonly why: string | null;
}

/** A queue whose probes told nothing for this long after its rest works as usual again. */
export const PROBING_MS = 30_000;

/** All workers leave the queue alone until then, and ask a few first afterwards. Never ends a longer rest. */
export async function restQueue(em: Em, rest: Rest): Promise<void> {
  await rows(
    em,
    sql`insert into pauses (scope, until, probes, why) values (${rest.queue}, ${rest.until}, ${rest.probes}, ${rest.why})
    on conflict (scope) do update set until = greatest(pauses.until, excluded.until), probes = excluded.probes, why = excluded.why`,
  );
}

/** The probes came back well: everything may be asked again. A rest that still runs stays. */
export async function openQueue(em: Em, queue: QueueName, now: Date): Promise<void> {
  await rows(
    em,
    sql`with opened as (update pauses set probes = null, why = null where scope = ${queue} and until <= ${now}) select pg_notify(${DUE_CHANNEL}, '')`,
  );
}

/** What rests or probes now, and how many lanes rest beside. */
export async function restsNow(
  em: Em,
  queues: readonly QueueName[],
  now: Date,
): Promise<{ queues: Rest[]; lanes: { count: number; until: Date | null } }> {
  const all = await rows(
    em,
    sql<Rest>`select scope as queue, until, probes, why from pauses
    where scope = any(${[...queues]}::text[]) and (until > ${now} or (probes is not null and until > ${new Date(now.getTime() - PROBING_MS)}))
    order by scope`,
  );
  const [lanes] = await rows(
    em,
    sql<{ count: number; until: Date | null }>`select count(*) as count, max(until) as until from pauses
    where until > ${now} and not scope = any(${[...queues]}::text[])`,
  );
  return { queues: all, lanes: lanes! };
}
