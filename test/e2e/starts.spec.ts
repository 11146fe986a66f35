import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startAll, type RunningProduct } from '../../apps/cli/src/start-all.js';
import { connectFault, checkConnection, checkKeptApart } from '#libs/database';
import { StartupError, loadSettings } from '#libs/platform';
import { ASchool } from '../support/a-school.js';
import { installation } from '../support/installation.js';
import { hasPgbouncer, startPgbouncer } from '../support/pgbouncer.js';
import { freePort } from '../support/redis.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

const accepts = (port: number) =>
  fetch(`http://127.0.0.1:${port}/livez`, { signal: AbortSignal.timeout(2_000) }).then(
    () => true,
    () => false,
  );
const faultsOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => (error instanceof StartupError ? error.faults : [`no StartupError: ${String(error)}`]),
  );

// Real: the product in this process, Postgres, pgbouncer. Fake: the outside (the sandbox).
describe('P16 nothing listens until the start has succeeded', () => {
  let home = '';
  let world: Awaited<ReturnType<typeof installation>>;
  let metricsPort = 0;
  const running: RunningProduct[] = [];
  const start = async (more: Record<string, string> = {}) => {
    const product = await startAll(loadSettings({ ...world.env, METRICS_PORT: String(metricsPort), ...more }));
    running.push(product);
    return product;
  };
  beforeAll(async () => {
    process.env['LOG_LEVEL'] = 'fatal';
    home = mkdtempSync(join(tmpdir(), 'conferences-starts-'));
    metricsPort = await freePort();
    world = await installation(home);
  });
  afterEach(async () => {
    for (const product of running.splice(0)) await product.close();
  });
  afterAll(async () => {
    await world.product.close();
    rmSync(home, { recursive: true, force: true });
  });
  const isClosed = async () => {
    expect([await accepts(Number(world.env['PORT'])), await accepts(metricsPort)]).toEqual([false, false]);
    const left = await world.db.query(
      `select pid from pg_stat_activity where datname = current_database() and usename = 'conferences'`,
    );
    expect(left).toEqual([]);
  };

  it('a migration that is not applied stops the start, and says npm run migrate', async () => {
    const [last] = await world.db.query<{ name: string }>('select name from migrations order by name desc limit 1');
    await world.db.query('delete from migrations where name = $1', [last!.name]);
    try {
      expect(await faultsOf(start())).toEqual([expect.stringMatching(`${last!.name}.*npm run migrate`)]);
      await until('its connections are closed', () =>
        isClosed().then(
          () => true,
          () => false,
        ),
      );
    } finally {
      await world.db.query('insert into migrations (name) values ($1)', [last!.name]);
    }
  });

  it('a schema that is newer than the program runs, as in a rolling deployment, and is reported', async () => {
    await world.db.query(`insert into migrations (name) values ('Migration29990101000000')`);
    try {
      const warned: string[] = [];
      await checkKeptApart({ databaseUrl: world.db.url, production: false }, (fault) => warned.push(fault));
      expect(warned).toEqual([expect.stringContaining('newer than this program, by Migration29990101000000')]);
      await start();
      expect(await accepts(metricsPort)).toBe(true);
    } finally {
      await world.db.query(`delete from migrations where name = 'Migration29990101000000'`);
    }
  });

  it.each(['PORT', 'METRICS_PORT'])('a %s that is taken stops the start and leaves nothing open', async (setting) => {
    const taken = await listening();
    const { port } = taken.address() as AddressInfo;
    try {
      expect(await faultsOf(start({ [setting]: String(port) }))).toEqual([
        expect.stringContaining(`${setting}=${port} is in use`),
      ]);
      await until('its connections are closed', () =>
        isClosed().then(
          () => true,
          () => false,
        ),
      );
    } finally {
      taken.close();
    }
  });

  it('sslmode=require is warned of in production, at each start', async () => {
    const warnedOf = async (mode: string, production: boolean) => {
      const warned: string[] = [];
      const databaseUrl = `${world.db.url}?sslmode=${mode}`;
      // This Postgres speaks no TLS, so the start itself ends there.
      await checkKeptApart({ databaseUrl, production }, (fault) => warned.push(fault)).catch(() => undefined);
      return warned;
    };
    expect(await warnedOf('require', true)).toEqual([expect.stringContaining('Use sslmode=verify-full')]);
    expect(await warnedOf('verify-full', true)).toEqual([]);
    expect((await warnedOf('require', false)).join()).not.toContain('sslmode');
  });

  it.each<[string, string, (url: URL) => void]>([
    ['a wrong password', '28P01', (url) => (url.password = 'planted')],
    ['no such database', '3D000', (url) => (url.pathname = '/none')],
    ['a name that is not known', 'ENOTFOUND', (url) => (url.hostname = 'planted.invalid')],
    ['a port where nobody listens', 'ECONNREFUSED', (url) => (url.port = '1')],
    ['a server that speaks no TLS', 'NO_TLS', (url) => url.searchParams.set('sslmode', 'verify-full')],
  ])('%s is called what it is: %s', async (_, code, change) => {
    const url = new URL(world.db.url);
    change(url);
    const fault = await checkConnection(url.href).then(
      () => 'it connected',
      (error: unknown) => connectFault('DATABASE_URL', error),
    );
    expect(fault).toMatch(
      code === 'ENOTFOUND' ? /^DATABASE_URL: Postgres \((ENOTFOUND|EAI_AGAIN)\): the host/ : `Postgres (${code}): `,
    );
    expect(fault).not.toContain('planted');
    expect(await faultsOf(start({ DATABASE_URL: url.href }))).toEqual([fault]);
    await isClosed();
  });

  const onPgbouncer = hasPgbouncer() ? it : it.skip;
  onPgbouncer('behind a pooler in transaction mode, queues in Postgres ask for a direct connection', async () => {
    const bouncer = await startPgbouncer(world.db.url);
    try {
      expect(await faultsOf(start({ DATABASE_URL: bouncer.url }))).toEqual([
        expect.stringMatching(/pooler in transaction mode.*DATABASE_LISTEN_URL.*REDIS_URL/),
      ]);
      await start({ DATABASE_URL: bouncer.url, DATABASE_LISTEN_URL: world.db.url });
      const school = new ASchool();
      await world.product.emit(school.slot(1));
      const ready = await fetch(`http://127.0.0.1:${metricsPort}/readyz`);
      expect([ready.status, await ready.text()]).toEqual([200, expect.any(String)]);
    } finally {
      for (const product of running.splice(0)) await product.close();
      await bouncer.stop();
    }
  });
});

function listening(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => resolve(server));
  });
}
