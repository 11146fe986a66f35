import { storeFault } from './store-fault.js';

/**
 * A connection whose other end is gone without a word is given up after so long. A worker's blocking read is answered
 * every five seconds (ten at most), so a healthy one is never silent for as long as this.
 */
export const SILENT_MS = 20_000;
export const KEEP_ALIVE_MS = 10_000;
export const CONNECT_MS = 5_000;

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
  reconnectOnError: isOfThisConnection,
};

/** May a new connection do better than the one that answered so? */
export function isOfThisConnection(error: unknown): boolean {
  return OF_THIS_CONNECTION.has(storeFault(error)?.word ?? '');
}
