import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FaultProxy } from '../../support/fault-proxy.js';
import { freePort } from '../../support/redis.js';
import { until } from '../../support/until.js';

export type Role = 'api' | 'worker' | 'all';

/** Where a process finds what it talks to. Each has wires of its own, so that one process alone can lose its network. */
export interface Wires {
  readonly database: FaultProxy;
  readonly redis: FaultProxy | null;
  readonly providers: FaultProxy;
  readonly mail: FaultProxy;
}

const running = new Set<ChildProcess>();
// A hard end of the harness leaves no process behind, not a frozen one either.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** One real process of the product: it can be killed, frozen and started again under the same name. */
export class ProductProcess {
  private child: ChildProcess | null = null;
  private ended: Promise<void> = Promise.resolve();
  private metricsPort = 0;
  starts = 0;
  isFrozen = false;

  constructor(
    readonly name: string,
    private readonly role: Role,
    readonly wires: Wires,
    private readonly env: Readonly<Record<string, string>>,
    private readonly logFile: string,
  ) {}

  get isAlive(): boolean {
    return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Starts it and waits until it says that it is ready. @param more settings of this start alone */
  async start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    if (this.isAlive) throw new Error(`${this.name} runs already.`);
    this.metricsPort = await freePort();
    const log = openSync(this.logFile, 'a');
    const child = spawn(
      process.execPath,
      ['--enable-source-maps', fileURLToPath(new URL('process-main.js', import.meta.url)), this.role],
      {
        env: { PATH: process.env['PATH'] ?? '', ...this.env, METRICS_PORT: String(this.metricsPort), ...more },
        stdio: ['ignore', log, log],
      },
    );
    closeSync(log);
    this.child = child;
    this.isFrozen = false;
    this.starts += 1;
    running.add(child);
    this.ended = new Promise((resolve) =>
      child.once('exit', () => {
        running.delete(child);
        resolve();
      }),
    );
    await until(`${this.name} is ready`, () => this.isDead(child) || this.answers(), 60);
    if (!this.isAlive) throw new Error(`${this.name} did not start; see its log.`);
  }

  /** Kills it and waits for its end. False: it had ended by itself. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<boolean> {
    const wasAlive = this.isAlive;
    this.child?.kill(signal);
    await this.ended;
    return wasAlive;
  }

  freeze(): void {
    if (!this.child?.kill('SIGSTOP')) throw new Error(`${this.name} is not there to be frozen.`);
    this.isFrozen = true;
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
    this.isFrozen = false;
  }

  /** Sum of a counter of this process over all labels that hold these words; 0 where it does not answer. */
  async counted(metric: string, ...labels: string[]): Promise<number> {
    const text = await fetch(`http://127.0.0.1:${this.metricsPort}/metrics`, { signal: AbortSignal.timeout(2_000) })
      .then((response) => response.text())
      .catch(() => '');
    return text
      .split('\n')
      .filter((line) => line.startsWith(metric) && labels.every((label) => line.includes(`"${label}"`)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  async close(): Promise<void> {
    await this.kill();
    for (const wire of Object.values(this.wires) as (FaultProxy | null)[]) await wire?.close();
  }

  private isDead = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

  /** In one process the worker's word comes before the API listens. */
  private answers = async () =>
    (await isReady(`http://127.0.0.1:${this.metricsPort}`)) &&
    (this.role === 'worker' || (await isReady(this.env['APP_URL']!)));
}

const isReady = (url: string) =>
  fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.ok,
    () => false,
  );
