import 'reflect-metadata';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { replayLedger } from '#libs/conferences';
import { checkKeptApart, type Keys } from '#libs/database';
import type { LeaseLender } from '#libs/login';
import type { Express } from 'express';
import {
  HTTP_LIMITS,
  NestLog,
  StartupError,
  limitedServer,
  portFault,
  startHealthServer,
  type Clock,
  type HttpLimits,
  type Settings,
} from '#libs/platform';
import { holdAudit } from '#libs/privacy';
import { ApiModule, type EdgeParts } from './api.module.js';
import { Core } from './core.js';
import { edge } from './http/edge.js';
import { HostTokens } from './http/host-tokens.js';
import { Sessions } from './http/sessions.js';
import { RateLimits } from './http/rate-limits.js';
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

/** An API whose start can no longer fail but for a port that is taken. */
export interface OpenedApi {
  /** Listens, on METRICS_PORT first and on PORT last. */
  readonly start: () => Promise<{ port: number }>;
  readonly close: () => Promise<void>;
}

/**
 * Opens everything that the HTTP edge needs, and listens nowhere yet: whatever can fail fails here, and leaves nothing open.
 * @param leases where leases go: this process's memory, or sealed over pub/sub to the workers
 * @param withHealthServer false where a worker in the same process has the metrics port
 * @throws StartupError when Postgres is not there, or would not keep the schools apart
 */
export async function openApi(
  settings: Settings,
  leases: LeaseLender,
  options: { clock: Clock; keys: Keys; withHealthServer?: boolean; httpLimits?: HttpLimits },
): Promise<OpenedApi> {
  await using opening = new AsyncDisposableStack();
  const core = await Core.open(settings, leases, options.clock, options.keys).catch((error: unknown) => {
    if (error instanceof StartupError) throw error;
    throw new StartupError([error instanceof Error ? error.message : 'The API could not start.']);
  });
  opening.defer(() => core.close());
  await checkKeptApart(settings, (fault) => core.logger.warn({}, fault));
  await putRight(core);
  const parts: EdgeParts = { tokens: new HostTokens(core), sessions: new Sessions(core), limits: new RateLimits(core) };
  opening.defer(() => parts.limits.close());
  const dashboard = queueDashboard(core, parts);
  opening.defer(() => dashboard.close());
  const express = edge(core);
  express.use(DASHBOARD_PATH, dashboard.guard, dashboard.router);
  const app = await NestFactory.create(
    ApiModule.with(core, parts),
    new LimitedAdapter(express, options.httpLimits ?? HTTP_LIMITS),
    { bodyParser: false, logger: new NestLog(core.logger), abortOnError: false },
  );
  // Streams of progress are ended first; requests in hand are finished.
  opening.defer(() => app.close());
  await app.init();
  const server = app.getHttpServer() as Server;
  reportDropped(core, server);
  opening.defer(endConnections(server));
  const opened = opening.move();
  return {
    start: async () => {
      const { metricsPort } = settings;
      if (metricsPort !== null && options.withHealthServer !== false) {
        const address = { port: metricsPort, bind: settings.metricsBind };
        const health = await startHealthServer(address, core.metrics, () => readiness(core));
        opened.defer(() => health.close());
      }
      await app.listen(settings.port, settings.bind).catch((error: unknown) => {
        throw portFault('API', settings.port, settings.bind, error);
      });
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : settings.port;
      core.logger.info({ port }, 'the API listens');
      return { port };
    },
    close: () => opened.disposeAsync(),
  };
}

/** Nest's adapter makes its server without options; those of time and size can only be given there. */
class LimitedAdapter extends ExpressAdapter {
  constructor(
    app: Express,
    private readonly limits: HttpLimits,
  ) {
    super(app);
  }

  override initHttpServer(): void {
    this.httpServer = limitedServer(this.getInstance<RequestListener>(), this.limits);
  }
}

/** Connections beyond the limit are closed unheard; that shows in a metric, and in one line a minute. */
function reportDropped(core: Core, server: Server): void {
  let quietUntil = 0;
  server.on('drop', () => {
    core.metrics.droppedConnections.inc();
    if (Date.now() < quietUntil) return;
    quietUntil = Date.now() + 60_000;
    core.logger.warn({ connections: server.maxConnections }, 'too many connections: new ones are closed at once');
  });
}

/** Requests in hand may take so long to end; the process itself ends a little later, whatever happens. */
const LONGEST_END_MS = 20_000;
/** A request that is not whole by then is nothing in hand: its sender may never send the rest. */
const UNFINISHED_MS = 1_500;

/**
 * Ends connections once the returned function is called: those without a request in hand at once, the others with their
 * answer. Node's own `close` waits for every connection, also for one that never sent a whole request, and no longer looks
 * at time limits then: a client that keeps a connection open would hold the end up for ever.
 */
function endConnections(server: Server): () => void {
  const inHand = new Set<IncomingMessage>();
  let isEnding = false;
  const cut = () => isEnding && inHand.size === 0 && server.closeAllConnections();
  server.prependListener('request', (request, response) => {
    inHand.add(request);
    if (isEnding) response.setHeader('Connection', 'close');
    response.once('close', () => {
      inHand.delete(request);
      setImmediate(cut);
    });
  });
  return () => {
    isEnding = true;
    cut();
    server.closeIdleConnections();
    setTimeout(() => {
      for (const { complete, socket } of inHand) if (!complete) socket.destroy();
    }, UNFINISHED_MS).unref();
    setTimeout(() => server.closeAllConnections(), LONGEST_END_MS).unref();
  };
}

/** The same, listening. */
export async function startApi(...given: Parameters<typeof openApi>): Promise<RunningApi> {
  const api = await openApi(...given);
  try {
    return { ...(await api.start()), close: api.close };
  } catch (error) {
    await api.close();
    throw error;
  }
}
