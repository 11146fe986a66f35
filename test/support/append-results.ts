import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const FILE = fileURLToPath(new URL('../../../docs/reliability.md', import.meta.url));
const HEAD = `# Reliability

What was really run against the promise that it always ends right (P2, invariants 1 to 10 in
[architecture.md](architecture.md)), and what came of it. Rows are appended by the harnesses themselves; a row with
violations stays.

| date | commit | what | how often | fault | violations | healed, slowest | seed |
| ---- | ------ | ---- | --------: | ----- | ---------: | --------------: | ---- |
`;

export interface ResultRow {
  /** The trial or the kind of history. */
  readonly what: string;
  readonly times: number;
  /** What really happened, counted. */
  readonly faults: Readonly<Record<string, number>>;
  readonly violations: number;
  readonly slowestHealingMs: number | null;
  readonly seed: string;
}

/** Adds rows to docs/reliability.md with today's date and the commit they were run on. */
export function appendResults(rows: readonly ResultRow[]): void {
  if (!existsSync(FILE)) writeFileSync(FILE, HEAD);
  const date = new Date().toISOString().slice(0, 10);
  const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).stdout.trim() || 'unknown';
  const lines = rows.map((row) => {
    const faults = Object.entries(row.faults)
      .map(([kind, count]) => `${kind} ${count}`)
      .join(', ');
    const healed = row.slowestHealingMs === null ? '' : `${(row.slowestHealingMs / 1000).toFixed(1)} s`;
    return `| ${[date, commit, row.what, row.times, faults, row.violations, healed, row.seed].join(' | ')} |\n`;
  });
  appendFileSync(FILE, lines.join(''));
}
