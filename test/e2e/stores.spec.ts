import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Redis } from 'ioredis';
import { ASchool } from '../support/a-school.js';
import { backends } from '../support/backends.js';
import { installation, linesOf, strike } from '../support/installation.js';
import { ChildProduct, build } from '../support/processes.js';
import { freePort, startRedis, type RunningRedis } from '../support/redis.js';
import { until } from '../support/until.js';

// Real: the built processes, Postgres, Redis. Fake: the outside (the sandbox).
jest.setTimeout(240_000);

/** So many lines may a process write while its store answers with errors for so long. */
const WATCHED_MS = 4_000;
const FEW_LINES = 25;

const get = (url: string, headers: Record<string, string> = {}) =>
  fetch(url, { headers, signal: AbortSignal.timeout(10_000) });
const ready = async (url: string) => {
  const answer = await get(`${url}/readyz`);
  return { status: answer.status, text: await answer.text() };
};

describe('P13 a store that answers with errors', () => {
  const running: ChildProduct[] = [];
  const run = (...made: ConstructorParameters<typeof ChildProduct>) => {
    const child = new ChildProduct(...made);
    running.push(child);
    return child;
  };
  let home = '';
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'conferences-stores-'));
    await build();
  }, 240_000);
  afterEach(async () => {
    for (const child of running.splice(0)) await child.stop('SIGKILL');
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  /** What it writes while nothing changes; a process that spins writes thousands. */
  const linesWithin = async (child: ChildProduct) => {
    const before = linesOf(child).length;
    await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
    return linesOf(child).slice(before);
  };

  describe('Postgres', () => {
    const CASES: readonly (readonly [code: string, strike: string, mend: string])[] = [
      [
        '25006',
        'alter ROLE in DATABASE set default_transaction_read_only = on',
        'alter ROLE in DATABASE reset default_transaction_read_only',
      ],
      [
        '42501',
        'revoke all on all tables in schema public from conferences',
        'grant select, insert, update, delete on all tables in schema public to conferences',
      ],
      ['53300', 'alter DATABASE connection limit 0', 'alter DATABASE connection limit -1'],
      [
        '55000',
        'update pg_database set datallowconn = false where datname = current_database()',
        'update pg_database set datallowconn = true where datname = current_database()',
      ],
    ];

    it('makes no 500, no spin and no silence: 503, not ready with the code, few lines, and heals by itself', async () => {
      const metricsPort = await freePort();
      const { env, appUrl, db, product } = await installation(home, { METRICS_PORT: String(metricsPort) });
      const metrics = `http://127.0.0.1:${metricsPort}`;
      const all = run('cli', ['all'], env);
      await all.said('the API listens');
      try {
        const school = new ASchool();
        await product.emit(school.slot(1));
        const teacher = await product.bearer('teacher', school, { id: school.teacher().id });
        for (const [code, blow, mend] of CASES) {
          await strike(db, blow);
          for (const url of [appUrl, metrics])
            await until(`${url} is not ready: ${code}`, async () => {
              const { status, text } = await ready(url);
              return status === 503 && text.includes(`(${code})`);
            });
          const answers = [
            await product.post(school.slot(2)),
            await get(`${appUrl}/v1/me/`, { authorization: `Bearer ${teacher}` }),
            await get(`${appUrl}/v1/evenings/e-1/progress`, { authorization: `Bearer ${teacher}` }),
            await get(`${appUrl}/j/${'x'.repeat(43)}`, { accept: 'text/html' }),
          ];
          const unserved = answers.filter(({ status }) => status !== 404);
          expect([code, unserved.map(({ status }) => status)]).toEqual([code, unserved.map(() => 503)]);
          expect(unserved.length).toBeGreaterThanOrEqual(3);
          for (const answer of unserved) {
            expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
            expect(answer.headers.get('content-type')).toMatch(/problem\+json|text\/html/);
          }
          expect(await (await get(`${metrics}/metrics`)).text()).toContain(
            'conferences_store_away{store="postgres"} 1',
          );
          const lines = await linesWithin(all);
          expect([code, lines.length < FEW_LINES, lines.slice(0, 3)]).toEqual([code, true, expect.anything()]);
          expect(linesOf(all).filter(({ word, at }) => word === code && at === undefined)).toEqual([]);
          // As after a failover: who connects anew can write, and the sessions of before cannot.
          await strike(db, mend, code === '25006' ? 'none' : 'its sessions');
          for (const url of [appUrl, metrics])
            await until(`${url} is ready after ${code}`, async () => (await ready(url)).status === 200, 30);
        }
        expect((await product.post(school.slot(2))).status).toBe(202);
        expect((await all.stop()).code).toBe(0);
      } finally {
        await product.close();
      }
    });
  });

  const onRedis = backends().includes('redis') ? describe : describe.skip;
  onRedis('Redis', () => {
    const servers: RunningRedis[] = [];
    afterEach(async () => {
      for (const server of servers.splice(0)) await server.stop();
    });

    const CASES: readonly (readonly [word: string, strike: string[][], mend: string[][]])[] = [
      ['READONLY', [['REPLICAOF', '127.0.0.1', '1']], [['REPLICAOF', 'NO', 'ONE']]],
      ['OOM', [['CONFIG', 'SET', 'maxmemory', '1']], [['CONFIG', 'SET', 'maxmemory', '0']]],
      ['NOPERM', [['ACL', 'SETUSER', 'default', '-@write']], [['ACL', 'SETUSER', 'default', '+@all']]],
      [
        'NOAUTH',
        [
          ['CONFIG', 'SET', 'requirepass', 'planted'],
          ['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'],
        ],
        [['CONFIG', 'SET', 'requirepass', '']],
      ],
    ];

    it('leaves API and intake alone; the worker is not ready, says why once, does not spin, and heals by itself', async () => {
      const redis = await startRedis();
      servers.push(redis);
      const [metricsPort] = [await freePort()];
      const { env, appUrl, product } = await installation(home, { REDIS_URL: redis.url });
      const api = run('api', [], env);
      const worker = run('worker', [], { ...env, METRICS_PORT: String(metricsPort) });
      const metrics = `http://127.0.0.1:${metricsPort}`;
      await api.said('the API listens');
      await worker.said('the worker works');
      const admin = new Redis(redis.url, { maxRetriesPerRequest: 1 });
      admin.on('error', () => undefined);
      try {
        const school = new ASchool();
        const ops = await product.bearer('ops', null, { id: 'p-ops' });
        let number = 0;
        for (const [word, blow, mend] of CASES) {
          await until(`ready before ${word}`, async () => (await ready(metrics)).status === 200, 40);
          for (const [command, ...args] of blow) await admin.call(command!, ...args);
          number += 1;
          expect((await product.post(school.slot(number))).status).toBe(202);
          await until(`not ready: ${word}`, async () => {
            const { status, text } = await ready(metrics);
            return status === 503 && text.includes(`(${word})`);
          });
          expect((await ready(appUrl)).status).toBe(200);
          const page = await until('ops says it', async () => {
            const text = await (await get(`${appUrl}/ops`, { authorization: `Bearer ${ops}` })).text();
            return text.includes(`(${word})`) && text;
          });
          expect(page).toContain('Redis does not serve since');
          expect(await (await get(`${metrics}/metrics`)).text()).toContain('conferences_store_away{store="redis"} 1');
          const lines = await linesWithin(worker);
          expect([word, lines.length < FEW_LINES, lines.slice(0, 3)]).toEqual([word, true, expect.anything()]);
          for (const [command, ...args] of mend) await admin.call(command!, ...args);
          await until(`ready after ${word}`, async () => (await ready(metrics)).status === 200, 40);
        }
        expect(linesOf(worker).filter(({ word, at }) => word !== undefined && at === undefined)).toEqual([]);
      } finally {
        admin.disconnect();
        await product.close();
      }
    });
  });
});
