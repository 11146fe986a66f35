import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { appendResults } from '../support/append-results.js';
import { commandOptions, partsOf } from '../support/command-options.js';

// The whole set of the issue, part by part. It can be stopped at any time and goes on where it was; each part that is
// done is written into docs/reliability.md with date and commit.

interface Part {
  readonly name: string;
  readonly total: number;
  readonly chunk: number;
  readonly first: number;
  readonly command: (seed: number, count: number) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

interface Done {
  count: number;
  violations: number;
  faults: Record<string, number>;
  /** Null: it was not measured. */
  slowestHealingMs: number | null;
  isWritten: boolean;
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const histories = (seed: number, count: number, ...more: string[]) => [
  here('main.js'),
  `--histories=${count}`,
  `--seed=${seed}`,
  ...more,
];
const PARTS: readonly Part[] = [
  { name: 'seeded histories, simulated', total: 10_000, chunk: 100, first: 100_000, command: histories },
  {
    name: 'scripted scenarios, struck at every step',
    total: 1,
    chunk: 1,
    first: 1,
    command: () => [here('main.js'), '--every-step=1'],
  },
  {
    name: 'event streams, duplicated and shuffled',
    total: 2_000,
    chunk: 2_000,
    first: 1,
    command: () => [
      '--experimental-vm-modules',
      here('../../../node_modules/jest/bin/jest.js'),
      '--selectProjects=medium',
      '--testPathPatterns=medium/intake',
      '--testNamePattern=P13 streams',
    ],
    env: { STREAMS: '2000' },
  },
  { name: 'mutants', total: 1, chunk: 1, first: 1, command: () => [here('mutate.js')] },
  {
    name: 'seeded histories, real processes on Redis',
    total: 1_000,
    chunk: 40,
    first: 1,
    command: (seed, count) => histories(seed, count, '--real'),
  },
  {
    name: 'seeded histories, real processes on the Postgres backend',
    total: 200,
    chunk: 40,
    first: 5_001,
    command: (seed, count) => histories(seed, count, '--real', '--backend=postgres'),
  },
  { name: 'trials on Redis', total: 1, chunk: 1, first: 1, command: () => [here('real/main.js'), '--trials', 'full'] },
  {
    name: 'trials on the Postgres backend',
    total: 1,
    chunk: 1,
    first: 1,
    command: () => [here('real/main.js'), '--trials', 'full', '--backend', 'postgres'],
  },
];

const folder = fileURLToPath(new URL('../../../.faults/', import.meta.url));
const file = join(folder, 'full.json');
mkdirSync(folder, { recursive: true });
const state = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as Record<string, Done>;
const { only } = commandOptions('npm run faults:full -- [--only PART]', {
  only: partsOf(PARTS.map(({ name }) => name)),
});

for (const part of PARTS.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)))) {
  const done = (state[part.name] ??= { count: 0, violations: 0, faults: {}, slowestHealingMs: null, isWritten: false });
  while (done.count < part.total) {
    const count = Math.min(part.chunk, part.total - done.count);
    const { code, last } = await run(part.command(part.first + done.count, count), part.env);
    done.count += count;
    done.violations += last.violations ?? last.survivors?.length ?? (code === 0 ? 0 : 1);
    if (last.slowestHealingMs !== undefined)
      done.slowestHealingMs = Math.max(done.slowestHealingMs ?? 0, last.slowestHealingMs);
    for (const [kind, times] of Object.entries(last.faults ?? {})) done.faults[kind] = (done.faults[kind] ?? 0) + times;
    writeFileSync(file, JSON.stringify(state, null, 1));
    process.stdout.write(`${part.name}: ${done.count} of ${part.total}, ${done.violations} violations\n`);
  }
  // The trials write rows of their own.
  if (done.isWritten || part.name.startsWith('trials')) continue;
  appendResults([
    {
      what: part.name,
      times: done.count,
      faults: done.faults,
      violations: done.violations,
      slowestHealingMs: done.slowestHealingMs,
      seed: `${part.first} and on`,
    },
  ]);
  done.isWritten = true;
  writeFileSync(file, JSON.stringify(state, null, 1));
}
process.exitCode = Object.values(state).every(({ violations }) => violations === 0) ? 0 : 1;

interface LastLine {
  violations?: number;
  survivors?: string[];
  faults?: Record<string, number>;
  slowestHealingMs?: number;
}

/** What it says is passed on; its last line is the result. */
function run(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; last: LastLine }> {
  return new Promise((resolve) => {
    let said = '';
    const child = spawn(process.execPath, ['--enable-source-maps', ...command], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      process.stdout.write(chunk);
    });
    child.on('close', (code) => {
      const line = said.trimEnd().split('\n').at(-1) ?? '';
      resolve({ code, last: line.startsWith('{') ? (JSON.parse(line) as LastLine) : {} });
    });
  });
}
