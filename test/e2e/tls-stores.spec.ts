import { spawn } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { certificates } from '../../apps/cli/src/certificates.js';
import { makeKeys } from '../../apps/cli/src/make-keys.js';
import { startSandbox, type Sandbox } from '../../apps/sandbox/src/index.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#libs/database';
import { ASchool } from '../support/a-school.js';
import type { TestDatabase } from '../support/database.js';
import { ChildProduct, build } from '../support/processes.js';
import { Product } from '../support/product.js';
import { freePort, hasRedis } from '../support/redis.js';

// Real: certificates as the command makes them, Postgres and Redis with TLS as docker-compose.production.yml has them, API
// and worker in processes of their own. Fake: the outside (the sandbox, which speaks http: hence not NODE_ENV=production).

jest.setTimeout(120_000);
const NOBODY = 65_534;

(hasRedis() ? describe : describe.skip)(
  'R10 Postgres with verify-full and Redis with rediss, by an authority of one’s own',
  () => {
    const closing: (() => unknown)[] = [];
    let postgres: EmbeddedPostgres;
    let owner: pg.Client;
    let env: Record<string, string>;
    let product: Product;
    let sandbox: Sandbox;
    const run = (...made: ConstructorParameters<typeof ChildProduct>) => {
      const child = new ChildProduct(...made);
      closing.push(() => child.stop('SIGKILL'));
      return child;
    };

    beforeAll(async () => {
      await build();
      const home = mkdtempSync(join(tmpdir(), 'conferences-tls-'));
      closing.push(() => rmSync(home, { recursive: true, force: true }));
      await certificates(['--out', home]);
      postgres = await startEmbeddedPostgres({ durable: false });
      closing.push(() => postgres.stop());
      owner = new pg.Client({ connectionString: postgres.migrationUrl });
      await owner.connect();
      const { rows } = await owner.query<{ data_directory: string }>('show data_directory');
      for (const file of ['postgres.crt', 'postgres.key']) {
        const path = join(rows[0]!.data_directory, file);
        copyFileSync(join(home, file), path);
        chmodSync(path, 0o600);
        if (process.getuid?.() === 0) chownSync(path, NOBODY, NOBODY);
      }
      for (const [name, value] of [
        ['ssl', 'on'],
        ['ssl_cert_file', 'postgres.crt'],
        ['ssl_key_file', 'postgres.key'],
      ])
        await owner.query(`alter system set ${name} = '${value}'`);
      await owner.query('select pg_reload_conf()');
      const redisPort = await freePort();
      const tls = [
        '--tls-cert-file',
        join(home, 'redis.crt'),
        '--tls-key-file',
        join(home, 'redis.key'),
        '--tls-ca-cert-file',
        join(home, 'authority.crt'),
      ];
      const redis = spawn(
        'redis-server',
        [
          '--port',
          '0',
          '--tls-port',
          String(redisPort),
          '--bind',
          '127.0.0.1',
          ...tls,
          '--tls-auth-clients',
          'no',
          '--requirepass',
          'Secret1',
          '--save',
          '',
          '--maxmemory-policy',
          'noeviction',
        ],
        { stdio: 'ignore' },
      );
      closing.push(() => redis.kill('SIGKILL'));
      const port = await freePort();
      const appUrl = `http://127.0.0.1:${port}`;
      sandbox = await startSandbox({ appUrl });
      sandbox.autoConsent(true);
      closing.push(() => sandbox.close());
      env = {
        NODE_ENV: 'development',
        APP_URL: appUrl,
        PORT: String(port),
        DATABASE_URL: `${postgres.url}?sslmode=verify-full`,
        DATABASE_MIGRATION_URL: `${postgres.migrationUrl}?sslmode=verify-full`,
        REDIS_URL: `rediss://:Secret1@127.0.0.1:${redisPort}`,
        QUEUE_PREFIX: '{tls}',
        LEASE: 'sealed',
        NODE_EXTRA_CA_CERTS: join(home, 'authority.crt'),
        LEDGER_DIR: join(home, 'ledger'),
        ...makeKeys(join(home, 'ring.json')),
        ...sandbox.settings,
      };
      product = Product.at(appUrl, null as unknown as TestDatabase, sandbox);
    }, 240_000);
    afterAll(async () => {
      await owner?.end();
      for (const step of closing.toReversed()) await step();
    });

    it('without the authority nothing starts', async () => {
      const { NODE_EXTRA_CA_CERTS: _, ...blind } = env;
      const child = run('cli', ['migrate'], blind);
      expect(await child.ended).toBe(1);
      expect(child.output).toContain('DATABASE_MIGRATION_URL');
    });

    it('a slot gets its meeting, and no connection is in clear', async () => {
      const migrated = run('cli', ['migrate'], env);
      expect([await migrated.ended, migrated.output]).toEqual([0, expect.stringContaining('Applied')]);
      const api = run('api', [], env);
      const worker = run('worker', [], env);
      await Promise.all([api.said('the API listens', 60), worker.said('the worker works', 60)]);
      const school = new ASchool();
      await product.emit(school.slot(1, { wanting: 'google-meet' }));
      await product.teacher(school);
      await product.untilReady(school);
      const { rows } = await owner.query<{ ssl: boolean; count: number }>(
        `select s.ssl, count(*)::int from pg_stat_ssl s join pg_stat_activity a using (pid) where a.usename = 'conferences' group by 1`,
      );
      expect(rows).toEqual([{ ssl: true, count: expect.any(Number) }]);
    });
  },
);
