import { type Database } from '#libs/database';
import { JOB_OF, putBack, takeDue, type JobName, type Jobs, type QueueName } from '#libs/messaging';
import { LANE_LIMITS } from './lane-limits.js';
import { QUERY_TIMEOUT, type Clock, type Timers } from '#libs/platform';

/**
 * Rows in hand at once per queue, over all workers. Few enough that a school which comes later waits for few jobs; enough
 * for all that a provider's limit allows while each job takes a second or two.
 */
const DEPTH = 100;
const QUEUE_TIMEOUT_MS = 5_000;
/** A row whose job could not be added is tried again after so long. */
const AGAIN_MS = 1_500;

/** Within one claim, a job tries again by itself; whatever takes longer waits in Postgres. */
export const ATTEMPTS = 3;
export const RETRY_DELAY_MS = 300;

/** BullMQ takes none above. */
const LAST_PRIORITY = 2 ** 21;

/** What a job carries: its subject's id. */
const DATA_OF: { readonly [K in JobName]: (subjectId: string) => Jobs[K] } = {
  'settle-meeting': (meetingId) => ({ meetingId }),
  'send-delivery': (deliveryId) => ({ deliveryId }),
  'erase-person': (erasureId) => ({ erasureId }),
};

/** What the relay needs of a queue. */
export interface JobQueue {
  addBulk(jobs: CarriedJob[]): Promise<unknown>;
  /** Resolves whether the job was there or not; a job that a worker holds stays. */
  remove(jobId: string): Promise<unknown>;
}

export interface CarriedJob {
  readonly name: string;
  readonly data: Jobs[JobName];
  readonly opts: {
    /** A row that is taken again while a worker still holds its job adds nothing: same round, same id. */
    readonly jobId: string;
    /** Smaller is sooner: the fair order over schools holds among what waits on the queue, too. */
    readonly priority: number;
    readonly attempts: number;
    readonly backoff: { type: 'exponential'; delay: number; jitter: number };
    readonly removeOnComplete: boolean;
    readonly removeOnFail: { age: number; count: number };
  };
}

/** What one step of the relay needs: no loop, no framework. */
export interface Carrying {
  readonly database: Database;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly name: QueueName;
  readonly queue: JobQueue;
}

/**
 * One step: takes what is due and puts it on the queue. A row that is taken again had its job lost, failed or left
 * behind; what is left of it goes first, since a queue ignores an id that it knows. A queue that does not take the jobs
 * gives the rows back at once: what it took all the same is the same job under the same id.
 * @returns how many jobs it put on the queue
 * @throws QueueRefused when the queue did not take them
 */
export async function carry({ database, clock, timers, name, queue }: Carrying): Promise<number> {
  const taken = await database.transaction([], (em) =>
    takeDue(em, name, clock.now(), DEPTH, timers.unclaimedMs, LANE_LIMITS[name]),
  );
  if (taken.length === 0) return 0;
  const jobName = JOB_OF[name];
  const jobs = taken.map(({ subjectId, round, turn }): CarriedJob => ({
    name: jobName,
    data: DATA_OF[jobName](subjectId),
    opts: {
      jobId: jobId(subjectId, round),
      priority: Math.min(Math.max(turn, 1), LAST_PRIORITY),
      attempts: ATTEMPTS,
      backoff: { type: 'exponential', delay: RETRY_DELAY_MS, jitter: 0.8 },
      removeOnComplete: true,
      removeOnFail: { age: 86_400, count: 1_000 },
    },
  }));
  const again = taken.filter((row) => row.again);
  const add = async () => {
    await Promise.all(again.map((row) => queue.remove(jobId(row.subjectId, row.round))));
    await queue.addBulk(jobs);
  };
  try {
    await withTimeout(add(), QUEUE_TIMEOUT_MS);
  } catch (error) {
    const dueAt = new Date(clock.now().getTime() + AGAIN_MS);
    await database.transaction([], (em) => putBack(em, name, taken, dueAt));
    throw new QueueRefused(error);
  }
  return taken.length;
}

const jobId = (subjectId: string, round: number) => `${subjectId}-${round}`;

/** The round in which a job was put on the queue. */
export const roundOf = (id: string | undefined): number => Number(id?.slice(id.lastIndexOf('-') + 1));

/** The store of the queue did not take jobs; `cause` is its error. */
export class QueueRefused extends Error {
  constructor(cause: unknown) {
    super('The queue did not take the jobs.', { cause });
  }
}

class QueueSilent extends Error {
  readonly code = QUERY_TIMEOUT;
}

/** A queue that is away must not hold the relay. */
async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new QueueSilent('The queue did not answer in time.')), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
