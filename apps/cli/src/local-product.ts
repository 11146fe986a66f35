import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox, type Sandbox } from '../../sandbox/src/index.js';
import { migrate, startEmbeddedPostgres } from '#libs/database';
import { QUEUES } from '#libs/messaging';
import { checkedSetting, loadSettings, type Clock, type HttpLimits, type Settings } from '#libs/platform';
import { makeKeys } from './make-keys.js';
import { startAll } from './start-all.js';

export interface LocalProduct {
  readonly appUrl: string;
  readonly settings: Settings;
  readonly sandbox: Sandbox;
  readonly close: () => Promise<void>;
}

/**
 * The whole product on this computer, with the sandbox in the place of the outside: for the demo and the evening.
 * DATABASE_URL and REDIS_URL of the environment switch to real servers; everything else is made for this run.
 * @param options.durable false: nothing need outlive this run
 */
export async function startLocalProduct(options: {
  env: NodeJS.ProcessEnv;
  port: number;
  sandboxPort?: number;
  smtpPort?: number;
  durable: boolean;
  latencyMs?: number;
  seed?: number;
  /** Further settings, stronger than those made here. */
  settings?: Readonly<Record<string, string>>;
  clock?: Clock;
  httpLimits?: HttpLimits;
  say?: (line: string) => void;
}): Promise<LocalProduct> {
  const say = options.say ?? (() => undefined);
  for (const name of ['DATABASE_URL', 'DATABASE_MIGRATION_URL', 'REDIS_URL'])
    checkedSetting({ ...options.env, NODE_ENV: 'development' }, name);
  const home = mkdtempSync(join(tmpdir(), 'conferences-'));
  const closing: (() => Promise<void> | void)[] = [() => rmSync(home, { recursive: true, force: true })];
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    const port = options.port === 0 ? await freePort() : options.port;
    const appUrl = `http://127.0.0.1:${port}`;
    const database = await databaseOf(options, closing, say);
    say('Migrating the database …');
    await migrate(database.migrationUrl, database.url, QUEUES);
    say('Starting Google, Microsoft, a mailbox and the parent-meetings module …');
    const sandbox = await startSandbox({
      appUrl,
      port: options.sandboxPort ?? 0,
      smtpPort: options.smtpPort ?? 0,
      latencyMs: options.latencyMs ?? 0,
      ...(options.seed !== undefined && { seed: options.seed }),
    });
    closing.push(() => sandbox.close());
    const settings = loadSettings({
      NODE_ENV: 'development',
      APP_URL: appUrl,
      PORT: String(port),
      BIND: '127.0.0.1',
      DATABASE_URL: database.url,
      ...(options.env['REDIS_URL'] && {
        REDIS_URL: options.env['REDIS_URL'],
        QUEUE_PREFIX: options.env['QUEUE_PREFIX'] ?? '{conf}',
        LEASE: options.env['LEASE'],
      }),
      ...makeKeys(join(home, 'key-ring.json')),
      ...sandbox.settings,
      REGION: 'this computer',
      PRIVACY_CONTACT: 'privacy@regenboog.example',
      SECURITY_CONTACT: 'security@regenboog.example',
      ...options.settings,
    });
    say('Starting the API and the worker …');
    const product = await startAll(settings, {
      ...(options.clock && { clock: options.clock }),
      ...(options.httpLimits && { httpLimits: options.httpLimits }),
    });
    closing.push(() => product.close());
    return { appUrl, settings, sandbox, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function databaseOf(
  options: { env: NodeJS.ProcessEnv; durable: boolean },
  closing: (() => Promise<void> | void)[],
  say: (line: string) => void,
): Promise<{ url: string; migrationUrl: string }> {
  const url = options.env['DATABASE_URL'];
  if (url) return { url, migrationUrl: options.env['DATABASE_MIGRATION_URL'] ?? url };
  say('Starting an embedded Postgres …');
  const postgres = await startEmbeddedPostgres({ durable: options.durable });
  closing.push(() => postgres.stop());
  return postgres;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
