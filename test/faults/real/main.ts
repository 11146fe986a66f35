/**
 * The scripted trials on real processes: `node dist/test/faults/real/main.js [--only worker-killed,redis] [--trials ci|full|N]
 * [--seed S] [--backend redis|postgres] [--scale 0.1]`. A full set that was stopped goes on where it was.
 */
import { fileURLToPath } from 'node:url';
import { runTrials } from './run-trials.js';

const given = (name: string, fallback: string) => {
  const place = process.argv.indexOf(`--${name}`);
  return place < 0 ? fallback : (process.argv[place + 1] ?? fallback);
};
const trials = given('trials', 'ci');
const state = await runTrials({
  only: given('only', '').split(',').filter(Boolean),
  trials: trials === 'ci' || trials === 'full' ? trials : Number(trials),
  seed: Number(given('seed', '1')),
  backend: given('backend', 'redis') === 'postgres' ? 'postgres' : 'redis',
  timerScale: Number(given('scale', '0.1')),
  folder: fileURLToPath(new URL('../../../../.faults/', import.meta.url)),
  report: (line) => process.stdout.write(`${line}\n`),
});
const all = Object.values(state);
const violations = all.reduce((sum, one) => sum + one.violations, 0);
process.stdout.write(`${all.reduce((sum, one) => sum + one.runs, 0)} runs, ${violations} violations\n`);
process.exitCode = violations === 0 ? 0 : 1;
