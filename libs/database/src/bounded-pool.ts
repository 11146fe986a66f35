import type pg from 'pg';
import { CONNECT_TIMEOUT, POOL_FULL, storeFault } from '#libs/platform';
import { PooledClient } from './pooled-client.js';

/** A store could not be reached. The code stands in `code`; the stack leads to our own code that asked. */
export class Unreached extends Error {
  override readonly name = 'Unreached';

  constructor(
    readonly code: string,
    cause?: unknown,
  ) {
    super('Postgres could not be reached.', { cause });
  }
}

/**
 * Bounds how many wait for a connection of a full pool, and for how long: whoever comes later is refused at once. A connection that was opened before `outdated` was called is not handed out any more: after
 * a failover the sessions of before can only read.
 */
export function boundPool(
  pool: pg.Pool,
  limits: { readonly waitMs: number; readonly longestQueue: number },
): { outdated: () => void } {
  const connect = pool.connect.bind(pool) as (callback?: unknown) => Promise<pg.PoolClient>;
  let validSince = 0;
  const bounded = async (): Promise<pg.PoolClient> => {
    if (pool.waitingCount >= limits.longestQueue) throw new Unreached(POOL_FULL);
    try {
      for (;;) {
        const client = await (pool.idleCount === 0 && isFull(pool) ? inTime(connect(), limits.waitMs) : connect());
        if (!(client instanceof PooledClient) || client.connectedAt >= validSince) return client;
        client.release(true);
      }
    } catch (error) {
      const fault = storeFault(error);
      // The pool reports without a code both a queue that did not move and a server that did not answer.
      const code = fault?.word ?? (error as { code?: string }).code;
      throw new Unreached(code ?? (pool.idleCount === 0 && isFull(pool) ? POOL_FULL : CONNECT_TIMEOUT), error);
    }
  };
  pool.connect = ((callback?: unknown) => (callback === undefined ? bounded() : connect(callback))) as never;
  return { outdated: () => (validSince = performance.now()) };
}

const isFull = (pool: pg.Pool) => pool.totalCount >= pool.options.max;

/** A connection that becomes free too late goes back. */
async function inTime(connecting: Promise<pg.PoolClient>, ms: number): Promise<pg.PoolClient> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      connecting.then(
        (client) => client.release(),
        () => undefined,
      );
      reject(new Unreached(POOL_FULL));
    }, ms);
  });
  try {
    return await Promise.race([connecting, late]);
  } finally {
    clearTimeout(timer);
  }
}
