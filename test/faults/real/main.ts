/**
 * The scripted trials on real processes: `node dist/test/faults/real/main.js [--only worker-killed,redis] [--trials ci|full|N]
 * [--seed S] [--backend redis|postgres] [--scale 0.1]`. A full set that was stopped goes on where it was.
 */
import { fileURLToPath } from 'node:url';
import { BACKENDS } from '../../support/backends.js';
import { commandOptions, either, oneOf, partsOf, share, whole } from '../../support/command-options.js';
import { runTrials } from './run-trials.js';
import { TRIALS } from './trials.js';

const { trials, only, seed, backend, scale } = commandOptions(
  'npm run faults:trials -- [--trials ci|full|N] [--only NAME,NAME] [--seed S] [--backend redis|postgres] [--scale 0.1]',
  {
    only: partsOf(TRIALS.map(({ name }) => name)),
    trials: either(oneOf(['ci', 'full'], 'ci'), whole(1, 1)),
    seed: whole(1, 0),
    backend: oneOf(BACKENDS, 'redis'),
    scale: share(0.1),
  },
);
const state = await runTrials({
  only,
  trials,
  seed,
  backend,
  timerScale: scale,
  folder: fileURLToPath(new URL('../../../../.faults/', import.meta.url)),
  report: (line) => process.stdout.write(`${line}\n`),
});
const all = Object.values(state);
const violations = all.reduce((sum, one) => sum + one.violations, 0);
process.stdout.write(`${all.reduce((sum, one) => sum + one.runs, 0)} runs, ${violations} violations\n`);
process.exitCode = violations === 0 ? 0 : 1;
