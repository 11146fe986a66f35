import { STORE_FAULT_WORDS, storeFault } from '#libs/platform';
import { PooledClient } from './pooled-client.js';
import { postgresConfig } from './postgres-config.js';

const CONNECT_MS = 5_000;

/** Why a Postgres does not serve, in one sentence that names the setting, the code and what to do. */
export function connectFault(setting: string, error: unknown): string {
  const fault = storeFault(error);
  if (!fault)
    return `${setting}: Postgres does not serve. Check host, port, role and password, and run: npm run migrate`;
  return `${setting}: Postgres (${fault.word}): ${STORE_FAULT_WORDS[fault.kind]}.`;
}

/** Opens one connection and closes it. @throws what `connectFault` puts into words */
export async function checkConnection(url: string): Promise<void> {
  const client = new PooledClient({ ...postgresConfig(url), connectionTimeoutMillis: CONNECT_MS });
  client.on('error', () => undefined);
  await client.connect();
  await client.end();
}
