import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { postgresConfig } from './postgres-config.js';

const HEARD_WITHIN_MS = 1_500;
const CONNECT_MS = 5_000;

/**
 * Does a connection of this URL stay with one session of Postgres? Behind a pooler in transaction mode it does not: what
 * LISTEN asked for stays with whichever connection ran it, and nobody hears. Postgres itself is known by its process id;
 * anything else is tried out.
 */
export async function keepsSession(url: string): Promise<boolean> {
  const listener = open(url);
  const speaker = open(url);
  try {
    await listener.connect();
    const { rows } = await listener.query<{ pid: number }>('select pg_backend_pid() as pid');
    if (rows[0]!.pid === (listener as unknown as { processID: number }).processID) return true;
    const channel = `conferences_probe_${randomBytes(8).toString('hex')}`;
    const heard = new Promise<boolean>((resolve) => {
      listener.once('notification', () => resolve(true));
      setTimeout(() => resolve(false), HEARD_WITHIN_MS).unref();
    });
    await listener.query(`listen ${channel}`);
    await speaker.connect();
    await speaker.query('select pg_notify($1, $2)', [channel, '']);
    return await heard;
  } finally {
    await Promise.all([listener, speaker].map((client) => client.end().catch(() => undefined)));
  }
}

function open(url: string): pg.Client {
  const client = new pg.Client({ ...postgresConfig(url), connectionTimeoutMillis: CONNECT_MS });
  client.on('error', () => undefined);
  return client;
}
