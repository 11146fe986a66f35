import type { Queue } from 'bullmq';
import { JOB_OF, nextDueAt, takeDue, type QueueName } from '#libs/messaging';
import { errorPlace } from '#libs/platform';
import type { WorkerCore } from '../core.js';

/** Rows in hand at once per queue. Few enough that a school which comes later is not behind a thousand jobs. */
const DEPTH = 300;
/** Polling is only the net below NOTIFY. */
const POLL_MS = 1_000;
const QUEUE_TIMEOUT_MS = 5_000;

/** Within one claim, a job tries again by itself; whatever takes longer waits in Postgres. */
export const ATTEMPTS = 3;
export const RETRY_DELAY_MS = 300;

/** Carries due rows of one queue to BullMQ. Stateless: killed at any point, the rows are taken again. */
export class Relay {
  private stopped = false;
  private woken = false;
  private wakeUp: () => void = () => undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly core: WorkerCore,
    private readonly name: QueueName,
    private readonly queue: Queue,
  ) {}

  start(): void {
    this.running = this.run();
  }

  /** Something may be due now. */
  wake(): void {
    this.woken = true;
    this.wakeUp();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.wakeUp();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      this.woken = false;
      try {
        const carried = await this.carry();
        if (carried === 0) await this.rest(await this.untilNext());
      } catch (error) {
        this.core.logger.warn({ queue: this.name, ...errorPlace(error) }, 'the relay could not carry; it tries again');
        await this.rest(POLL_MS);
      }
    }
  }

  /** @returns how many jobs it put on the queue */
  private async carry(): Promise<number> {
    const taken = await this.core.database.transaction((em) =>
      takeDue(em, this.name, this.core.clock.now(), DEPTH, this.core.timers.unclaimedMs),
    );
    if (taken.length === 0) return 0;
    const jobName = JOB_OF[this.name];
    const jobs = taken.map(({ subjectId, round }) => ({
      name: jobName,
      data: jobName === 'send-delivery' ? { deliveryId: subjectId } : { meetingId: subjectId },
      // A row that is taken again while its job still waits adds nothing: same round, same id.
      opts: {
        jobId: `${subjectId}-${round}`,
        attempts: ATTEMPTS,
        backoff: { type: 'exponential', delay: RETRY_DELAY_MS, jitter: 0.8 },
        removeOnComplete: true,
        removeOnFail: { age: 86_400, count: 1_000 },
      },
    }));
    await withTimeout(this.queue.addBulk(jobs), QUEUE_TIMEOUT_MS);
    return taken.length;
  }

  private async untilNext(): Promise<number> {
    const next = await nextDueAt(this.core.database.em(), this.name);
    if (!next) return POLL_MS;
    return Math.min(POLL_MS, Math.max(5, next.getTime() - this.core.clock.now().getTime()));
  }

  private rest(ms: number): Promise<void> {
    if (this.woken || this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** A queue that is away must not hold the relay: the rows are taken again when their time is over. */
async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The queue did not answer in time.')), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
