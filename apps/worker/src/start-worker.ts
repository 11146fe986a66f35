import 'reflect-metadata';
import { getQueueToken, type WorkerHost } from '@nestjs/bullmq';
import { NestFactory } from '@nestjs/core';
import type { Queue } from 'bullmq';
import { replayLedger } from '#libs/conferences';
import { checkKeptApart, keepsSession, type Keys } from '#libs/database';
import type { LeaseBook } from '#libs/login';
import { QUEUES, RedisWatch, type QueueName } from '#libs/messaging';
import {
  NestLog,
  StartupError,
  STORE_FAULT_WORDS,
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

/** A worker whose start can no longer fail but for a port that is taken. */
export interface OpenedWorker extends RunningWorker {
  /** Begins the work, and listens on METRICS_PORT. */
  readonly start: () => Promise<void>;
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
 * Opens everything that a worker needs, and does no work yet: whatever can fail fails here, and leaves nothing open.
 * @param leases where logins are borrowed: this process's memory, or what was sealed to it
 * @throws StartupError that says what to do
 */
export async function openWorker(
  settings: Settings,
  leases: LeaseBook,
  options: { clock: Clock; keys: Keys; timers?: Timers },
): Promise<OpenedWorker> {
  await using opening = new AsyncDisposableStack();
  const core = await WorkerCore.open(settings, leases, options).catch((error: unknown) => {
    if (error instanceof StartupError) throw error;
    throw new StartupError([error instanceof Error ? error.message : 'The worker could not start.']);
  });
  opening.defer(() => core.close());
  await checkKeptApart(settings, (fault) => core.logger.warn({}, fault));
  const hears = await hearsNotify(settings, core);
  await putRight(core);
  const redis = settings.redisUrl ? new RedisWatch(settings.redisUrl, settings.queuePrefix, core.queueStore) : null;
  opening.defer(() => redis?.close());
  const app = await NestFactory.createApplicationContext(WorkerModule.with(core), {
    logger: new NestLog(core.logger),
    abortOnError: false,
  });
  opening.defer(() => app.close());
  opening.defer(() => core.pacing.stop());
  const upkeep = new Upkeep(core);
  opening.defer(() => upkeep.stop());
  const relays = QUEUES.map((name) => {
    const queue = app.get<Queue>(getQueueToken(name));
    queue.on('error', (error) => void core.queueStore.failed(`relay ${name}`, error));
    return new Relay(core, name, queue);
  });
  const hosts = Object.fromEntries(
    QUEUES.map((name) => [name, app.get<WorkerHost>(PROCESSORS[name])]),
  ) as unknown as Record<QueueName, WorkerHost>;
  const wakeAll = () => {
    for (const relay of relays) relay.wake();
  };
  const listener = hears
    ? new DueListener(settings.databaseListenUrl ?? settings.databaseUrl, wakeAll, core.logger)
    : null;
  opening.defer(() => listener?.stop());
  const watch = new QueueWatch(core, hosts);
  opening.defer(() => watch.stop());
  // No new work first; then what is in hand is finished: BullMQ's workers wait for their active jobs.
  opening.defer(async () => void (await Promise.all(relays.map((relay) => relay.stop()))));
  const opened = opening.move();
  return {
    start: async () => {
      const { metricsPort } = settings;
      const health =
        metricsPort === null
          ? null
          : await startHealthServer({ port: metricsPort, bind: settings.metricsBind }, core.metrics, () =>
              readiness(core),
            );
      if (health) opened.defer(() => health.close());
      watch.start();
      await listener?.start();
      for (const relay of relays) relay.start();
      upkeep.start();
      core.pacing.start();
      opened.defer(resumeWhenLent(core, leases));
      core.logger.info({}, 'the worker works');
    },
    close: () => opened.disposeAsync(),
  };
}

/** The same, at work. */
export async function startWorker(...given: Parameters<typeof openWorker>): Promise<RunningWorker> {
  const worker = await openWorker(...given);
  await worker.start().catch(async (error: unknown) => {
    await worker.close();
    throw error;
  });
  return worker;
}

/** A worker works where Postgres can be written, and the store of its queues too. */
async function readiness({
  database,
  postgres,
  queueStore,
}: WorkerCore): Promise<{ ready: boolean; faults: string[] }> {
  const fault = await database.fault();
  const faults = [
    ...(fault ? [`Postgres (${fault.word}): ${STORE_FAULT_WORDS[fault.kind]}.`] : []),
    ...[...new Set([postgres, queueStore])].flatMap(({ sentence }) => sentence ?? []),
  ];
  return { ready: faults.length === 0, faults };
}

/**
 * Behind a pooler in transaction mode nobody hears NOTIFY: the relays ask once a second then, and queues that live in
 * Postgres cannot work.
 */
async function hearsNotify(settings: Settings, core: WorkerCore): Promise<boolean> {
  const name = settings.databaseListenUrl === null ? 'DATABASE_URL' : 'DATABASE_LISTEN_URL';
  const mend = 'Name a direct connection to the same Postgres in DATABASE_LISTEN_URL';
  if (await keepsSession(settings.databaseListenUrl ?? settings.databaseUrl)) return true;
  const why = `${name} goes through a pooler in transaction mode, where LISTEN hears nothing`;
  if (!settings.redisUrl)
    throw new StartupError([`${why}, and the queues live in Postgres. ${mend}, or set REDIS_URL.`]);
  core.logger.warn({}, `${why}: due rows are looked for once a second. ${mend}.`);
  return false;
}
