import { setDefaultBackendFactory, createPostgresBackend, createRedisBackend, type QueueOptions } from 'bullmq';
import { Redis } from 'ioredis';
import { postgresConfig } from '#libs/database';

/**
 * A connection whose other end is gone without a word is given up after so long. A worker's blocking read is answered
 * every five seconds (ten at most), so a healthy one is never silent for as long as this.
 */
const SILENT_MS = 20_000;
const KEEP_ALIVE_MS = 10_000;
const CONNECT_MS = 5_000;

/**
 * Where the queues live: on Redis when there is one, else in the same Postgres. Nothing else in the code knows which.
 * BullMQ keeps the choice per process.
 */
export function queueConnection(settings: {
  redisUrl: string | null;
  databaseUrl: string;
  queuePrefix: string;
}): Pick<QueueOptions, 'connection' | 'prefix'> {
  if (settings.redisUrl) {
    setDefaultBackendFactory(createRedisBackend as Parameters<typeof setDefaultBackendFactory>[0]);
    return {
      connection: {
        url: settings.redisUrl,
        maxRetriesPerRequest: null,
        connectTimeout: CONNECT_MS,
        keepAlive: KEEP_ALIVE_MS,
        socketTimeout: SILENT_MS,
      } as QueueOptions['connection'],
      prefix: settings.queuePrefix,
    };
  }
  setDefaultBackendFactory(createPostgresBackend as unknown as Parameters<typeof setDefaultBackendFactory>[0]);
  return {
    connection: {
      ...postgresConfig(settings.databaseUrl),
      max: 4,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: SILENT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    } as unknown as QueueOptions['connection'],
    prefix: settings.queuePrefix,
  };
}

/** A client for pub/sub. It reconnects by itself and keeps nothing while Redis is away. */
export const pubSubClient = (url: string) =>
  new Redis(url, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    keepAlive: KEEP_ALIVE_MS,
    socketTimeout: SILENT_MS,
  });

/** Longer than this no request waits for the counters of its limits. */
const COUNT_MS = 250;

/** A client for counters: a Redis that hangs is given up after a second, and answers nobody before it is ready again. */
export const limitsClient = (url: string) =>
  new Redis(url, {
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    connectTimeout: CONNECT_MS,
    keepAlive: KEEP_ALIVE_MS,
    commandTimeout: COUNT_MS,
    socketTimeout: 4 * COUNT_MS,
  });
