import { fileURLToPath } from 'node:url';
import { Database, migrate, startEmbeddedPostgres } from '#libs/database';
import { QUEUES } from '#libs/messaging';
import { everyStep } from './every-step.js';
import { endOnSignal } from './end-on-signal.js';
import { commandOptions } from '../support/command-options.js';
import { OPTIONS, USE } from './options.js';
import { runRealHistories } from './real/run-real-histories.js';
import { Sim, type Verdict } from './sim/sim.js';
import { historyOfScenario } from './scenarios.js';
import { shrink } from './shrink.js';

const options = commandOptions(USE, OPTIONS);
const every = options['every-step'];
const { seed: first } = options;
let histories = options.scenario ? 1 : options.histories;

if (options.real) {
  const found = await runRealHistories({
    histories,
    seed: first,
    backend: options.backend,
    report: (line) => process.stdout.write(`${line}\n`),
    logs: fileURLToPath(new URL('../../../.faults/logs/', import.meta.url)),
  });
  process.stdout.write(`${JSON.stringify(found)}\n`);
  process.exit(found.violations === 0 ? 0 : 1);
}

const starting = options.database ? null : startEmbeddedPostgres({ durable: false });
endOnSignal(async () => (await starting)?.stop());
const server = await starting;
let violations = 0;
const faults: Record<string, number> = {};
try {
  if (server) await migrate(server.migrationUrl, server.url, QUEUES);
  const database = await Database.connect(server?.url ?? options.database!, 4);
  const sim = new Sim(database);
  if (every) {
    const sum = await everyStep(sim, every, (line) => process.stdout.write(`${line}\n`));
    process.stdout.write(`${JSON.stringify(sum)}\n`);
    violations = sum.violations;
    histories = 0;
  }
  const began = Date.now();
  for (let n = 0; n < histories; n += 1) {
    const seed = first + n;
    const history = options.scenario ? historyOfScenario(options.scenario) : Sim.historyOf(seed);
    if (options.trace) sim.trace = [];
    const verdict = await sim.run(history);
    for (const [kind, count] of Object.entries(verdict.struck)) faults[kind] = (faults[kind] ?? 0) + count;
    if (verdict.violations.length > 0) await tell(sim, verdict);
    else if (sim.trace && histories === 1) process.stdout.write(`${sim.trace.join('\n')}\n`);
    if (verdict.violations.length > 0 && options['stop-at-first']) break;
    if ((n + 1) % 100 === 0)
      process.stderr.write(
        `${n + 1} histories, ${violations} violations, ${Math.round((Date.now() - began) / (n + 1))} ms each\n`,
      );
  }
  await database.close();
} finally {
  await server?.stop();
}
if (!every) process.stdout.write(`${JSON.stringify({ histories, violations, faults })}\n`);
process.exit(violations === 0 ? 0 : 1);

async function tell(sim: Sim, verdict: Verdict): Promise<void> {
  violations += verdict.violations.length;
  process.stdout.write(`seed ${verdict.seed}:\n${verdict.violations.map((what) => `  ${what}\n`).join('')}`);
  if (sim.trace) process.stdout.write(`${sim.trace.join('\n')}\n`);
  if (options.shrink) {
    const small = await shrink(Sim.historyOf(verdict.seed), async (history) => {
      sim.trace = null;
      return (await sim.run(history)).violations.length > 0;
    });
    sim.trace = [];
    const last = await sim.run(small);
    sim.trace.push(...last.violations);
    process.stdout.write(`shrunk to ${small.steps.length} steps\n${sim.trace.join('\n')}\n`);
    sim.trace = null;
  }
}
