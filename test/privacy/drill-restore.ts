import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { makeKeys } from '../../apps/cli/src/make-keys.js';
import { startSandbox } from '../../apps/sandbox/src/index.js';
import { Database, startEmbeddedPostgres } from '#libs/database';
import { ENDS_FILE } from '#libs/privacy';
import { ASchool, type SlotEvent } from '../support/a-school.js';
import type { TestDatabase } from '../support/database.js';
import { ChildProduct } from '../support/processes.js';
import { Product } from '../support/product.js';
import { until } from '../support/until.js';

export interface RestoreDrill {
  readonly slots: number;
  /** Events that were taken in while the backup and its check ran. */
  readonly eventsMeanwhile: number;
  /** Audit entries that were in the database and are not in the backup, and what verification says is gone. */
  readonly cut: number;
  readonly toldCut: number;
  /** People of the erasure that are still found after the restore. */
  readonly erasedFound: number;
  /** Slots that are not ready after the module told again what was since the backup. */
  readonly notReady: number;
  /** Slots with more than one meeting at the provider, and meetings of slots that are cancelled. */
  readonly doubled: number;
  readonly violations: number;
  readonly seconds: {
    readonly backup: number;
    readonly check: number;
    readonly restore: number;
    readonly healed: number;
  };
}

/**
 * The documented restore, under load, by the documented commands: an evening runs, a backup is written and checked, things
 * change (moves, a cancellation, late logins, an erasure, a new wrapping key), the database is destroyed, and the backup is
 * put onto another server. Real: processes, Postgres, the files. Fake: the outside (the sandbox).
 */
export async function drillRestore({
  slots,
  say,
}: {
  slots: number;
  say: (line: string) => void;
}): Promise<RestoreDrill> {
  const home = mkdtempSync(join(tmpdir(), 'restore-drill-'));
  const port = await freePort();
  const appUrl = `http://127.0.0.1:${port}`;
  const sandbox = await startSandbox({ appUrl });
  sandbox.autoConsent(true);
  const closing: (() => Promise<unknown> | void)[] = [
    () => rmSync(home, { recursive: true, force: true }),
    () => sandbox.close(),
  ];
  try {
    const first = await startServer(closing);
    const settings: Record<string, string> = {
      NODE_ENV: 'development',
      APP_URL: appUrl,
      PORT: String(port),
      LEDGER_DIR: join(home, 'ledger'),
      REGION: 'this computer',
      ...makeKeys(join(home, 'key-ring.json')),
      ...sandbox.settings,
    };
    const on = (server: Server) => ({
      ...settings,
      DATABASE_URL: server.url,
      DATABASE_MIGRATION_URL: server.migrationUrl,
    });
    const command = async (server: Server, ...args: string[]) => {
      const began = performance.now();
      const child = new ChildProduct('cli', args, on(server));
      const code = await child.ended;
      if (code !== 0) throw new Error(`conferences ${args.join(' ')} ended with ${code}: ${child.output}`);
      return { output: child.output, seconds: Math.round((performance.now() - began) / 10) / 100 };
    };
    const start = async (server: Server) => {
      const child = new ChildProduct('cli', ['all'], on(server));
      closing.push(() => child.stop('SIGKILL'));
      await child.said('the API listens', 60);
      return child;
    };

    await command(first, 'migrate');
    const running = await start(first);
    const product = Product.at(appUrl, first, sandbox);
    const school = new ASchool();
    const late = school.teacher(2);
    const wanted = new Map<number, SlotEvent>();
    const tell = async (n: number, more: Parameters<ASchool['slot']>[1] = {}) => {
      const parents = [school.parent(n), ...(n === 1 ? [school.parent(slots + 1)] : [])];
      const event = school.slot(n, {
        parents,
        wanting: 'google-meet',
        ...(n > slots - 2 && { teacher: late, wanting: 'microsoft-teams' as const }),
        ...more,
      });
      wanted.set(n, event);
      await product.emit(event);
    };
    for (let n = 1; n <= slots; n += 1) await tell(n);
    const browser = await product.teacher(school);
    await until('the evening is under way', async () => readyOf(await product.rows(school)) >= 2, 60);

    say('Backing up and checking under load …');
    let isOver = false;
    let eventsMeanwhile = 0;
    const load = (async () => {
      for (let n = 1; !isOver; n = (n % (slots - 3)) + 1) {
        await tell(n, { minutes: 10 + (eventsMeanwhile % 5) });
        eventsMeanwhile += 1;
      }
    })();
    const backup = await command(first, 'backup', '--out', join(home, 'backups'));
    const file = join(home, 'backups', readdirSync(join(home, 'backups'))[0]!);
    const checked = await command(first, 'restore', '--check', file);
    say(checked.output.trim());

    say('Changing things after the backup …');
    await command(first, 'keys', 'rotate');
    const lateBrowser = await product.teacher(school, 'microsoft', 2);
    await tell(slots - 2, { status: 'cancelled' });
    const erased = school.parent(slots + 1);
    const officer = await product.bearer('privacy', school, { id: `p-officer-${school.id}` });
    const asked = await product.call(officer, 'POST', `/v1/people/${erased.id}/erasure`);
    if (asked.status !== 202) throw new Error(`The erasure answered ${asked.status}.`);
    isOver = true;
    await load;
    // Who was erased is in no later event.
    await tell(1, { parents: [school.parent(1)] });
    const wished = slots - 1;
    const ready = async () => readyOf(await product.rows(school));
    await until('all that is wished is there', async () => (await ready()) >= wished, 120);
    await until(
      'the erasure is done',
      async () => (await first.query(`select from erasures where state <> 'done'`)).length === 0,
      60,
    );
    const lengths = () => first.query<Lengths>(LENGTHS);
    await until('the audit is chained', async () => (await first.query(UNCHAINED)).length === 0, 30);
    const total = (rows: readonly Lengths[]) => rows.reduce((sum, { length }) => sum + length, 0);
    // What was chained a moment ago is in the ledger a moment later; a cut is exact up to there.
    await until('the ledger has the ends', async () => endsIn(join(home, 'ledger')) === total(await lengths()), 30);
    const before = await lengths();
    await running.stop('SIGKILL');

    say('Destroying the database, and restoring the backup on another server …');
    await first.destroy();
    const second = await startServer(closing);
    const began = performance.now();
    const restored = await command(second, 'restore', file);
    const after = await second.query<Lengths>(LENGTHS);
    const kept = new Map(after.map(({ school_id, length }) => [school_id, length]));
    const cut = before.reduce((sum, { school_id, length }) => sum + length - (kept.get(school_id) ?? 0), 0);
    await command(second, 'keys', 'adopt');
    await start(second);
    // The module tells again what it told since the backup.
    for (const event of wanted.values()) await product.emit(event);
    for (const one of [browser, lateBrowser]) await product.visit(one);
    await until('all that is wished is there again', async () => (await ready()) >= wished, 120);
    const healed = Math.round((performance.now() - began) / 10) / 100;

    say('Looking at what came of it …');
    const verified = await command(second, 'audit', 'verify');
    const toldCut = [...verified.output.matchAll(/restored on \S+: (\d+) entries/g)].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    );
    say(verified.output.trim());
    await until(
      'no event is in hand',
      async () => (await second.query(`select from dispatches where busy_until > now()`)).length === 0,
      30,
    );
    const found =
      await second.query(`select from people where id = '${erased.id}' union all select from data_keys where person_id = '${erased.id}'
      union all select from timeslot_parents where person_id = '${erased.id}'`);
    const meetings = sandbox.ledger.live().filter(({ kind }) => kind !== 'calendar').length;
    return {
      slots,
      eventsMeanwhile,
      cut,
      toldCut,
      erasedFound: found.length,
      notReady: wished - (await ready()),
      doubled: Math.max(0, meetings - wished),
      violations: sandbox.ledger.violations.length,
      seconds: { backup: backup.seconds, check: checked.seconds, restore: restored.seconds, healed },
    };
  } finally {
    for (const step of closing.toReversed()) await step();
  }
}

