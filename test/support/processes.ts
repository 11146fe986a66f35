import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { until } from './until.js';

// The repository, also for what was built into dist.
const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/dist\/$/, '');
const MAINS = {
  api: 'dist/apps/api/src/main.js',
  worker: 'dist/apps/worker/src/main.js',
  cli: 'dist/apps/cli/src/main.js',
  leak: 'dist/test/privacy/leak.js',
  attack: 'dist/test/attack/main.js',
  erasureProof: 'dist/test/privacy/erasure-proof.js',
  restoreDrill: 'dist/test/privacy/restore-drill.js',
};

/** `npm run build`, once at a time: two Jest workers must not write dist at once. */
export async function build(): Promise<void> {
  const lock = `${root}node_modules/.e2e-build`;
  await until(
    'another build ends',
    () => {
      // A lock that was left behind is not waited for.
      if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > 180_000) rmSync(lock, { recursive: true });
      try {
        mkdirSync(lock);
        return true;
      } catch {
        return false;
      }
    },
    170,
  );
  try {
    const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8' });
    if (built.status !== 0) throw new Error(`The build failed:\n${built.stdout}${built.stderr}`);
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** A real process of the built product. Everything it says is kept. */
export class ChildProduct {
  output = '';
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;

  /** @param folder another checkout whose build is run */
  constructor(program: keyof typeof MAINS, args: readonly string[], env: Record<string, string>, folder = root) {
    this.child = spawn(process.execPath, [MAINS[program], ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const hear = (chunk: Buffer) => (this.output += chunk.toString('utf8'));
    this.child.stdout!.on('data', hear);
    this.child.stderr!.on('data', hear);
    this.ended = new Promise((resolve) => this.child.once('close', (code) => resolve(code)));
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Until it answers there. */
  listens(appUrl: string, seconds = 60): Promise<true> {
    return until(
      `a process listens; it said: ${this.output.slice(-500)}`,
      () =>
        fetch(`${appUrl}/livez`).then(
          (answer) => answer.ok || null,
          () => null,
        ),
      seconds,
    ) as Promise<true>;
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Until it said this line. */
  said(words: string, seconds = 20): Promise<true> {
    return until(
      `a process says "${words}"; it said: ${this.output.slice(-500)}`,
      () => this.output.includes(words) || null,
      seconds,
    );
  }

  /** @returns exit code and how long the end took */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<{ code: number | null; ms: number }> {
    const started = performance.now();
    this.child.kill(signal);
    const code = await this.ended;
    return { code, ms: performance.now() - started };
  }
}
