import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { replayLedger } from '#libs/conferences';
import { checkKeptApart, type Keys } from '#libs/database';
import type { LeaseLender } from '#libs/login';
import { NestLog, StartupError, portFault, startHealthServer, type Clock, type Settings } from '#libs/platform';
import { holdAudit } from '#libs/privacy';
import { ApiModule } from './api.module.js';
import { Core } from './core.js';
import { edge } from './http/edge.js';
import { readiness } from './operations/health.controller.js';
import { DASHBOARD_PATH, queueDashboard } from './operations/queue-dashboard.js';

export interface RunningApi {
  /** The port that it listens on. */
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Before anything opens: a restore is recorded (R12), and who was erased after the backup is erased again (P11). */
async function putRight(core: Core): Promise<void> {
  const { database, keys, index, clock, notices, ledger } = core;
  const deps = { keys, index, now: () => clock.now(), planNotices: notices.plan };
  await holdAudit(core, clock.now());
  const erased = await replayLedger(database, deps, ledger);
  if (erased > 0)
    core.logger.warn({ erased }, 'this database is older than the erasure ledger: people were erased again');
}

/**
 * Starts the HTTP edge.
 * @param leases where leases go: this process's memory, or sealed over pub/sub to the workers
 * @param withHealthServer false where a worker in the same process has the metrics port
 * @throws StartupError when Postgres is not there, or would not keep the schools apart
 */
export async function startApi(
  settings: Settings,
  leases: LeaseLender,
  options: { clock: Clock; keys: Keys; withHealthServer?: boolean },
): Promise<RunningApi> {
  const core = await Core.open(settings, leases, options.clock, options.keys).catch((error: unknown) => {
    if (error instanceof StartupError) throw error;
    throw new StartupError([error instanceof Error ? error.message : 'The API could not start.']);
  });
  await checkKeptApart(settings, (fault) => core.logger.warn({}, fault)).catch(async (error: unknown) => {
    await core.close();
    throw error;
  });
  await putRight(core).catch(async (error: unknown) => {
    await core.close();
    throw error;
  });
  const dashboard = queueDashboard(core);
  const express = edge(core);
  express.use(DASHBOARD_PATH, dashboard.guard, dashboard.router);
  const app = await NestFactory.create(ApiModule.with(core), new ExpressAdapter(express), {
    bodyParser: false,
    logger: new NestLog(core.logger),
    abortOnError: false,
  });
  const server = app.getHttpServer() as import('node:http').Server;
  // Whoever sends a request slower than this holds a connection for nothing; answers may take their time (progress).
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  await app.listen(settings.port).catch((error: unknown) => {
    throw portFault('PORT', settings.port, error);
  });
  const health =
    settings.metricsPort !== null && options.withHealthServer !== false
      ? await startHealthServer(settings.metricsPort, core.metrics, () => readiness(core))
      : null;
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : settings.port;
  core.logger.info({ port }, 'the API listens');
  return {
    port,
    close: async () => {
      // Streams of progress are told to end; requests in hand are finished.
      await app.close();
      await health?.close();
      await dashboard.close();
      await core.close();
    },
  };
}
