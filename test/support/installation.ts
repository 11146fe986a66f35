import { join } from 'node:path';
import { makeKeys } from '../../apps/cli/src/make-keys.js';
import { startSandbox } from '../../apps/sandbox/src/index.js';
import { freshDatabase, type TestDatabase } from './database.js';
import { ChildProduct } from './processes.js';
import { Product } from './product.js';
import { freePort } from './redis.js';

/** The settings of a product on a database of its own, with the sandbox outside; whoever asked starts its processes. */
export async function installation(home: string, more: Record<string, string> = {}) {
  const port = await freePort();
  const appUrl = `http://127.0.0.1:${port}`;
  const db = await freshDatabase();
  const sandbox = await startSandbox({ appUrl });
  sandbox.autoConsent(true);
  const env: Record<string, string> = {
    NODE_ENV: 'development',
    APP_URL: appUrl,
    PORT: String(port),
    DATABASE_URL: db.url,
    ...makeKeys(join(home, `${port}.json`)),
    ...sandbox.settings,
    LOG_LEVEL: 'info',
    QUEUE_PREFIX: `{p-${port}}`,
    ...more,
  };
  return { env, appUrl, db, sandbox, product: Product.at(appUrl, db, sandbox) };
}

/** One role in one database that others do not use: what is taken from it is taken from nobody else. */
export async function strike(db: TestDatabase, statement: string, ends: 'its sessions' | 'none' = 'its sessions') {
  const name = new URL(db.url).pathname.slice(1);
  await db.query(statement.replaceAll('DATABASE', `database ${name}`).replaceAll('ROLE', 'role conferences'));
  if (ends === 'none') return;
  await db.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'conferences'`,
  );
}

/** Lines that a process wrote beside those of requests. */
export const linesOf = (child: ChildProduct): Record<string, unknown>[] =>
  child.output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ msg }) => msg !== 'request');