const readyOf = (rows: readonly { status: string | null }[]) => rows.filter(({ status }) => status === 'ready').length;

interface Lengths {
  school_id: string;
  length: number;
}
const LENGTHS = `select school_id, max(sequence)::int as length from audit_entries where sequence is not null group by 1`;
/** How many entries of all schools the ledger knows. Each database has a folder of its own in it. */
function endsIn(ledgerDir: string): number {
  const file = readdirSync(ledgerDir, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith(ENDS_FILE));
  if (file === undefined) return 0;
  const payload = readFileSync(join(ledgerDir, file), 'utf8').split('.')[1]!;
  const { ends } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as {
    ends: Record<string, { sequence: number }>;
  };
  return Object.values(ends).reduce((sum, { sequence }) => sum + sequence, 0);
}

const UNCHAINED = `select from audit_entries where sequence is null limit 1`;

type Server = TestDatabase & { destroy(): Promise<void> };

/** A Postgres of its own, whose data is gone when it is destroyed. */
async function startServer(closing: (() => Promise<unknown> | void)[]): Promise<Server> {
  const postgres = await startEmbeddedPostgres({ durable: false });
  const owner = new pg.Pool({ connectionString: postgres.migrationUrl, max: 2 });
  owner.on('error', () => undefined);
  const database = await Database.connect(postgres.url, 1);
  let isThere = true;
  const destroy = async () => {
    if (!isThere) return;
    isThere = false;
    await owner.end();
    await database.close();
    await postgres.stop();
  };
  closing.push(destroy);
  return {
    database,
    url: postgres.url,
    migrationUrl: postgres.migrationUrl,
    query: async <T extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await owner.query<T>(text, values)).rows,
    close: destroy,
    destroy,
  };
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
