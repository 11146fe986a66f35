import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Redis } from 'ioredis';
import { startSandbox } from '../../apps/sandbox/src/index.js';
import { makeKeys } from '../../apps/cli/src/make-keys.js';
import { ASchool } from '../support/a-school.js';
import { backends } from '../support/backends.js';
import { freshDatabase, emptyDatabase, type TestDatabase } from '../support/database.js';
import { ChildProduct, build } from '../support/processes.js';
import { Product, bare, joinLinkOf } from '../support/product.js';
import { until } from '../support/until.js';

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

// Real: the built processes, Postgres, Redis. Fake: the outside (the sandbox).
// Each starts processes: on a machine with other work to do, that takes its time.
jest.setTimeout(120_000);

describe('P16 real processes', () => {
  const running: ChildProduct[] = [];
  const run = (...made: ConstructorParameters<typeof ChildProduct>) => {
    const child = new ChildProduct(...made);
    running.push(child);
    return child;
  };
  let home = '';
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'conferences-e2e-'));
    await build();
  }, 240_000);
  afterEach(async () => {
    for (const child of running.splice(0)) await child.stop('SIGKILL');
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  const world = async (more: Record<string, string> = {}) => {
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
      DATABASE_MIGRATION_URL: db.migrationUrl,
      ...makeKeys(join(home, `${port}.json`)),
      ...sandbox.settings,
      LOG_LEVEL: 'debug',
      QUEUE_PREFIX: `{p-${port}}`,
      ...more,
    };
    const migrated = run('cli', ['migrate'], env);
    expect(await migrated.ended).toBe(0);
    const product = Product.at(appUrl, db, sandbox);
    return { env, product, db, sandbox };
  };

  describe('settings', () => {
    it.each<['api' | 'worker' | 'cli', string[]]>([
      ['api', []],
      ['worker', []],
      ['cli', ['all']],
    ])('%s %j names all that is missing at once and does not start', async (program, args) => {
      const child = run(program, args, {});
      expect(await child.ended).not.toBe(0);
      for (const name of [
        'APP_URL',
        'DATABASE_URL',
        'EVENT_SECRETS',
        'HOST_ISSUER',
        'HOST_JWKS_URL',
        'KEY_RING',
        'COOKIE_KEYS',
        'SIGNING_KEY',
        'GOOGLE_CLIENT_ID',
        'GOOGLE_CLIENT_SECRET',
        'MICROSOFT_CLIENT_ID',
        'MICROSOFT_CLIENT_SECRET',
        'SMTP_URL',
        'MAIL_FROM',
      ])
        expect(child.output).toContain(`${name} is missing`);
    });

    it('PORT that is none is refused by the demo before anything is started', async () => {
      const child = run('cli', ['demo'], { PORT: 'abc' });
      expect(await child.ended).toBe(1);
      expect(child.output).toContain('PORT must be a port number');
      expect(child.output).not.toContain('Starting');
    });

    it('migrate names the setting of a Postgres that does not answer', async () => {
      const dead = 'postgres://u:planted@127.0.0.1:1/d';
      for (const [name, env] of [
        ['DATABASE_MIGRATION_URL', { DATABASE_URL: 'postgres://u:p@127.0.0.1:2/d', DATABASE_MIGRATION_URL: dead }],
        ['DATABASE_URL', { DATABASE_URL: dead }],
      ] as const) {
        const child = run('cli', ['migrate'], env);
        expect(await child.ended).toBe(1);
        expect(child.output).toContain(`${name}: Postgres (ECONNREFUSED): nothing accepts connections`);
        expect(child.output).not.toContain('planted');
      }
      const swayed = run('cli', ['migrate'], { DATABASE_URL: `${dead}?host=127.0.0.2` });
      expect(await swayed.ended).toBe(1);
      expect(swayed.output).toContain('DATABASE_URL must not hold "host"');
    });

    it.each([
      ['doctor', ['--exmaple']],
      ['migrate', ['--dry-run']],
      ['audit', ['verify', 's-1']],
      ['audit', ['show', 's-1']],
      ['audit', ['show', '--scool', 's-1']],
      ['all', ['--port', '1']],
      ['demo', ['--port=1']],
      ['privacy-documents', ['x']],
      ['retention', ['--dry-run', '--shool=s-1']],
      ['send', ['event.json', '--ulr', 'http://127.0.0.1:1']],
      ['send', ['event.json', 'other.json']],
    ])('%s refuses what it does not know, with its usage: %j', async (command, args) => {
      const child = run('cli', [command, ...args], {});
      expect(await child.ended).toBe(1);
      expect(child.output).toMatch(/(is no option of it|is one word too many).* Known: .*--help/);
      expect(child.output).toContain(`\nconferences ${command}`);
    });

    it('audit asks for the settings that it needs, all at once, and for no others', async () => {
      const missing = async (...args: string[]) => {
        const child = run('cli', args, { DATABASE_URL: 'http://127.0.0.1' });
        expect(await child.ended).toBe(1);
        return child.output;
      };
      const verify = await missing('audit', 'verify');
      expect(verify.match(/^  - \w+/gm)).toEqual(['  - DATABASE_URL', '  - KEY_RING', '  - SIGNING_KEY']);
      const show = await missing('audit', 'show');
      expect(show.match(/^  - \w+/gm)).toEqual(['  - DATABASE_URL', '  - KEY_RING']);
      expect(await missing('audit', 'show', '--limit', '1e2')).toContain(
        '--limit must be a whole number from 1 to 1000',
      );
      expect(await missing('audit')).toContain('conferences audit show');
    });

    it.each(['help', '--help'])('%s prints the usage of every command', async (word) => {
      const child = run('cli', [word], {});
      expect(await child.ended).toBe(0);
      for (const command of [
        'doctor',
        'keys',
        'migrate',
        'all',
        'demo',
        'evening',
        'retention',
        'send',
        'audit verify',
      ])
        expect(child.output).toContain(`conferences ${command} `);
      const unknown = run('cli', ['doktor'], {});
      expect(await unknown.ended).toBe(2);
      expect(unknown.output).toBe(child.output);
    });

    it('api and worker apart with leases in memory are refused', async () => {
      for (const more of [{ LEASE: 'memory', REDIS_URL: 'redis://127.0.0.1:1' }, {}])
        for (const program of ['api', 'worker'] as const) {
          const child = run(program, [], more as Record<string, string>);
          expect(await child.ended).not.toBe(0);
          expect(child.output).toContain('LEASE=memory works in one process only');
        }
    });
  });

  describe('conferences keys', () => {
    it('a word that is none makes no key and says which there are', async () => {
      const place = join(home, 'mistyped.json');
      const child = run('cli', ['keys', 'rottate', '--key-ring', place], {});
      expect(await child.ended).toBe(1);
      expect(child.output).toContain('keys knows rotate, add, retire and adopt, and no "rottate". No key was made.');
      expect(existsSync(place)).toBe(false);
    });

    it('an option that is mistyped, or has no value, makes no key', async () => {
      const place = join(home, 'mistyped.json');
      for (const args of [['--keyring', place], [`--keyring=${place}`], ['--key-ring'], ['--key-ring=']]) {
        const child = run('cli', ['keys', ...args], {});
        expect(await child.ended).toBe(1);
        expect(child.output).toContain('Known: --key-ring VALUE');
        expect(child.output).not.toContain('SIGNING_KEY=');
      }
      expect(existsSync(place)).toBe(false);
    });

    it('takes --key-ring=PATH, too, and says what it kept', async () => {
      const place = join(home, 'equals.json');
      const first = run('cli', ['keys', `--key-ring=${place}`], {});
      expect(await first.ended).toBe(0);
      expect(first.output).toContain(`KEY_RING=file:${place}\n`);
      expect(first.output).not.toContain('is kept');
      const second = run('cli', ['keys', `--key-ring=${place}`], {});
      expect(await second.ended).toBe(0);
      expect(second.output).toMatch(/was there and is kept\. COOKIE_KEYS and SIGNING_KEY above are new ones/);
    });

    it('makes a ring that only its owner reads, once', async () => {
      const place = join(home, 'made.json');
      const made = async () => {
        const child = run('cli', ['keys', '--key-ring', place], {});
        expect(await child.ended).toBe(0);
        expect(child.output.match(/^\w+(?==)/gm)).toEqual(['KEY_RING', 'COOKIE_KEYS', 'SIGNING_KEY']);
        return readFileSync(place, 'utf8');
      };
      const first = await made();
      expect(statSync(place).mode & 0o777).toBe(0o600);
      // Rows are sealed with it: a second call keeps it.
      expect(await made()).toBe(first);
    });
  });

  it('R12 conferences audit verify says of each school whether its audit is as it was written, and audit show what is in it', async () => {
    const { env, product, db } = await world({ LEDGER_DIR: join(home, 'ledger') });
    const all = run('cli', ['all'], env);
    await all.said('the API listens');
    try {
      const school = new ASchool();
      await product.emit(school.slot(1));
      const officer = await product.bearer('privacy', school, { id: 'p-officer', name: 'Officer' });
      await product.get(officer, `/v1/people/${school.parent().id}/data`);
      await until(
        'the look is chained',
        async () =>
          (await db.query('select 1 from audit_entries where school_id = $1 and sequence is not null', [school.id]))
            .length > 0,
        60,
      );
      const ops = await product.bearer('ops', null, { id: 'p-ops' });
      await product.call(ops, 'GET', '/ops');
      await until(
        'the look of ops is chained',
        async () =>
          (await db.query(`select 1 from audit_entries where school_id = '' and sequence is not null`)).length > 0,
        60,
      );
      expect((await all.stop()).code).toBe(0);
      const { DATABASE_URL = '', KEY_RING = '', SIGNING_KEY = '' } = env;
      const verify = async () => {
        // Nothing but what it needs.
        const child = run('cli', ['audit', 'verify'], {
          DATABASE_URL,
          KEY_RING,
          SIGNING_KEY,
          LEDGER_DIR: join(home, 'ledger'),
        });
        return { code: await child.ended, said: child.output };
      };
      const show = async (...args: string[]) => {
        const child = run('cli', ['audit', 'show', ...args], { DATABASE_URL, KEY_RING });
        expect([await child.ended, child.output]).toEqual([0, child.output]);
        return child.output;
      };
      const entries = (said: string) =>
        said
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Record<string, unknown>);
      // What ops did is under no school, and the one look of a school's officer is not shown with it.
      expect(entries(await show())).toEqual([
        expect.objectContaining({ action: 'ops.looked-at', actor: { kind: 'person', id: 'p-ops', role: 'ops' } }),
      ]);
      const looks = entries(await show('--school', school.id));
      expect(looks).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            action: 'person.looked-at',
            actor: { kind: 'person', id: 'p-officer', role: 'privacy' },
            person: school.parent().id,
            reason: 'not given',
          }),
        ]),
      );
      expect(entries(await show('--school', school.id, '--limit=1'))).toEqual(looks.slice(0, 1));
      expect(await show('--school', 's-none')).toBe('Nothing is written down there.\n');
      // Whoever looked this way is in it, too; a school that is none was not made by looking.
      expect(
        await db.query(
          `select school_id, count(*)::int as looks from audit_entries where action = 'audit.looked-at' group by 1 order by 1`,
        ),
      ).toEqual([
        { school_id: '', looks: 1 },
        { school_id: school.id, looks: 2 },
      ]);
      expect(await db.query(`select 1 from data_keys where school_id = 's-none'`)).toEqual([]);
      const right = await verify();
      expect(right.said).toMatch(new RegExp(`^${school.id}: right, [1-9][0-9]* entries`, 'm'));
      expect(right.said).toContain('is as it was written.');
      expect(right.code).toBe(0);
      await db.query(`alter table audit_entries disable trigger user`);
      await db.query(`update audit_entries set action = 'person.looked' where school_id = $1`, [school.id]);
      const wrong = await verify();
      expect(wrong.said).toMatch(new RegExp(`^${school.id}: WRONG`, 'm'));
      expect(wrong.said).toContain('entry 1: altered');
      expect(wrong.code).toBe(1);
    } finally {
      await all.stop();
      await product.close();
    }
  });

  it('migrate makes an empty database ready, and can be repeated', async () => {
    const empty = await emptyDatabase();
    try {
      for (const line of ['Applied: ', 'up to date']) {
        const child = run('cli', ['migrate'], { DATABASE_URL: empty.url, DATABASE_MIGRATION_URL: empty.migrationUrl });
        expect(await child.ended).toBe(0);
        expect(child.output).toContain(line);
      }
    } finally {
      await empty.close();
    }
  });

  it('R4 R5 one process on Postgres: an evening becomes ready, and nothing of it is readable in any table or log', async () => {
    const { env, product, db, sandbox } = await world();
    const all = run('cli', ['all'], env);
    await all.said('the API listens');
    try {
      const school = new ASchool();
      const parents = [1, 2, 3].map((n) => ({ ...school.parent(n), about: `Kindernaam-${n}` }));
      await product.emit(
        school.changed({ revealMinutes: null }),
        ...parents.map((parent, n) => school.slot(n + 1, { parents: [parent], wanting: 'google-meet' })),
      );
      const browser = await product.teacher(school);
      await product.untilReady(school, 3);
      const links = await Promise.all(parents.map(async (parent) => joinLinkOf(await product.mailTo(parent))));
      expect((await bare(links[0]!, { method: 'POST' })).status).toBe(303);
      await product.visit(browser);

      const secrets = [
        ...sandbox.ledger.entries.flatMap(({ url, id, calendarId }) => [url, url?.split('/').at(-1), id, calendarId]),
        ...links.map((link) => link.split('/').at(-1)),
        ...[...parents, school.teacher()].flatMap(({ name, email }) => [name, email]),
        ...parents.map(({ about }) => about),
        school.evening.name,
        'ya29.',
        '1//0',
        'canarissen',
        'vinkenburg',
      ].filter((secret): secret is string => typeof secret === 'string' && secret.length > 3);
      const found = (text: string) =>
        secrets.filter((secret) =>
          [secret, Buffer.from(secret).toString('hex'), encodeURIComponent(secret)].some((form) =>
            text.toLowerCase().includes(form.toLowerCase()),
          ),
        );
      const dump = await everyRow(db);
      expect(found(dump)).toEqual([]);
      expect(found(all.output)).toEqual([]);
      // It looked at what is there: ids are in both, and a planted name is found.
      expect(dump).toContain(school.slotId(1));
      expect(all.output).toContain('"route":"/j/:token"');
      await db.query(`update evenings set digest_hash = $1 where school_id = $2`, ['Ouder Vinkenburg-2', school.id]);
      expect(found(await everyRow(db))).toEqual(expect.arrayContaining(['Ouder Vinkenburg-2', 'vinkenburg']));
    } finally {
      const { code, ms } = await all.stop();
      expect([code, ms < 30_000]).toEqual([0, true]);
      await product.close();
    }
  }, 90_000);

  // Left out where there is no Redis (`npm test` says so): two processes meet over it.
  const withRedis = backends().includes('redis') ? it : it.skip;

  withRedis(
    'P1 api and worker apart over Redis: ready; a restarted worker parks and a visit resumes',
    async () => {
      const { env, product, sandbox } = await world({ REDIS_URL: process.env['TEST_REDIS_URL']! });
      const [api, worker] = [run('api', [], env), run('worker', [], env)];
      await Promise.all([api.said('the API listens'), worker.said('the worker works')]);
      try {
        const school = new ASchool();
        await product.emit(
          ...[1, 2, 3].map((n) => school.slot(n, { wanting: 'google-meet' })),
          ...[4, 5, 6].map((n) => school.slot(n, { wanting: 'google-meet', teacher: school.teacher(2) })),
        );
        const browser = await product.teacher(school, 'google', 1);
        await product.teacher(school, 'google', 2);
        await product.untilReady(school, 6);
        expect(sandbox.ledger.live()).toHaveLength(6);

        const { code, ms } = await worker.stop();
        expect([code, ms < 30_000]).toEqual([0, true]);
        const again = run('worker', [], env);
        await again.said('the worker works');
        await product.emit(school.slot(1, { minutes: 20 }));
        const parked = await product.untilProgress(school, ({ needsOwner }) => needsOwner === 1);
        expect(parked).toMatchObject({ failed: 0, ready: 5 });
        expect((await product.visit(browser)).needsOwner).toBeLessThanOrEqual(1);
        await product.untilReady(school, 6);
        expect(sandbox.ledger.live()).toHaveLength(6);

        const redis = new Redis(process.env['TEST_REDIS_URL']!);
        const keys = (await redis.keys('*')).filter((key) => key.includes(env['QUEUE_PREFIX']!));
        const values = await Promise.all(
          keys.map(async (key) => (await redis.dumpBuffer(key))?.toString('latin1') ?? ''),
        );
        redis.disconnect();
        expect(keys).not.toEqual([]);
        const text = keys.join('\n') + values.join('\n') + api.output + worker.output + again.output;
        for (const secret of ['ya29.', '1//0', 'Canarissen', 'Vinkenburg', '.example', '/meet/'])
          expect([secret, text.includes(secret)]).toEqual([secret, false]);
        expect(await again.stop()).toMatchObject({ code: 0 });
        expect(await api.stop()).toMatchObject({ code: 0 });
      } finally {
        await product.close();
      }
    },
    120_000,
  );

  it('P13 the API is ready and takes events in while Redis is down', async () => {
    const { env, product, db } = await world({ REDIS_URL: 'redis://127.0.0.1:1' });
    const api = run('api', [], env);
    await api.said('the API listens');
    try {
      await until('the API is ready', async () => (await bare(`${env['APP_URL']}/readyz`)).status === 200);
      const school = new ASchool();
      const [result] = await product.emit(school.slot(1, { wanting: 'google-meet' }));
      expect(result).toMatchObject({ status: 'accepted' });
      expect(await db.query('select state from meetings where school_id = $1', [school.id])).toEqual([
        { state: 'pending' },
      ]);
      expect(await api.stop()).toMatchObject({ code: 0 });
    } finally {
      await product.close();
    }
  }, 60_000);
});

/** Every row of every table, the queues' too, as text. */
async function everyRow(db: TestDatabase): Promise<string> {
  const tables = await db.query<{ schema: string; name: string }>(
    `select schemaname as schema, tablename as name from pg_tables where schemaname in ('public', 'bullmq')`,
  );
  expect(new Set(tables.map(({ schema }) => schema))).toEqual(new Set(['public', 'bullmq']));
  const texts = await Promise.all(
    tables.map(async ({ schema, name }) =>
      (await db.query<{ text: string }>(`select t::text as text from ${schema}."${name}" t`)).map(({ text }) => text),
    ),
  );
  return texts.flat().join('\n');
}
