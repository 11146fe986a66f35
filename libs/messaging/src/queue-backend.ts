import { setDefaultBackendFactory, createPostgresBackend, createRedisBackend, type QueueOptions } from 'bullmq';
import { Redis } from 'ioredis';
import { PooledClient, postgresConfig } from '#libs/database';
import { CONNECT_MS, KEEP_ALIVE_MS, SILENT_MS, redisOptions } from '#libs/platform';

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
      // A connection that can only read since a failover leaves the pool.
      Client: PooledClient,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: SILENT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    } as unknown as QueueOptions['connection'],
    prefix: settings.queuePrefix,
  };
}
/** Longer than this no request waits for the counters of its limits. */
const COUNT_MS = 250;

/** A client for counters: a Redis that hangs is given up after a second, and answers nobody before it is ready again. */
export const limitsClient = (url: string) =>
  new Redis(url, {
    ...redisOptions,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    commandTimeout: COUNT_MS,
    socketTimeout: 4 * COUNT_MS,
  });
