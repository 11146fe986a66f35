import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Database, migrate, startEmbeddedPostgres, type EmbeddedPostgres } from '#libs/database';
import { SETTING_SPECS } from '#libs/platform';
import { makeKeys } from '../../../apps/cli/src/make-keys.js';
import { startSandbox, type Sandbox } from '../../../apps/sandbox/src/index.js';
import type { TestDatabase } from '../../support/database.js';
import { ChildProduct } from '../../support/processes.js';
import { Product } from '../../support/product.js';
import { freePort, startRedis, type RunningRedis } from '../../support/redis.js';
import { Canaries } from './canaries.js';
import { Tap } from './tap.js';

/**
 * The product as it runs with Redis: API and worker in processes of their own, at debug, with Postgres and Redis that
 * write down more than they ever would: every statement with its values, every command, nothing compressed. Secrets come
 * from files. Fake: the outside (the sandbox, and who gets our webhooks).
 */
export class LeakWorld {
  readonly canaries = new Canaries();
  readonly webhooks: string[] = [];
  readonly postgresLog: Buffer[] = [];
  monitored = '';
  private readonly ends: (() => Promise<unknown> | void)[] = [];
  home = '';
  postgres!: EmbeddedPostgres;
  db!: TestDatabase;
  redis!: RunningRedis;
  sandbox!: Sandbox;
  product!: Product;
  tap!: Tap;
  api!: ChildProduct;
  worker!: ChildProduct;
  keys!: ReturnType<typeof makeKeys>;
  metrics = { api: 0, worker: 0 };

  static async start(): Promise<LeakWorld> {
    const world = new LeakWorld();
    try {
      await world.begin();
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const end of this.ends.splice(0).reverse()) await end();
  }

  folder(name: string): string {
    const path = join(this.home, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  }

  async dataFolder(): Promise<string> {
    const [row] = await this.db.query<{ folder: string }>(`select current_setting('data_directory') as folder`);
    return row!.folder;
  }

  private async begin(): Promise<void> {
    this.home = mkdtempSync(join(tmpdir(), 'conferences-leak-'));
    this.ends.push(() => rmSync(this.home, { recursive: true, force: true }));
    await this.startPostgres();
    this.redis = await startRedis({ folder: this.folder('redis') });
    this.ends.push(() => this.redis.stop());
    await this.monitor();
    const port = await freePort();
    const appUrl = `http://127.0.0.1:${port}`;
    this.sandbox = await startSandbox({ appUrl, seed: randomBytes(4).readUInt32BE() });
    this.sandbox.autoConsent(true);
    this.tap = new Tap(this.canaries, appUrl, this.sandbox.url);
    this.ends.push(() => this.tap.close());
    this.product = Product.at(appUrl, this.db, this.sandbox);
    this.ends.push(() => this.product.close());
    const hook = await this.listenForWebhooks();
    this.keys = makeKeys(join(this.home, 'ring.json'));
    this.addKeys();
    this.metrics = { api: await freePort(), worker: await freePort() };
    const env = this.secretsInFiles({
      NODE_ENV: 'development',
      APP_URL: appUrl,
      PORT: String(port),
      DATABASE_URL: this.db.url,
      REDIS_URL: this.redis.url,
      ...this.keys,
      ...this.sandbox.settings,
      WEBHOOK_URL: hook,
      WEBHOOK_SECRET: `whsec_${randomBytes(24).toString('base64')}`,
      LEDGER_DIR: this.folder('ledger'),
      TMPDIR: this.folder('tmp'),
      LOG_LEVEL: 'debug',
    });
    this.api = this.run('api', { ...env, METRICS_PORT: String(this.metrics.api) });
    this.worker = this.run('worker', { ...env, METRICS_PORT: String(this.metrics.worker) });
    await Promise.all([this.api.said('the API listens'), this.worker.said('the worker works')]);
  }

  private run(program: 'api' | 'worker', env: Record<string, string>): ChildProduct {
    const child = new ChildProduct(program, [], env);
    this.ends.push(() => child.stop('SIGKILL'));
    return child;
  }

  private async startPostgres(): Promise<void> {
    this.postgres = await startEmbeddedPostgres({ onLog: (chunk) => void this.postgresLog.push(chunk) });
    this.ends.push(() => this.postgres.stop());
    const { migrationUrl, url } = this.postgres;
    await migrate(migrationUrl, url);
    const asOwner = new pg.Client({ connectionString: migrationUrl });
    await asOwner.connect();
    for (const [name, value] of [
      ['log_statement', 'all'],
      ['log_min_error_statement', 'error'],
      ['log_parameter_max_length', '-1'],
      ['log_parameter_max_length_on_error', '-1'],
    ])
      await asOwner.query(`alter role conferences set ${name} = '${value}'`);
    await asOwner.end();
    const looker = new pg.Pool({ connectionString: migrationUrl, max: 2 });
    looker.on('error', () => undefined);
    const database = await Database.connect(url, 2);
    this.db = {
      database,
      url,
      migrationUrl,
      query: async <T extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
        (await looker.query<T>(text, values)).rows,
      close: async () => {
        await looker.end();
        await database.close();
      },
    };
  }

  private async monitor(): Promise<void> {
    const socket = connect(this.redis.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => (this.monitored += chunk.toString('latin1')));
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.write('MONITOR\r\n');
    this.ends.push(() => void socket.destroy());
  }

  /** The first answers are refusals, so that deliveries fail and are tried again. */
  private async listenForWebhooks(): Promise<string> {
    let left = 2;
    const server: Server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
      request.on('end', () => {
        this.webhooks.push(`${request.url} ${JSON.stringify(request.headers)} ${body}`);
        response.writeHead(left-- > 0 ? 500 : 204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.ends.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  }

  private secretsInFiles(settings: Record<string, string>): Record<string, string> {
    const folder = this.folder('secrets');
    const secret = new Set(SETTING_SPECS.flatMap((spec) => (spec.secret ? [spec.name] : [])));
    return Object.fromEntries(
      Object.entries(settings).map(([name, value]) => {
        if (!secret.has(name)) return [name, value];
        const path = join(folder, name);
        writeFileSync(path, value, { mode: 0o600 });
        if (name.endsWith('_SECRET') || name === 'EVENT_SECRETS') this.canaries.add('key', name, value);
        return [`${name}_FILE`, path];
      }),
    );
  }

  private addKeys(): void {
    const key = (what: string, text: string) => this.canaries.add('key', what, text, Buffer.from(text, 'base64url'));
    key('the cookie key', this.keys.COOKIE_KEYS.split(':')[1]!);
    key('the signing key', this.keys.SIGNING_KEY);
    const ring = JSON.parse(readFileSync(join(this.home, 'ring.json'), 'utf8')) as {
      keys: Record<string, string>;
      index: string;
    };
    for (const [kid, text] of Object.entries(ring.keys)) key(`wrapping key ${kid}`, text);
    key('the root of the blind indexes', ring.index);
    this.canaries.add('key', "the database's password", new URL(this.db.url).password);
  }
}
