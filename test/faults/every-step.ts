import type { Fault } from './plan.js';
import { SCENARIOS, historyOfScenario } from './scenarios.js';
import type { Sim } from './sim/sim.js';

const KINDS = ['crash', 'freeze', 'lost-reply'] as const;

/**
 * Strikes every scenario at every point of every job with every kind of fault, one at a time.
 * @param share runs only every n-th combination, so that CI has a part of them
 */
export async function everyStep(
  sim: Sim,
  share: number,
  report: (line: string) => void,
): Promise<{ trials: number; violations: number; struck: number; faults: Record<string, number> }> {
  const sum = { trials: 0, violations: 0, struck: 0, faults: {} as Record<string, number> };
  let combination = 0;
  for (const name of Object.keys(SCENARIOS)) {
    const history = historyOfScenario(name);
    sim.strike = null;
    const calm = await sim.run(history);
    const passed = sim.passed.map((points) => points.length);
    for (const what of calm.violations) report(`${name}, without a fault: ${what}`);
    sum.violations += calm.violations.length;
    for (const [job, points] of passed.entries())
      for (let at = 0; at < points; at += 1)
        for (const kind of KINDS) {
          combination += 1;
          if (combination % share !== 0) continue;
          const fault: Fault = { kind, at };
          sim.strike = { job, fault };
          const verdict = await sim.run(history);
          sum.trials += 1;
          for (const [what, count] of Object.entries(verdict.struck)) {
            sum.faults[what] = (sum.faults[what] ?? 0) + count;
            if (what.startsWith(`${kind}:`)) sum.struck += 1;
          }
          for (const what of verdict.violations) report(`${name}, ${kind} at point ${at} of job ${job}: ${what}`);
          sum.violations += verdict.violations.length;
        }
  }
  sim.strike = null;
  return sum;
}
