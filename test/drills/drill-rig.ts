import {
  chmodSync,
  cpSync,
  mkdtempSync,
  rmSync,
  appendFileSync,
  writeFileSync,
  chownSync,
  readdirSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { makeKeys } from '../../apps/cli/src/make-keys.js';
import { startSandbox, type Sandbox } from '../../apps/sandbox/src/index.js';
import { migrate, startEmbeddedPostgres, type EmbeddedPostgres } from '#libs/database';
import { QUEUES } from '#libs/messaging';
import { ProductProcess, type Wires } from '../faults/real/product-process.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { Product } from '../support/product.js';
import { freePort, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';

const LATENCY_MS = 100;
const NO_WIRES = {} as Wires;

/**
 * Two APIs behind one address, three workers, Redis, and a Postgres with a streaming replica that has all that was
 * acknowledged, behind one name.
 */
export class DrillRig {
  private readonly closing: (() => Promise<unknown> | void)[] = [];
  private primary!: EmbeddedPostgres;
  private replica!: EmbeddedPostgres;
  private postgres!: FaultProxy;
  private address!: FaultProxy;
  private readonly ports = new Map<ProductProcess, number>();
  readonly apis: ProductProcess[] = [];
  readonly workers: ProductProcess[] = [];
  sandbox!: Sandbox;
  product!: Product;

  static async start(options: { seed: number; logs: string }): Promise<DrillRig> {
    const rig = new DrillRig();
    try {
      await rig.open(options);
      return rig;
    } catch (error) {
      await rig.close();
      throw error;
    }
  }

  /** New connections of browsers and programs go to this API. */
  leadTo(api: ProductProcess): void {
    this.address.retarget(this.ports.get(api)!);
  }

  async losePrimary(): Promise<void> {
    this.postgres.refuse();
    await this.primary.crash();
  }

  async promoteReplica(): Promise<void> {
    const client = await connected(this.replica.migrationUrl);
    await client.query('select pg_promote()');
    await client.end();
    this.postgres.retarget(portOf(this.replica));
    this.postgres.pass();
  }

  /** The evening runs. */
  untilSomeAreReady = () => until('some meetings are made', () => this.sandbox.ledger.live().length >= 20, 120);

  async close(): Promise<void> {
    for (const step of this.closing.splice(0).reverse()) await step();
  }

  private async open({ seed, logs }: { seed: number; logs: string }): Promise<void> {
    const home = mkdtempSync(join(tmpdir(), 'conferences-drill-'));
    this.closing.push(() => rmSync(home, { recursive: true, force: true }));
    await this.openPostgres(home);
    const redis = await startRedis();
    this.closing.push(() => redis.stop());
    const [first, second] = [await freePort(), await freePort()];
    this.address = await FaultProxy.start({ port: first });
    this.closing.push(() => this.address.close());
    const appUrl = `http://127.0.0.1:${this.address.port}`;
    this.sandbox = await startSandbox({ appUrl, latencyMs: LATENCY_MS, meetUrls: 'https', seed });
    this.sandbox.autoConsent(true);
    this.closing.push(() => this.sandbox.close());
    this.product = Product.at(appUrl, null as never, this.sandbox);
    const env = {
      NODE_ENV: 'development',
      LOG_LEVEL: 'info',
      NODE_COMPILE_CACHE: join(home, 'compiled'),
      FAULTS_TIMER_SCALE: '1',
      APP_URL: appUrl,
      ...makeKeys(join(home, 'key-ring.json')),
      ...this.sandbox.settings,
      DATABASE_URL: this.postgres.through(this.primary.url),
      REDIS_URL: redis.url,
      LEASE: 'sealed',
      QUEUE_PREFIX: `{d-${first}}`,
    };
    const make = (name: string, role: 'api' | 'worker', port: number) => {
      const made = new ProductProcess(name, role, NO_WIRES, { ...env, PORT: String(port) }, join(logs, `${name}.log`));
      this.closing.push(() => made.close());
      return made;
    };
    for (const [name, port] of [
      ['api-1', first],
      ['api-2', second],
    ] as const) {
      const api = make(name, 'api', port);
      this.ports.set(api, port);
      this.apis.push(api);
    }
    for (const name of ['worker-1', 'worker-2', 'worker-3']) this.workers.push(make(name, 'worker', 0));
    // The ledger's folder belongs to the first that starts.
    for (const one of [...this.apis, ...this.workers]) await one.start();
  }

  /** The replica begins as a copy of the primary at rest; from then on a commit is acknowledged when both have it. */
  private async openPostgres(home: string): Promise<void> {
    this.primary = await startEmbeddedPostgres({ folder: join(home, 'primary'), durable: true });
    this.closing.push(() => this.primary.stop());
    await migrate(this.primary.migrationUrl, this.primary.url, QUEUES);
    await this.primary.stop();
    const copy = `${this.primary.home}-replica`;
    cpSync(this.primary.home, copy, { recursive: true });
    this.closing.push(() => {
      for (const folder of [this.primary.home, copy]) rmSync(folder, { recursive: true, force: true });
    });
    const { username, password } = new URL(this.primary.migrationUrl);
    const data = join(copy, 'data');
    // A copy takes the mask of this process; Postgres wants it for itself.
    for (const folder of [copy, data]) chmodSync(folder, 0o700);
    writeFileSync(join(data, 'standby.signal'), '');
    appendFileSync(
      join(data, 'postgresql.auto.conf'),
      `primary_conninfo = 'host=127.0.0.1 port=${portOf(this.primary)} user=${username} password=${password}'\n`,
    );
    if (process.getuid?.() === 0) ownedLike(this.primary.home, copy);
    await this.primary.restart('fast');
    this.replica = await startEmbeddedPostgres({ home: copy, durable: true });
    this.closing.push(() => this.replica.stop());
    const client = await connected(this.primary.migrationUrl);
    await until('the replica follows', async () => {
      const { rows } = await client.query(`select from pg_stat_replication where state = 'streaming'`);
      return rows.length > 0;
    });
    await client.query(`alter system set synchronous_standby_names = '*'`);
    await client.query('select pg_reload_conf()');
    await client.end();
    this.postgres = await FaultProxy.start({ port: portOf(this.primary) });
    this.closing.push(() => this.postgres.close());
  }
}

const portOf = ({ url }: EmbeddedPostgres) => Number(new URL(url).port);

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Copies belong to root, and Postgres does not run as root. */
function ownedLike(original: string, copy: string): void {
  const { uid, gid } = statSync(original);
  chownSync(copy, uid, gid);
  for (const name of readdirSync(copy, { recursive: true }) as string[]) chownSync(join(copy, name), uid, gid);
}
