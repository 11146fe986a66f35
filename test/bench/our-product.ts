import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { Browser } from '../../apps/cli/src/evening/browser.js';
import type { Child } from './host-client.js';

interface PlannedEvent {
  data: { teacher: { id: string; name: string; email: string }; school: { id: string }; evening: { id: string } };
}

/** Our product as it is deployed: api and worker in one process of its own, on real Redis and Postgres. */
export class OurProduct {
  private constructor(
    readonly appUrl: string,
    private readonly child: ChildProcess,
    private readonly sandbox: Child,
    private readonly database: pg.Client,
  ) {}

  static async start(
    sandbox: Child,
    urls: { databaseUrl: string; migrationUrl: string; redisUrl: string; keys: Record<string, string> },
  ): Promise<OurProduct> {
    const port = await freePort();
    const appUrl = `http://127.0.0.1:${port}`;
    const settings = await sandbox.call<Record<string, string>>('settings');
    await sandbox.call('setAppUrl', appUrl);
    const env = {
      PATH: process.env['PATH']!,
      NODE_ENV: 'development',
      LOG_LEVEL: 'error',
      APP_URL: appUrl,
      PORT: String(port),
      DATABASE_URL: urls.databaseUrl,
      REDIS_URL: urls.redisUrl,
      LEASE: 'memory',
      ...urls.keys,
      ...settings,
    };
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('../../apps/cli/src/main.js', import.meta.url)), 'all'],
      { env, stdio: ['ignore', 'ignore', 'inherit'] },
    );
    process.once('exit', () => child.kill('SIGKILL'));
    for (let look = 0; ; look += 1) {
      if (
        await fetch(`${appUrl}/readyz`).then(
          (response) => response.ok,
          () => false,
        )
      )
        break;
      if (look > 200 || child.exitCode !== null) throw new Error('The product did not start.');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    // As the owner: it looks at all schools, and changes nothing.
    const database = new pg.Client({ connectionString: urls.migrationUrl });
    // The servers end before this side does, where a comparison failed.
    database.on('error', () => undefined);
    await database.connect();
    return new OurProduct(appUrl, child, sandbox, database);
  }

  /**
   * One evening of a school of its own. Teachers are signed in and connected before the clock runs.
   * @returns seconds from pressing the buttons to the last meeting ready and the last mail taken by the mail server
   */
  async run(name: string, teachers: number, slots: number): Promise<number> {
    const evening = await this.prepare(name, teachers, slots);
    const started = performance.now();
    await evening.press();
    for (;;) {
      const { rows } = await this.database.query<{ ready: number; sent: number }>(
        `select (select count(*) from meetings where school_id = $1 and state = 'settled')::int as ready,
                (select count(*) from deliveries where school_id = $1 and state = 'sent' and kind = 'ready')::int as sent`,
        [`s-${name}`],
      );
      if (rows[0]!.ready === evening.slots && rows[0]!.sent === evening.slots)
        return (performance.now() - started) / 1000;
      if (performance.now() - started > 300_000) throw new Error(`Standstill at ${JSON.stringify(rows[0])}.`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** An evening whose teachers are signed in and connected; nobody has pressed the button yet. */
  async prepare(name: string, teachers: number, slotsPerTeacher: number) {
    const school = `s-${name}`;
    const events = await this.sandbox.call<PlannedEvent[]>('plan', {
      teachers,
      slotsPerTeacher,
      schoolId: school,
      eveningId: `e-${name}`,
    });
    for (let place = 0; place < events.length; place += 500)
      await this.sandbox.call('emit', events.slice(place, place + 500));
    const people = [...new Map(events.map(({ data }) => [data.teacher.id, data.teacher])).values()];
    const browsers: Browser[] = [];
    for (let place = 0; place < people.length; place += 10)
      browsers.push(
        ...(await Promise.all(people.slice(place, place + 10).map((teacher) => this.connect(teacher, school)))),
      );
    const press = async () => {
      await Promise.all(
        browsers.map(async (browser) => {
          const answer = await browser.fetch(`${this.appUrl}/v1/conferences`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ provider: 'google-meet', eveningId: `e-${name}` }),
          });
          if (answer.status !== 202) throw new Error(`Pressing the button answered ${answer.status}.`);
        }),
      );
    };
    return { school, people, slots: events.length, press };
  }

  /** How many meetings of a school are ready. */
  async ready(school: string): Promise<number> {
    const { rows } = await this.database.query<{ ready: number }>(
      `select count(*)::int as ready from meetings where school_id = $1 and state = 'settled'`,
      [school],
    );
    return rows[0]!.ready;
  }

  /**
   * Waits until all meetings of the school are ready, without those of one owner.
   * @returns seconds from wish to ready of each
   */
  async timesToReady(school: string, count: number, withoutOwner = ''): Promise<number[]> {
    const started = performance.now();
    for (;;) {
      const { rows } = await this.database.query<{ seconds: number }>(
        `select extract(epoch from settled_at - created_at)::float8 as seconds from meetings
         where school_id = $1 and owner_id <> $2 and state = 'settled'`,
        [school, withoutOwner],
      );
      if (rows.length === count) return rows.map(({ seconds }) => seconds);
      if (performance.now() - started > 300_000) throw new Error(`Standstill at ${rows.length} of ${count}.`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
    await this.database.end();
  }

  private async connect(teacher: { id: string; name: string; email: string }, school: string): Promise<Browser> {
    const browser = new Browser();
    await browser.open(
      await this.sandbox.call<string>(
        'enterUrl',
        { sub: teacher.id, school, roles: ['teacher'], name: teacher.name, email: teacher.email, locale: 'nl' },
        '/privacy',
      ),
    );
    const start = await browser.fetch(`${this.appUrl}/login/google?to=/privacy`);
    if (start.status !== 303) throw new Error(`Beginning to connect answered ${start.status}.`);
    const consent = new URL(start.headers.get('location')!);
    consent.searchParams.set('sandbox_account', teacher.email);
    const connected = await browser.open(consent.href);
    if (connected.status !== 200) throw new Error(`Connecting answered ${connected.status}.`);
    return browser;
  }
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
