import { nextDueAt, type QueueName } from '#libs/messaging';
import { errorPlace } from '#libs/platform';
import type { WorkerCore } from '../core.js';
import { carry, type JobQueue } from './carry.js';

/** Polling is only the net below NOTIFY. */
const POLL_MS = 1_000;

/** Carries due rows of one queue to BullMQ. Stateless: killed at any point, the rows are taken again. */
export class Relay {
  private stopped = false;
  private woken = false;
  private wakeUp: () => void = () => undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly core: WorkerCore,
    private readonly name: QueueName,
    private readonly queue: JobQueue,
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
        const carried = await carry({
          database: this.core.database,
          clock: this.core.clock,
          name: this.name,
          queue: this.queue,
        });
        if (carried === 0) await this.rest(await this.untilNext());
      } catch (error) {
        this.core.logger.warn({ queue: this.name, ...errorPlace(error) }, 'the relay could not carry; it tries again');
        await this.rest(POLL_MS);
      }
    }
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
