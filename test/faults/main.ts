import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Database, migrate, startEmbeddedPostgres } from '#libs/database';
import { QUEUES } from '#libs/messaging';
import { everyStep } from './every-step.js';
import { runRealHistories } from './real/run-real-histories.js';
import { Sim, type Verdict } from './sim.js';
import { historyOfScenario } from './scenarios.js';
import { shrink } from './shrink.js';

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    /** On real processes, with servers of their own, instead of the virtual clock. */
    real: { type: 'boolean', default: false },
    backend: { type: 'string', default: 'redis' },
    trace: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
    /** Runs scripted scenarios with a fault at every step instead of seeded histories; with a number only each n-th. */
    'every-step': { type: 'string' },
    /** Runs one scripted scenario as it is. */
    scenario: { type: 'string' },
    /** An empty, migrated database to work in; without it one is started. */
    database: { type: 'string' },
    'stop-at-first': { type: 'boolean', default: false },
  },
});
let histories = values.scenario ? 1 : Number(values.histories);
const first = Number(values.seed);

if (values.real) {
  const found = await runRealHistories({
    histories,
    seed: first,
    backend: values.backend === 'postgres' ? 'postgres' : 'redis',
    report: (line) => process.stdout.write(`${line}\n`),
    logs: fileURLToPath(new URL('../../../.faults/logs/', import.meta.url)),
  });
  process.stdout.write(`${JSON.stringify(found)}\n`);
  process.exit(found.violations === 0 ? 0 : 1);
}

const server = values.database ? null : await startEmbeddedPostgres({ durable: false });
let violations = 0;
const faults: Record<string, number> = {};
try {
  if (server) await migrate(server.migrationUrl, server.url, QUEUES);
  const database = await Database.connect(server?.url ?? values.database!, 4);
  const sim = new Sim(database);
  if (values['every-step']) {
    const sum = await everyStep(sim, Number(values['every-step']), (line) => process.stdout.write(`${line}\n`));
    process.stdout.write(`${JSON.stringify(sum)}\n`);
    violations = sum.violations;
    histories = 0;
  }
  const began = Date.now();
  for (let n = 0; n < histories; n += 1) {
    const seed = first + n;
    const history = values.scenario ? historyOfScenario(values.scenario) : Sim.historyOf(seed);
    if (values.trace) sim.trace = [];
    const verdict = await sim.run(history);
    for (const [kind, count] of Object.entries(verdict.struck)) faults[kind] = (faults[kind] ?? 0) + count;
    if (verdict.violations.length > 0) await tell(sim, verdict);
    else if (sim.trace && histories === 1) process.stdout.write(`${sim.trace.join('\n')}\n`);
    if (verdict.violations.length > 0 && values['stop-at-first']) break;
    if ((n + 1) % 100 === 0)
      process.stderr.write(
        `${n + 1} histories, ${violations} violations, ${Math.round((Date.now() - began) / (n + 1))} ms each\n`,
      );
  }
  await database.close();
} finally {
  await server?.stop();
}
if (!values['every-step']) process.stdout.write(`${JSON.stringify({ histories, violations, faults })}\n`);
process.exit(violations === 0 ? 0 : 1);

async function tell(sim: Sim, verdict: Verdict): Promise<void> {
  violations += verdict.violations.length;
  process.stdout.write(`seed ${verdict.seed}:\n${verdict.violations.map((what) => `  ${what}\n`).join('')}`);
  if (sim.trace) process.stdout.write(`${sim.trace.join('\n')}\n`);
  if (values.shrink) {
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
