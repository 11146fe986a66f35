import 'reflect-metadata';
import { getQueueToken, type WorkerHost } from '@nestjs/bullmq';
import { NestFactory } from '@nestjs/core';
import type { Queue } from 'bullmq';
import { replayLedger } from '#libs/conferences';
import { checkKeptApart, type Keys } from '#libs/database';
import type { LeaseBook } from '#libs/login';
import { QUEUES, type QueueName } from '#libs/messaging';
import {
  NestLog,
  StartupError,
  errorPlace,
  startHealthServer,
  type Clock,
  type Settings,
  type Timers,
} from '#libs/platform';
import { holdAudit } from '#libs/privacy';
import { WorkerCore } from './core.js';
import { resumeWhenLent } from './meetings/resume-late.js';
import { DueListener } from './relay/due-listener.js';
import { Relay } from './relay/relay.js';
import { QueueWatch } from './upkeep/queue-watch.js';
import { Upkeep } from './upkeep/upkeep.js';
import { PROCESSORS, WorkerModule } from './worker.module.js';

export interface RunningWorker {
  readonly close: () => Promise<void>;
}

/** Before anything opens: a restore is recorded (R12), and who was erased after the backup is erased again (P11). */
async function putRight(core: WorkerCore): Promise<void> {
  const { database, keys, index, clock, notices, ledger } = core;
  const deps = { keys, index, now: () => clock.now(), planNotices: notices.plan };
  await holdAudit(core, clock.now());
  const erased = await replayLedger(database, deps, ledger);
  if (erased > 0)
    core.logger.warn({ erased }, 'this database is older than the erasure ledger: people were erased again');
}

/**
 * Starts relays, processors and upkeep of one process.
 * @param leases where logins are borrowed: this process's memory, or what was sealed to it
 */
export async function startWorker(
  settings: Settings,
  leases: LeaseBook,
  options: { clock: Clock; keys: Keys; timers?: Timers },
): Promise<RunningWorker> {
  const core = await WorkerCore.open(settings, leases, options).catch((error: unknown) => {
    if (error instanceof StartupError) throw error;
    throw new StartupError([error instanceof Error ? error.message : 'The worker could not start.']);
  });
  await checkKeptApart(settings, (fault) => core.logger.warn({}, fault)).catch(async (error: unknown) => {
    await core.close();
    throw error;
  });
  await putRight(core).catch(async (error: unknown) => {
    await core.close();
    throw error;
  });
  const app = await NestFactory.createApplicationContext(WorkerModule.with(core), {
    logger: new NestLog(core.logger),
    abortOnError: false,
  });
  const relays = QUEUES.map((name) => {
    const queue = app.get<Queue>(getQueueToken(name));
    queue.on('error', () => undefined);
    return new Relay(core, name, queue);
  });
  // Without a listener BullMQ prints the raw error, with all that its driver knows. It also tells of locks that it lost.
  const isAway = (error: Error) =>
    core.logger.warn(errorPlace(error), 'a queue is away, or took a job back; its worker goes on by itself');
  const hosts = Object.fromEntries(
    QUEUES.map((name) => [name, app.get<WorkerHost>(PROCESSORS[name])]),
  ) as unknown as Record<QueueName, WorkerHost>;
  for (const host of Object.values(hosts)) host.worker.on('error', isAway);
  const watch = new QueueWatch(core, hosts, isAway);
  watch.start();
  const listener = new DueListener(settings.databaseUrl, () => {
    for (const relay of relays) relay.wake();
  });
  await listener.start();
  for (const relay of relays) relay.start();
  const upkeep = new Upkeep(core);
  upkeep.start();
  core.pacing.start();
  const stopResuming = resumeWhenLent(core, leases);
  const health =
    settings.metricsPort === null
      ? null
      : await startHealthServer(settings.metricsPort, core.metrics, async () => {
          const answers = await core.database.answers();
          return { ready: answers, faults: answers ? [] : ['Postgres does not answer.'] };
        });
  core.logger.info({}, 'the worker works');
  return {
    close: async () => {
      // No new work first; then what is in hand is finished: BullMQ's workers wait for their active jobs.
      stopResuming();
      await Promise.all(relays.map((relay) => relay.stop()));
      await watch.stop();
      await listener.stop();
      await upkeep.stop();
      await core.pacing.stop();
      await app.close();
      await health?.close();
      await core.close();
    },
  };
}
