import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Backend } from '../../support/backends.js';
import { endOnSignal } from '../end-on-signal.js';
import { Dice } from './dice.js';
import { evidence } from './evidence.js';
import { Rig } from './rig.js';
import * as strikes from './strikes.js';
import { TrialRun, pause } from './trial.js';

/** What strikes processes and servers: one after the other in a history. */
const HARD: Readonly<Record<Backend, readonly strikes.Strike[]>> = {
  redis: [
    strikes.killWorkers,
    strikes.killWorkers,
    strikes.freezeWorker,
    strikes.killApi,
    strikes.flushRedis,
    strikes.stopRedis,
    strikes.halfOpenRedis,
    strikes.forgetRedis,
    strikes.fillRedis,
    strikes.restartPostgres,
    strikes.halfOpenPostgres,
    strikes.loseCommitReplies,
  ],
  postgres: [
    strikes.killWorkers,
    strikes.freezeWorker,
    strikes.restartPostgres,
    strikes.halfOpenPostgres,
    strikes.loseCommitReplies,
  ],
};
/** What the outside answers meanwhile. */
const SOFT: readonly strikes.Strike[] = [strikes.loseProviderReplies, strikes.storm, strikes.mailTrouble];

export interface RealHistories {
  readonly histories: number;
  readonly seed: number;
  readonly backend: Backend;
  readonly report: (line: string) => void;
  /** 0.1 when absent: claims of 4 s. */
  readonly timerScale?: number;
  /** Where the processes' logs go. */
  readonly logs: string;
}

/** So many histories run side by side, each a school of its own, and are struck by the same faults. */
const TOGETHER = 8;

/**
 * Histories on real processes: schools plan and change their minds while several faults, chosen by the seed, strike one
 * upon the other. Seed S + n plans the n-th; what the processes make of it is as it happens.
 */
export async function runRealHistories(
  options: RealHistories,
): Promise<{ histories: number; violations: number; faults: Record<string, number>; slowestHealingMs: number }> {
  const { histories, seed, backend, report, timerScale = 0.1, logs } = options;
  const faults: Record<string, number> = {};
  let violations = 0;
  let slowestHealingMs = 0;
  let starting = Rig.start({ backend, seed, timerScale, logs });
  endOnSignal(async () => (await starting).close());
  let rig = await starting;
  try {
    for (let n = 0; n < histories; n += TOGETHER) {
      const run = new TrialRun(rig, seed + n);
      const held = await together(run, Math.min(TOGETHER, histories - n), backend);
      for (const [kind, count] of Object.entries(run.faults)) faults[kind] = (faults[kind] ?? 0) + count;
      violations += run.violations.length;
      if (run.violations.length > 0) {
        report(run.violations.join('\n'));
        writeFileSync(join(logs, `failed-${backend}-history-${run.seed}.json`), await evidence(run));
      }
      report(
        `seeds from ${run.seed}: ${run.violations.length} violations, healed in ${Math.round(run.healedMs ?? 0)} ms`,
      );
      slowestHealingMs = Math.max(slowestHealingMs, run.healedMs ?? 0);
      if (held) continue;
      await rig.close();
      starting = Rig.start(rig.options);
      rig = await starting;
    }
  } finally {
    await rig.close();
  }
  return { histories, violations, faults, slowestHealingMs };
}

/** @returns false where the rig must be started anew */
async function together(run: TrialRun, histories: number, backend: Backend): Promise<boolean> {
  const { dice, rig } = run;
  rig.sandbox.ledger.forgetRequests();
  rig.sandbox.mailbox.clear();
  const hard = dice.shuffled(HARD[backend]).slice(0, dice.between(2, 4));
  const soft = dice.shuffled(SOFT).slice(0, dice.between(0, 2));
  // Two lines of fate draw from dice of their own, so that neither changes the other's luck.
  const beside = run.beside(new Dice(run.seed + 0.5));
  const sizes = Array.from({ length: histories }, (_, n) => {
    const own = new Dice(run.seed + n);
    return { teachers: own.between(1, 3), slots: own.between(2, 4), seed: run.seed + n };
  });
  try {
    await run.under(sizes, 4, async () => {
      const answers = (async () => {
        for (const strike of soft) await strike(beside);
      })();
      for (const strike of hard) {
        await strike(run);
        await pause(dice.number(1_000));
      }
      await answers;
    });
    return true;
  } catch (error) {
    run.violations.push(`the history itself failed: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}
