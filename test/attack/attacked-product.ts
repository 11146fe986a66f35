import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeKeys } from '../../apps/cli/src/make-keys.js';
import { startSandbox, type Sandbox } from '../../apps/sandbox/src/index.js';
import { freshDatabase } from '../support/database.js';
import { ChildProduct } from '../support/processes.js';
import { Product } from '../support/product.js';
import { freePort } from '../support/redis.js';

/** What the process says about itself since the last time it was asked. */
export interface Strain {
  /** The longest stall of its event loop. */
  readonly stallMs: number;
  /** Processor time that it used, which says more than the clock where the machine has other work. */
  readonly cpuMs: number;
  /** The most memory that it had at once; null where the system does not say. */
  readonly peakMb: number | null;
}

/** The built product (API and worker) in a process of its own, started again when it dies, as an orchestrator does. */
export class AttackedProduct {
  deaths = 0;
  private cpuBefore = 0;
  private child: ChildProduct | null = null;

  private constructor(
    readonly product: Product,
    readonly port: number,
    private readonly metricsPort: number,
    private readonly env: Record<string, string>,
    private readonly home: string,
    private readonly folder: string | null,
  ) {}

  /** @param folder another checkout whose build is attacked */
  static async start(folder: string | null): Promise<AttackedProduct> {
    const [port, metricsPort] = [await freePort(), await freePort()];
    const appUrl = `http://127.0.0.1:${port}`;
    const home = mkdtempSync(join(tmpdir(), 'conferences-attack-'));
    const db = await freshDatabase();
    const sandbox: Sandbox = await startSandbox({ appUrl });
    const env = {
      NODE_ENV: 'development',
      APP_URL: appUrl,
      PORT: String(port),
      BIND: '127.0.0.1',
      METRICS_PORT: String(metricsPort),
      DATABASE_URL: db.url,
      ...makeKeys(join(home, 'key-ring.json')),
      ...sandbox.settings,
      LOG_LEVEL: 'warn',
    };
    const attacked = new AttackedProduct(Product.at(appUrl, db, sandbox), port, metricsPort, env, home, folder);
    await attacked.revive();
    return attacked;
  }

  /** Starts it where it does not run. @returns whether it had died */
  async revive(): Promise<boolean> {
    if (this.child?.hasEnded === false) return false;
    const died = this.child !== null;
    if (died) this.deaths += 1;
    this.cpuBefore = 0;
    this.child = new ChildProduct('cli', ['all'], this.env, this.folder ?? undefined);
    await this.child.listens(this.product.appUrl);
    return died;
  }

  /** Begins a new count of what `strain` says. */
  async reset(): Promise<void> {
    this.cpuBefore = valueOf(await this.metrics(), 'process_cpu_seconds_total');
    try {
      writeFileSync(`/proc/${this.child!.pid}/clear_refs`, '5');
    } catch {
      // Not on this system: the peak is then that of its whole life.
    }
  }

  async strain(): Promise<Strain> {
    const metrics = await this.metrics();
    return {
      stallMs: Math.round(valueOf(metrics, 'nodejs_eventloop_lag_max_seconds') * 1_000),
      // A process that was started again counts from its start.
      cpuMs: Math.round((valueOf(metrics, 'process_cpu_seconds_total') - this.cpuBefore) * 1_000),
      peakMb: this.peakMb(),
    };
  }

  async close(): Promise<void> {
    await this.child?.stop();
    await this.product.close();
    rmSync(this.home, { recursive: true, force: true });
  }

  private async metrics(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.metricsPort}/metrics`)).text();
  }

  private peakMb(): number | null {
    try {
      const status = readFileSync(`/proc/${this.child!.pid}/status`, 'utf8');
      return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) / 1024);
    } catch {
      return null;
    }
  }
}

const valueOf = (metrics: string, name: string): number =>
  Number(new RegExp(`^${name} ([\\d.e+-]+)$`, 'm').exec(metrics)?.[1] ?? NaN);
