/**
 * Restart and failover under a running evening, on real processes on this computer:
 * `npm run drills -- [--only restart|failover] [--slots 300] [--times 1] [--seed 1] [--record]`. One JSON line for each, with --record a
 * row in docs/reliability.md; exit 0 only where nothing was lost, nothing doubled, and all healed in time.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendResults } from '../support/append-results.js';
import { commandOptions, flag, oneOf, whole } from '../support/command-options.js';
import { DRILLS, type DrillName } from './drills.js';
import { runEvening } from './run-evening.js';

const NAMES = Object.keys(DRILLS) as DrillName[];
const { only, slots, times, seed, record } = commandOptions(
  'npm run drills -- [--only restart|failover] [--slots 300] [--times 1] [--seed 1] [--record]',
  { only: oneOf(NAMES, null), slots: whole(300, 1), times: whole(1, 1), seed: whole(1, 0), record: flag },
);
let isRight = true;
for (const name of only ? [only] : NAMES)
  for (let time = 0; time < times; time += 1) {
    const logs = mkdtempSync(join(tmpdir(), `conferences-drill-${name}-`));
    const result = await runEvening({ drill: DRILLS[name], slots, seed: seed + time, logs });
    const { violations, healedMs, faults } = result;
    isRight &&= violations.length === 0;
    process.stdout.write(`${JSON.stringify({ drill: name, ...result, logs })}\n`);
    if (record)
      appendResults([
        {
          what: `drill: ${name}, ${slots} slots`,
          times: 1,
          faults,
          violations: violations.length,
          slowestHealingMs: healedMs,
          seed: String(seed + time),
        },
      ]);
  }
process.exit(isRight ? 0 : 1);
