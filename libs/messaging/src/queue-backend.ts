import { setDefaultBackendFactory, createPostgresBackend, createRedisBackend, type QueueOptions } from 'bullmq';
import { postgresConfig } from '#libs/database';
import { storeFault } from '#libs/platform';

/**
 * A connection whose other end is gone without a word is given up after so long. A worker's blocking read is answered
 * every five seconds (ten at most), so a healthy one is never silent for as long as this.
 */
const SILENT_MS = 20_000;
const KEEP_ALIVE_MS = 10_000;
const CONNECT_MS = 5_000;

/** The longest pause between two attempts to connect, so that a failover heals within seconds. */
const RECONNECT_MS = 3_000;

/**
 * Answers that a new connection may not give: after a failover the name leads to the new primary while open connections
 * stay with the old one; a password was changed; a blocked read was ended.
 */
const OF_THIS_CONNECTION = new Set(['READONLY', 'MASTERDOWN', 'LOADING', 'NOAUTH', 'WRONGPASS', 'UNBLOCKED']);

/** What every client of Redis is made with. */
export const redisOptions = {
  connectTimeout: CONNECT_MS,
  keepAlive: KEEP_ALIVE_MS,
  socketTimeout: SILENT_MS,
  retryStrategy: (attempts: number) => Math.min(200 * attempts, RECONNECT_MS),
  // The command fails, and whoever asked asks again after a pause: sent again at once, it would spin.
  reconnectOnError: (error: Error) => OF_THIS_CONNECTION.has(storeFault(error)?.word ?? ''),
};

/**
 * Where the queues live: on Redis when there is one, else in the same Postgres. Nothing else in the code knows which.
 * BullMQ keeps the choice per process.
 */
export function queueConnection(settings: {
  redisUrl: string | null;
  databaseUrl: string;
  databaseListenUrl?: string | null;
  queuePrefix: string;
}): Pick<QueueOptions, 'connection' | 'prefix'> {
  if (settings.redisUrl) {
    setDefaultBackendFactory(createRedisBackend as Parameters<typeof setDefaultBackendFactory>[0]);
    return {
      connection: {
        url: settings.redisUrl,
        maxRetriesPerRequest: null,
        ...redisOptions,
      } as QueueOptions['connection'],
      prefix: settings.queuePrefix,
    };
  }
  setDefaultBackendFactory(createPostgresBackend as unknown as Parameters<typeof setDefaultBackendFactory>[0]);
  return {
    connection: {
      // BullMQ keeps its LISTEN and its search path in the session.
      ...postgresConfig(settings.databaseListenUrl ?? settings.databaseUrl),
      max: 4,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: SILENT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    } as unknown as QueueOptions['connection'],
    prefix: settings.queuePrefix,
  };
}
