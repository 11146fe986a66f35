import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Backend } from '../../support/backends.js';
import { appendResults } from '../../support/append-results.js';
import { Dice } from './dice.js';
import { evidence } from './evidence.js';
import { Rig } from './rig.js';
import { TrialRun, type Trial } from './trial.js';
import { TRIALS } from './trials.js';

export interface RunOptions {
  /** Names of trials; all of the backend when empty. */
  readonly only: readonly string[];
  /** `ci`: the share of each CI run; `full`: the whole set; a number: so many runs of each. */
  readonly trials: 'ci' | 'full' | number;
  readonly seed: number;
  readonly backend: Backend;
  readonly timerScale: number;
  /** Logs, and how far a full set has come: it goes on there after a stop. */
  readonly folder: string;
  readonly report: (line: string) => void;
}

interface Progress {
  runs: number;
  violations: number;
  slowestMs: number;
  faults: Record<string, number>;
}

type State = Record<string, Progress>;

const EMPTY: Progress = { runs: 0, violations: 0, slowestMs: 0, faults: {} };

/** Runs the trials in turn until each has proved its fault often enough. @returns what was done and what broke */
export async function runTrials(options: RunOptions): Promise<State> {
  const { backend, seed, report } = options;
  const table = TRIALS.filter(
    ({ name, backends }) =>
      backends.includes(backend) && (options.only.length === 0 || options.only.some((word) => name.includes(word))),
  );
  mkdirSync(options.folder, { recursive: true });
  const file = join(options.folder, `${backend}-${seed}.json`);
  const state: State =
    options.trials === 'full' && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as State) : {};
  const isDone = (trial: Trial) => {
    const { runs, faults } = state[trial.name] ?? EMPTY;
    if (typeof options.trials === 'number') return runs >= options.trials;
    // The Postgres backend has a fifth of the full set, as with the histories.
    const asked = options.trials === 'full' && backend === 'postgres' ? trial.full / 5 : trial[options.trials];
    // A fault that never comes about must not hold the run for ever.
    return (faults[trial.name] ?? 0) >= asked || runs >= asked;
  };
  let rig = await Rig.start({ backend, seed, timerScale: options.timerScale, logs: join(options.folder, 'logs') });
  let isStopped = false;
  const stop = () => (isStopped = true);
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    while (!isStopped && !table.every(isDone))
      for (const trial of table) {
        if (isStopped || isDone(trial)) continue;
        const progress = (state[trial.name] ??= structuredClone(EMPTY));
        const runSeed = seed * 100_000 + progress.runs;
        const run = new TrialRun(rig, runSeed, new Dice(runSeed), options.trials !== 'full');
        const broke = await once(trial, run);
        progress.runs += 1;
        progress.violations += run.violations.length;
        progress.slowestMs = Math.max(progress.slowestMs, run.healedMs ?? 0);
        for (const [kind, count] of Object.entries(run.faults))
          progress.faults[kind] = (progress.faults[kind] ?? 0) + count;
        report(
          `${trial.name} ${run.seed}: ${run.violations.length} violations, healed in ${Math.round(run.healedMs ?? 0)} ms, ${JSON.stringify(run.faults)}`,
        );
        for (const what of run.violations.slice(0, 8)) report(`  - ${what}`);
        if (run.violations.length > 0)
          writeFileSync(join(options.folder, `failed-${backend}-${trial.name}-${run.seed}.json`), await evidence(run));
        if (options.trials === 'full') writeFileSync(file, JSON.stringify(state, null, 1));
        if (!broke) continue;
        await rig.close();
        rig = await Rig.start(rig.options);
      }
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await rig.close();
  }
  if (options.trials === 'full')
    appendResults(
      Object.entries(state).map(([name, { runs, violations, slowestMs, faults }]) => ({
        what: `real processes, ${backend}: ${name}`,
        times: runs,
        faults,
        violations,
        slowestHealingMs: slowestMs,
        seed: String(seed),
      })),
    );
  return state;
}

/** @returns whether the rig itself is in doubt and must be started anew */
async function once(trial: Trial, run: TrialRun): Promise<boolean> {
  run.rig.sandbox.ledger.forgetRequests();
  run.rig.sandbox.mailbox.clear();
  try {
    await trial.run(run);
    return false;
  } catch (error) {
    run.violations.push(`the trial itself failed: ${error instanceof Error ? error.message : String(error)}`);
    return true;
  }
}
