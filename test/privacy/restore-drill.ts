import { appendResults } from '../support/append-results.js';
import { commandOptions, whole } from '../support/command-options.js';
import { drillRestore } from './drill-restore.js';

// npm run restore:drill -- --slots 40: ends with one line of JSON; exit 0 only where nothing was lost that need not be.
const { slots, record } = commandOptions('npm run restore:drill -- [--slots N] [--record 1]', {
  slots: whole(40, 6),
  // 1: its row goes into docs/reliability.md
  record: whole(0, 0),
});
const drill = await drillRestore({ slots, say: (line) => process.stderr.write(`${line}\n`) });
const violations =
  Math.abs(drill.cut - drill.toldCut) + drill.erasedFound + drill.notReady + drill.doubled + drill.violations;
if (record === 1)
  appendResults([
    {
      what: 'restore drill, under load',
      times: 1,
      faults: {
        slots,
        'events meanwhile': drill.eventsMeanwhile,
        'audit entries cut': drill.cut,
        'told cut': drill.toldCut,
        'database destroyed': 1,
      },
      violations,
      slowestHealingMs: drill.seconds.healed * 1_000,
      seed: '',
    },
  ]);
process.stdout.write(`${JSON.stringify(drill)}\n`);
process.exitCode = violations === 0 && drill.cut > 0 ? 0 : 1;
