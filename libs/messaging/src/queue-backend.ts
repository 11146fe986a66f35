import { setDefaultBackendFactory, createPostgresBackend, createRedisBackend, type QueueOptions } from 'bullmq';
import { Redis } from 'ioredis';

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
      connection: { url: settings.redisUrl, maxRetriesPerRequest: null } as QueueOptions['connection'],
      prefix: settings.queuePrefix,
    };
  }
  setDefaultBackendFactory(createPostgresBackend as unknown as Parameters<typeof setDefaultBackendFactory>[0]);
  return {
    connection: { connectionString: settings.databaseUrl, max: 4 } as unknown as QueueOptions['connection'],
    prefix: settings.queuePrefix,
  };
}

/** A client for pub/sub. It reconnects by itself and keeps nothing while Redis is away. */
export const pubSubClient = (url: string) =>
  new Redis(url, { maxRetriesPerRequest: 1, enableOfflineQueue: false, lazyConnect: true });
