import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { makeKeys } from '../../../apps/cli/src/make-keys.js';
import { startSandbox, type Sandbox } from '../../../apps/sandbox/src/index.js';
import { migrate, startEmbeddedPostgres, type EmbeddedPostgres } from '#libs/database';
import { QUEUES } from '#libs/messaging';
import type { Backend } from '../../support/backends.js';
import { FaultProxy } from '../../support/fault-proxy.js';
import { Product } from '../../support/product.js';
import { freePort, startRedis, type RunningRedis } from '../../support/redis.js';
import { ProductProcess, type Role, type Wires } from './product-process.js';

/** A provider call takes so long here: long enough that a kill can fall into it. */
const LATENCY_MS = 150;

export interface RigOptions {
  readonly backend: Backend;
  readonly seed: number;
  /** 0.1: claims of 4 s, healed within 12 s. */
  readonly timerScale: number;
  /** Where logs go; it is made, and stays. */
  readonly logs: string;
}

/**
 * The product in real processes with everything that it talks to on this computer: Postgres, Redis and each process can
 * be ended, started again and frozen, and each wire between them cut. One school after another is tried on the same rig.
 */
export class Rig {
  private redisServer: RunningRedis | null = null;
  private readonly closing: (() => Promise<unknown> | void)[] = [];
  sandbox!: Sandbox;
  product!: Product;
  postgres!: EmbeddedPostgres;
  api!: ProductProcess;
  /** On Redis two processes; on Postgres the one that is the API too. */
  workers: ProductProcess[] = [];
  private looker!: pg.Pool;

  private constructor(readonly options: RigOptions) {}

  static async start(options: RigOptions): Promise<Rig> {
    const rig = new Rig(options);
    try {
      await rig.open();
      return rig;
    } catch (error) {
      await rig.close();
      throw error;
    }
  }

  get processes(): ProductProcess[] {
    return [...new Set([this.api, ...this.workers])];
  }

  get redis(): RunningRedis {
    if (!this.redisServer) throw new Error('There is no Redis on this backend.');
    return this.redisServer;
  }

  /** Runs a statement as the owner of the tables, past all proxies. */
  async query<T extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<T[]> {
    return (await this.looker.query<T>(text, values)).rows;
  }

  /** One command to Redis, past all proxies. */
  async redisDo(command: string, ...args: string[]): Promise<unknown> {
    const client = new Redis(this.redis.url, { maxRetriesPerRequest: 1 });
    client.on('error', () => undefined);
    try {
      return await client.call(command, ...args);
    } finally {
      client.disconnect();
    }
  }

  /** Ends Redis, and starts an empty one on the same port. */
  async restartRedis(): Promise<void> {
    const { port } = this.redis;
    await this.redis.stop();
    this.redisServer = await startRedis({ port });
  }

  /** All wires pass, nothing is frozen, whoever died runs again, and the providers behave. */
  async calm(): Promise<void> {
    this.sandbox.faults.clear();
    for (const { wires } of this.processes)
      for (const wire of Object.values(wires) as (FaultProxy | null)[]) wire?.pass();
    for (const one of this.processes) if (one.isFrozen) one.thaw();
    await Promise.all(this.processes.filter((one) => !one.isAlive).map((one) => one.start()));
  }

  async close(): Promise<void> {
    for (const step of this.closing.splice(0).reverse()) await step();
  }

  private async open(): Promise<void> {
    const { backend, seed, timerScale, logs } = this.options;
    mkdirSync(logs, { recursive: true });
    const home = mkdtempSync(join(tmpdir(), 'conferences-faults-'));
    this.closing.push(() => rmSync(home, { recursive: true, force: true }));
    // Durable: what a crash of Postgres takes away must be Postgres's fault and not that of our switches.
    this.postgres = await startEmbeddedPostgres({ durable: true });
    this.closing.push(() => this.postgres.stop());
    await migrate(this.postgres.migrationUrl, this.postgres.url, QUEUES);
    this.looker = new pg.Pool({ connectionString: this.postgres.migrationUrl, max: 4 });
    this.looker.on('error', () => undefined);
    this.closing.push(() => this.looker.end());
    if (backend === 'redis') {
      this.redisServer = await startRedis();
      this.closing.push(() => this.redisServer!.stop());
    }
    const port = await freePort();
    const appUrl = `http://127.0.0.1:${port}`;
    this.sandbox = await startSandbox({ appUrl, latencyMs: LATENCY_MS, meetUrls: 'https', seed });
    this.sandbox.autoConsent(true);
    this.closing.push(() => this.sandbox.close());
    this.product = Product.at(appUrl, null as never, this.sandbox);
    const env = {
      NODE_ENV: 'development',
      LOG_LEVEL: 'info',
      // They are started hundreds of times.
      NODE_COMPILE_CACHE: join(home, 'compiled'),
      FAULTS_TIMER_SCALE: String(timerScale),
      APP_URL: appUrl,
      PORT: String(port),
      ...makeKeys(join(home, 'key-ring.json')),
      ...this.sandbox.settings,
      ...(backend === 'redis' ? { LEASE: 'sealed', QUEUE_PREFIX: `{f-${port}}` } : { LEASE: 'memory' }),
    };
    const process = async (name: string, role: Role) => {
      const wires = await this.wires();
      const made = new ProductProcess(name, role, wires, { ...env, ...this.urls(wires) }, join(logs, `${name}.log`));
      this.closing.push(() => made.close());
      return made;
    };
    if (backend === 'redis') {
      this.api = await process('api', 'api');
      this.workers = [await process('worker-1', 'worker'), await process('worker-2', 'worker')];
    } else {
      this.api = await process('all', 'all');
      this.workers = [this.api];
    }
    await Promise.all(this.processes.map((one) => one.start()));
  }

  private async wires(): Promise<Wires> {
    const to = (url: string) => FaultProxy.start({ port: Number(new URL(url).port) });
    return {
      database: await to(this.postgres.url),
      redis: this.redisServer && (await to(this.redisServer.url)),
      providers: await to(this.sandbox.url),
      mail: await to(this.sandbox.smtpUrl),
    };
  }

  /** Signing in goes past the proxies: who asks there is a browser, and the issuer's name must stay what it is. */
  private urls({ database, redis, providers, mail }: Wires): Record<string, string> {
    const { settings } = this.sandbox;
    return {
      DATABASE_URL: database.through(this.postgres.url),
      GOOGLE_API_URL: providers.through(settings['GOOGLE_API_URL']!),
      GRAPH_URL: providers.through(settings['GRAPH_URL']!),
      SMTP_URL: mail.through(settings['SMTP_URL']!),
      ...(redis && { REDIS_URL: redis.through(this.redis.url) }),
    };
  }
}
