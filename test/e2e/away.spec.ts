import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { startAll, type RunningProduct } from '../../apps/cli/src/start-all.js';
import { METHODS } from '../../apps/api/src/docs/openapi-types.js';
import { openApi } from '../../apps/api/src/docs/openapi.js';
import { loadSettings } from '#libs/platform';
import { ASchool } from '../support/a-school.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { installation, strike } from '../support/installation.js';
import type { Role } from '../support/product.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

/** Answered without asking Postgres. */
const WITHOUT_POSTGRES = ['GET /livez', 'GET /.well-known/security.txt', 'GET /v1/openapi.json'];
const ROLES: readonly Role[] = ['teacher', 'parent', 'admin', 'privacy', 'support', 'ops'];

// The OpenAPI document has exactly the routes that Nest serves: docs.spec.ts proves it.
const routes = Object.entries(openApi('https://conferences.example').paths).flatMap(([path, methods]) =>
  METHODS.filter((method) => method in (methods as object)).map((method) => `${method.toUpperCase()} ${path}`),
);

// Real: the product in this process and Postgres, by way of a wire that can be cut. Fake: the outside (the sandbox).
describe('P13 Postgres does not serve', () => {
  let home = '';
  let wire: FaultProxy;
  let world: Awaited<ReturnType<typeof installation>>;
  let running: RunningProduct;
  const school = new ASchool();
  const bearers = new Map<Role, string>();
  beforeAll(async () => {
    process.env['LOG_LEVEL'] = 'fatal';
    home = mkdtempSync(join(tmpdir(), 'conferences-away-'));
    world = await installation(home, { SECURITY_CONTACT: 'security@school.example' });
    wire = await FaultProxy.start({ port: Number(new URL(world.db.url).port) });
    running = await startAll(loadSettings({ ...world.env, DATABASE_URL: wire.through(world.db.url) }));
    await world.product.emit(school.slot(1));
    for (const role of ROLES)
      bearers.set(role, await world.product.bearer(role, role === 'ops' ? null : school, { id: `p-${role}` }));
  });
  afterAll(async () => {
    wire.pass();
    await running.close();
    await wire.close();
    await world.product.close();
    rmSync(home, { recursive: true, force: true });
  });

  const call = (route: string, headers: Record<string, string>) => {
    const [method = '', path = ''] = route.split(' ');
    const filled = path
      .replace('{login}', 'google')
      .replace('{token}', 'x'.repeat(43))
      .replace(/\{\w+\}/g, '0198c0de-0000-7000-8000-000000000000');
    return fetch(`${world.appUrl}${filled}`, {
      method,
      redirect: 'manual',
      headers: { origin: world.appUrl, ...headers },
      signal: AbortSignal.timeout(15_000),
    });
  };

  /** Every route, as every role, as a program and as a browser. @returns what is wrong, and the routes that say 503 */
  const sweep = async () => {
    const wrong: string[] = [];
    const unserved = new Set<string>();
    for (const route of routes)
      for (const role of [null, ...ROLES])
        for (const accept of ['application/json', 'text/html']) {
          const answer = await call(route, { accept, ...(role && { authorization: `Bearer ${bearers.get(role)}` }) });
          const type = answer.headers.get('content-type') ?? '';
          const isTold =
            Number(answer.headers.get('retry-after')) > 0 &&
            (accept === 'text/html' && !route.includes(' /v1/')
              ? type.includes('html')
              : type.includes('problem+json'));
          await answer.body?.cancel();
          if (answer.status >= 500 && (answer.status !== 503 || (!isTold && !route.endsWith('/readyz'))))
            wrong.push(`${route} as ${role ?? 'nobody'}, ${accept}: ${answer.status} ${type}`);
          if (answer.status === 503) unserved.add(route);
        }
    return { wrong, unserved };
  };

  it.each<[string, () => void | Promise<void>, () => void | Promise<void>]>([
    ['is away', () => wire.refuse(), () => wire.pass()],
    [
      'is read-only',
      () => strike(world.db, 'alter ROLE in DATABASE set default_transaction_read_only = on'),
      () => strike(world.db, 'alter ROLE in DATABASE reset default_transaction_read_only'),
    ],
  ])('%s: 503 with Retry-After on every route that needs it, never 500', async (_, blow, mend) => {
    await blow();
    try {
      const { wrong, unserved } = await sweep();
      expect(wrong).toEqual([]);
      // What is refused for what it is needs no Postgres; reading a right request does.
      for (const route of ['GET /v1/me', 'GET /j/{token}', 'GET /ops', 'GET /readyz', 'GET /v1/evenings/{id}/progress'])
        expect([...unserved]).toContain(route);
      for (const route of WITHOUT_POSTGRES) expect([...unserved]).not.toContain(route);
      const event = await world.product.post(school.slot(2));
      expect([event.status, event.headers.get('retry-after')]).toEqual([503, '5']);
    } finally {
      await mend();
    }
    await until('it serves again', async () => (await fetch(`${world.appUrl}/readyz`)).status === 200);
    expect((await world.product.post(school.slot(2))).status).toBe(202);
  });

  it('a school whose intake waits for a lock sheds early, and neither reads nor other schools wait behind it', async () => {
    const holder = new pg.Client({ connectionString: world.db.migrationUrl });
    await holder.connect();
    await holder.query('begin');
    await holder.query(`select pg_advisory_xact_lock(hashtextextended('intake ' || $1, 7))`, [school.id]);
    try {
      const began = performance.now();
      const stuck = Array.from({ length: 40 }, async (_, i) => {
        const { status, headers } = await world.product.post(school.slot(10 + i));
        return { status, retryAfter: headers.get('retry-after'), ms: performance.now() - began };
      });
      await until('intake waits for the lock', async () => {
        const waiting = await world.db.query(
          `select from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`,
        );
        return waiting.length > 1;
      });
      const timed = async (work: () => Promise<{ status: number }>) => {
        const from = performance.now();
        return { status: (await work()).status, quick: performance.now() - from < 1_500 };
      };
      const teacher = { authorization: `Bearer ${bearers.get('teacher')}` };
      expect(await timed(() => call('GET /v1/me', teacher))).toEqual({ status: 200, quick: true });
      expect(await timed(() => call('GET /readyz', {}))).toEqual({ status: 200, quick: true });
      expect(await timed(() => world.product.post(new ASchool().slot(1)))).toEqual({ status: 202, quick: true });
      const shed = (await Promise.all(stuck)).filter(({ status }) => status === 503);
      // Three hold a connection until the lock's time limit; whoever waits at the gate is refused sooner.
      expect(shed.length).toBe(40);
      expect(shed.filter(({ ms }) => ms < 4_500).length).toBeGreaterThanOrEqual(37);
      expect(shed.every(({ retryAfter }) => retryAfter === '1')).toBe(true);
    } finally {
      await holder.query('rollback');
      await holder.end();
    }
    expect((await world.product.post(school.slot(10))).status).toBe(202);
  });

  it('a pool that is full refuses early', async () => {
    const holder = new pg.Client({ connectionString: world.db.migrationUrl });
    await holder.connect();
    await holder.query('begin');
    await holder.query('lock table people in access exclusive mode');
    try {
      const began = performance.now();
      const answers = await Promise.all(
        Array.from({ length: 60 }, async (_, i) => {
          const answer = await call('GET /v1/people/{id}/data', {
            authorization: `Bearer ${bearers.get('privacy')}`,
            'x-n': `${i}`,
          });
          return { status: answer.status, ms: performance.now() - began };
        }),
      );
      expect(answers.map(({ status }) => status).filter((status) => status !== 503)).toEqual([]);
      expect(answers.filter(({ ms }) => ms < 3_500).length).toBeGreaterThanOrEqual(40);
    } finally {
      await holder.query('rollback');
      await holder.end();
    }
  });
});
