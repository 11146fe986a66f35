import { randomInt } from 'node:crypto';
import { rows, sql } from '#libs/database';
import { errorPlace } from '#libs/platform';
import type { WorkerCore } from '../core.js';

/** The first run of each task comes within this long after a start, so that many processes do not all begin at once. */
const JITTER_MS = 2_000;
/** Two processes' timers are never in step: whoever comes a little early runs it, and the other one finds it done. */
const EARLY = 0.75;

export interface UpkeepTask {
  readonly name: string;
  readonly everyMs: number;
  readonly work: () => Promise<unknown>;
}

/**
 * Runs each task soon after the start and then at its pace, over all processes and restarts together: when it was last
 * begun stands in Postgres, and of those who find it due one begins. One that fails, or dies with its process, comes again.
 */
export class UpkeepSchedule {
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly running = new Set<Promise<unknown>>();
  private isStopped = false;

  constructor(
    private readonly core: Pick<WorkerCore, 'database' | 'clock' | 'logger' | 'postgres'>,
    private readonly tasks: readonly UpkeepTask[],
  ) {}

  start(): void {
    for (const task of this.tasks) this.after(randomInt(Math.min(JITTER_MS, task.everyMs)), task);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    await Promise.allSettled(this.running);
  }

  private after(ms: number, task: UpkeepTask): void {
    if (this.isStopped) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      const began = performance.now();
      const run = this.runIfDue(task).finally(() => {
        this.running.delete(run);
        this.after(Math.max(0, task.everyMs - (performance.now() - began)), task);
      });
      this.running.add(run);
    }, ms);
    this.timers.add(timer);
  }

  private async runIfDue({ name, everyMs, work }: UpkeepTask): Promise<void> {
    try {
      if (await this.isMine(name, everyMs)) await work();
      this.core.postgres.worked(`upkeep ${name}`);
    } catch (error) {
      if (!this.core.postgres.failed(`upkeep ${name}`, error))
        this.core.logger.warn({ upkeep: name, ...errorPlace(error) }, 'upkeep failed; it runs again');
    }
  }

  private async isMine(name: string, everyMs: number): Promise<boolean> {
    const now = this.core.clock.now();
    const found = await rows(
      this.core.database.unscoped(),
      sql`insert into upkeep_runs as u (task, begun_at) values (${name}, ${now}) on conflict (task) do update
        set begun_at = excluded.begun_at where u.begun_at <= ${new Date(now.getTime() - everyMs * EARLY)} or u.begun_at > ${now} returning 1`,
    );
    return found.length > 0;
  }
}
