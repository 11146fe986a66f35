import type { WorkerHost } from '@nestjs/bullmq';
import type { Job, Worker } from 'bullmq';
import { QUEUES, unclaimedRows, type QueueName } from '#libs/messaging';
import { errorPlace } from '#libs/platform';
import type { WorkerCore } from '../core.js';
import { userOf } from '../timed-worker.js';

/** Looks so often within the time after which an unclaimed job is put on the queue again. */
const LOOKS = 4;

interface Watched {
  readonly host: WorkerHost;
  worker: Worker;
  /** Monotonic ms of the last job that this process was given. */
  lastJobAt: number;
  /** Rows that a relay carried and nobody claimed, by id and round, with when they were first seen so. */
  unclaimed: Map<string, number>;
}

/**
 * Notices a queue that this process should work and does not: rows were carried to it and nobody claims them for longer
 * than the unclaimed time, while this process is given no job. BullMQ trusts its connection to say that it broke; one that
 * hangs in silence leaves a worker waiting for ever (taskforcesh/bullmq #3185, #4479, #4585). Such a worker is replaced by
 * a new one with connections of its own.
 */
export class QueueWatch {
  private readonly watched: Map<QueueName, Watched>;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly core: Pick<
      WorkerCore,
      'database' | 'clock' | 'timers' | 'metrics' | 'logger' | 'postgres' | 'queueStore'
    >,
    hosts: Readonly<Record<QueueName, WorkerHost>>,
  ) {
    this.watched = new Map(
      QUEUES.map((name) => {
        const host = hosts[name];
        const watched = { host, worker: host.worker, lastJobAt: performance.now(), unclaimed: new Map() };
        this.listen(watched);
        return [name, watched];
      }),
    );
  }

  start(): void {
    let busy = false;
    this.timer = setInterval(() => {
      if (busy) return;
      busy = true;
      this.looking = this.look()
        .catch((error: unknown) => {
          if (!this.core.postgres.failed('queue watch', error))
            this.core.logger.warn(errorPlace(error), 'the queues could not be looked after');
        })
        .finally(() => (busy = false));
    }, this.core.timers.unclaimedMs / LOOKS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
    // Nest ends the workers that it made itself.
    await Promise.all(
      [...this.watched.values()]
        .filter(({ host, worker }) => host.worker !== worker)
        .map(({ worker }) => worker.close().catch(() => undefined)),
    );
  }

  /** @returns the queues whose worker was replaced */
  async look(): Promise<QueueName[]> {
    const { core } = this;
    const silent: QueueName[] = [];
    for (const [name, watched] of this.watched) {
      const rows = await unclaimedRows(core.database.unscoped(), name, core.clock.now());
      const now = performance.now();
      watched.unclaimed = new Map(rows.map((row) => [row, watched.unclaimed.get(row) ?? now]));
      const longest = Math.max(0, ...[...watched.unclaimed.values()].map((since) => now - since));
      const { unclaimedMs } = core.timers;
      if (longest <= unclaimedMs || now - watched.lastJobAt <= unclaimedMs) continue;
      core.logger.warn({ queue: name, unclaimed: rows.length }, 'a queue fell silent; its worker is replaced');
      core.metrics.silentQueues.inc({ queue: name });
      this.replace(watched);
      silent.push(name);
    }
    return silent;
  }

  private replace(watched: Watched): void {
    const { worker, host } = watched;
    // Its connection hangs: whether closing ever ends is not waited for, and what it says then is nobody's concern.
    void worker.close(true).catch(() => undefined);
    // Of its own class, which pauses after errors.
    const Again = worker.constructor as typeof Worker;
    watched.worker = new Again(worker.name, (job: Job, token) => host.process(job, token), { ...worker.opts });
    watched.unclaimed.clear();
    this.listen(watched);
  }

  private listen(watched: Watched): void {
    const given = () => (watched.lastJobAt = performance.now());
    given();
    watched.worker.on('active', given).on('completed', given).on('failed', given);
    // Without a listener BullMQ prints the raw error, with all that its driver knows. It also tells of locks that it lost.
    const { queueStore, logger } = this.core;
    const user = userOf(watched.worker);
    watched.worker.on('error', (error) => {
      if (!queueStore.failed(user, error))
        logger.warn({ user, ...errorPlace(error) }, 'a queue took a job back; its worker goes on by itself');
    });
  }
}
