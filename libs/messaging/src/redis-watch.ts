import { Redis } from 'ioredis';
import {
  CONNECTION_LOST,
  QUERY_TIMEOUT,
  STORE_FAULT_WORDS,
  redisOptions,
  storeFault,
  type StoreHealth,
} from '#libs/platform';

const PROBE_EVERY_MS = 3_000;
const PROBE_MS = 2_000;
const USER = 'probe';

/**
 * Asks Redis every few seconds whether it takes what queues write, on a connection of its own: a queue without jobs does
 * not find out. The command writes nothing (XX: only over a key that is there), and is refused where a write would be.
 */
export class RedisWatch {
  private readonly redis: Redis;
  private readonly timer: NodeJS.Timeout;
  private lastError: Error | null = null;

  constructor(
    url: string,
    private readonly prefix: string,
    private readonly health: StoreHealth,
  ) {
    this.redis = new Redis(url, { ...redisOptions, maxRetriesPerRequest: 0, enableOfflineQueue: false });
    this.redis.on('error', (error: Error) => (this.lastError = error));
    this.redis.on('ready', () => void this.probe());
    this.timer = setInterval(() => void this.probe(), PROBE_EVERY_MS).unref();
  }

  close(): void {
    clearInterval(this.timer);
    this.redis.disconnect();
  }

  private async probe(): Promise<void> {
    try {
      await probe(this.redis, this.prefix);
      this.lastError = null;
      this.health.worked(USER);
    } catch (error) {
      // While there is no connection ioredis says just that; why there is none, it said before.
      const known = [error, this.lastError].find((one) => storeFault(one));
      this.health.failed(USER, known ?? new NoAnswer(CONNECTION_LOST));
    }
  }
}

class NoAnswer extends Error {
  constructor(readonly code: string) {
    super('Redis gave no answer.');
  }
}

/** The command that a write would be refused like, and that writes nothing. @throws also when no answer comes in time */
async function probe(redis: Redis, prefix: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(QUERY_TIMEOUT)), PROBE_MS);
  });
  try {
    await Promise.race([redis.set(`${prefix}:probe`, '1', 'PX', 1, 'XX'), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Why this Redis does not take what queues write, in one sentence; null: it does. */
export async function redisFaultOf(url: string, prefix: string): Promise<string | null> {
  const redis = new Redis(url, {
    ...redisOptions,
    retryStrategy: () => null,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
  });
  let lastError: unknown;
  redis.on('error', (error) => (lastError = error));
  try {
    await redis.connect();
    await probe(redis, prefix);
    return null;
  } catch (error) {
    const fault = storeFault(lastError) ?? storeFault(error);
    return fault
      ? `REDIS_URL: Redis (${fault.word}): ${STORE_FAULT_WORDS[fault.kind]}.`
      : 'REDIS_URL: Redis does not serve. Check host, port, user and password.';
  } finally {
    redis.disconnect();
  }
}
