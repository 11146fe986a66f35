import { setTimeout as pause } from 'node:timers/promises';
import { nextDueAt, type QueueName } from '#libs/messaging';
import { errorPlace } from '#libs/platform';
import type { WorkerCore } from '../core.js';
import { QueueRefused, carry, type JobQueue } from './carry.js';
import { LANE_LIMITS } from './lane-limits.js';

/** Polling is only the net below NOTIFY. */
const POLL_MS = 1_000;
const LONGEST_BACKOFF_MS = 5_000;
/** What is due and was not taken waits for a row in hand to end, which wakes the relay. */
const SOONEST_MS = 25;

/** Carries due rows of one queue to BullMQ. Stateless: killed at any point, the rows are taken again. */
export class Relay {
  private stopped = false;
  private woken = false;
  private failures = 0;
  private wakeUp: () => void = () => undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly core: WorkerCore,
    private readonly name: QueueName,
    private readonly queue: JobQueue,
  ) {}

  private get user(): string {
    return `relay ${this.name}`;
  }

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
        const began = performance.now();
        const enqueued = await carry({
          database: this.core.database,
          clock: this.core.clock,
          timers: this.core.timers,
          name: this.name,
          queue: this.queue,
        });
        // Each row that ends wakes this: where much is due a look costs, and the next one takes more rows together.
        await pause(performance.now() - began);
        const untilNext = await this.untilNext();
        this.failures = 0;
        this.core.postgres.worked(this.user);
        if (enqueued > 0) this.core.queueStore.worked(this.user);
        await this.rest(untilNext);
      } catch (error) {
        this.report(error);
        this.failures += 1;
        await this.rest(Math.min(POLL_MS * 2 ** (this.failures - 1), LONGEST_BACKOFF_MS));
      }
    }
  }

  /** An error of a store is one of many of the same kind; any other is reported by itself. */
  private report(error: unknown): void {
    const { postgres, queueStore, logger } = this.core;
    const store = error instanceof QueueRefused ? queueStore : postgres;
    if (!store.failed(this.user, error))
      logger.warn({ queue: this.name, ...errorPlace(error) }, 'due rows could not be enqueued; the relay tries again');
  }

  private async untilNext(): Promise<number> {
    const next = await nextDueAt(this.core.database.unscoped(), this.name, LANE_LIMITS[this.name]);
    if (!next) return POLL_MS;
    return Math.min(POLL_MS, Math.max(SOONEST_MS, next.getTime() - this.core.clock.now().getTime()));
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
