import { Worker } from 'node:worker_threads';
import { commandOptions, partsOf, text, whole } from '../support/command-options.js';
import { startTestServices } from '../support/test-services.js';
import { AttackedProduct, type Strain } from './attacked-product.js';
import { ATTACKS } from './attacks.js';
import { Bystander, type Others } from './bystander.js';
import { SIGNED } from './signed-extremes.js';

// npm run attack: a line for each attack, then one line of JSON; exit 0 only where every bound holds.

/** What has to hold while an attack goes on, and after it. */
const BOUNDS = {
  /** Others' slowest of a hundred. */
  p99Ms: 1_000,
  /** One batch in hand, nobody else about: reading, checking and storing it. */
  legalBatchStallMs: 100,
  peakMb: 768,
} as const;

interface Row {
  readonly attack: string;
  readonly others: Others;
  readonly strain: Strain;
  readonly died: boolean;
  /** How many answers of each status the attackers got; `closed` and `none` are connections without one. */
  readonly answers: Readonly<Record<string, number>>;
}

const NAMES = [...Object.keys(ATTACKS), ...Object.keys(SIGNED)];
const options = commandOptions('npm run attack -- [--only PARTS] [--ms MS] [--product FOLDER]', {
  only: partsOf(NAMES),
  /** How long one attack lasts. */
  ms: whole(2_000, 100),
  /** Another checkout, built: for figures of before and after. */
  product: text,
});
const names = NAMES.filter((name) => options.only.length === 0 || options.only.some((part) => name.includes(part)));

const stopServices = process.env['TEST_POSTGRES_URL'] === undefined ? await startTestServices() : null;
const attacked = await AttackedProduct.start(options.product);
const rows: Row[] = [];
try {
  const bystander = await Bystander.open(attacked.product);
  // What is compiled and connected at first need is not the attackers' doing.
  await bystander.during(new Promise((resolve) => setTimeout(resolve, 1_500)));
  for (const name of names) {
    await attacked.reset();
    const attack = name in SIGNED ? sendSigned(bystander, name) : sendHostile(name);
    // A dead product is started again while others go on asking.
    const revived = attack.then(() => attacked.revive());
    const others = await bystander.during(revived);
    const strain = await attacked.strain();
    const row = { attack: name, others, strain, died: await revived, answers: await attack };
    rows.push(row);
    process.stderr.write(`${lineOf(row)}\n`);
  }
  bystander.close();
} finally {
  await attacked.close();
  await stopServices?.();
}

const broken = rows.flatMap(faultsOf);
for (const fault of broken) process.stdout.write(`BROKEN ${fault}\n`);
process.stdout.write(
  `${JSON.stringify({
    attacks: rows.length,
    deaths: rows.filter(({ died }) => died).length,
    refused: sum(({ others }) => others.refused),
    p99Ms: most(({ others }) => others.p99),
    stallMs: most(({ strain }) => strain.stallMs),
    peakMb: most(({ strain }) => strain.peakMb ?? 0),
    broken: broken.length,
    rows,
  })}\n`,
);
process.exitCode = broken.length === 0 ? 0 : 1;

/** Runs an attack in a thread of its own. @returns how it was answered */
async function sendHostile(name: string): Promise<Record<string, number>> {
  const thread = new Worker(new URL('./hostile.thread.js', import.meta.url), {
    workerData: { name, port: attacked.port, ms: options.ms },
  });
  return new Promise((resolve, reject) => {
    thread.once('message', ({ answers }: { answers: Record<string, number> }) => resolve(answers));
    thread.once('error', reject);
  });
}

async function sendSigned(bystander: Bystander, name: string): Promise<Record<string, number>> {
  const { times, body } = SIGNED[name]!;
  const answers: Record<string, number> = {};
  const bodies = Array.from({ length: times }, body);
  for (const one of bodies) {
    const status = await bystander.signed(one, 'application/cloudevents-batch+json');
    answers[status] = (answers[status] ?? 0) + 1;
  }
  return answers;
}

function faultsOf({ attack, others, strain, died }: Row): string[] {
  return [
    ...(died ? [`${attack}: the process died`] : []),
    ...(others.refused > 0 ? [`${attack}: ${others.refused} of ${others.count} requests of others were refused`] : []),
    ...(others.p99 > BOUNDS.p99Ms ? [`${attack}: p99 of others ${others.p99} ms`] : []),
    ...(attack === 'legal-batch' && strain.stallMs > BOUNDS.legalBatchStallMs
      ? [`${attack}: the event loop stood still for ${strain.stallMs} ms`]
      : []),
    ...((strain.peakMb ?? 0) > BOUNDS.peakMb ? [`${attack}: ${strain.peakMb} MB of memory`] : []),
  ];
}

function lineOf({ attack, others, strain, died, answers }: Row): string {
  const { what } = ATTACKS[attack] ?? SIGNED[attack]!;
  const answered = Object.entries(answers).map(([status, count]) => `${count} × ${status}`);
  return [
    `${attack} (${what}):`,
    `others p50 ${others.p50} ms, p99 ${others.p99} ms, max ${others.max} ms, ${others.refused} of ${others.count} refused;`,
    `stall ${strain.stallMs} ms, processor ${strain.cpuMs} ms, peak ${strain.peakMb ?? '?'} MB${died ? ', DIED' : ''}; answers ${answered.join(', ')}`,
  ].join(' ');
}

function sum(of: (row: Row) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}

function most(of: (row: Row) => number): number {
  return Math.max(0, ...rows.map(of));
}
