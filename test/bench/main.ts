/**
 * `npm run bench`: our pipeline beside (1) a hand-written BullMQ worker without guarantees and (2) the ideal time of an
 * evening that only the provider's latency bounds. All sides in one run, on real Redis and Postgres, alternating.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeKeys } from '../../apps/cli/src/make-keys.js';
import { startEmbeddedPostgres, migrate } from '#libs/database';
import { QUEUES } from '#libs/messaging';
import { commandOptions, flag, partsOf, whole } from '../support/command-options.js';
import { startRedis } from '../support/redis.js';
import { Child } from './host-client.js';
import { OurProduct } from './our-product.js';

const RUNS = 3;
const TEACHERS = 20;
const SLOTS = 10;
const LATENCY_MS = 150;
const LATENT_TEACHERS = 10;
const LATENT_SLOTS = 8;

const BIG_SLOTS_PER_TEACHER = 20;

const COMPARISONS = {
  throughputBesidePlainWorker: besidePlainWorker,
  timeBesideIdeal: besideIdeal,
  p95BesideLimitedAccount: besideLimitedAccount,
  p95BesideBigSchool: besideBigSchool,
};
const { big, only, json } = commandOptions('npm run bench -- [--only NAME] [--big N] [--json]', {
  /** Slots of the big school: 500 for a quick look; the documented figure is of 5,000. */
  big: whole(5_000, BIG_SLOTS_PER_TEACHER),
  only: partsOf(Object.keys(COMPARISONS)),
  json: flag,
});

const say = (line: string) => (json ? process.stderr : process.stdout).write(`${line}\n`);
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const p95 = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1]!;
const round = (value: number) => Math.round(value * 1000) / 1000;

const closing: (() => Promise<unknown>)[] = [];
try {
  const postgres = await startEmbeddedPostgres({ durable: true });
  closing.push(postgres.stop);
  await migrate(postgres.migrationUrl, postgres.url, QUEUES);
  const redis = await startRedis();
  closing.push(() => redis.stop());
  // One key ring for the whole run: what one product sealed, the next one opens.
  const home = mkdtempSync(join(tmpdir(), 'conferences-bench-'));
  closing.push(async () => rmSync(home, { recursive: true, force: true }));
  const servers = { ...postgres, redisUrl: redis.url, keys: makeKeys(join(home, 'key-ring.json')) };
  const ratios: Record<string, number> = {};
  for (const [name, compare] of Object.entries(COMPARISONS))
    if (only.length === 0 || only.some((part) => name.includes(part))) Object.assign(ratios, await compare(servers));
  if (json) process.stdout.write(`${JSON.stringify(ratios)}\n`);
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`${error instanceof Error ? error.message : 'The bench failed.'}\n`);
} finally {
  for (const close of closing.reverse()) await close();
}

interface Servers {
  readonly url: string;
  readonly migrationUrl: string;
  readonly redisUrl: string;
  readonly keys: Record<string, string>;
}

/** Slots a second of both, alternating on the same servers against the same provider without latency. */
async function besidePlainWorker(servers: Servers): Promise<Record<string, number>> {
  const sandbox = await Child.start('./sandbox-host.js');
  const apiUrl = await sandbox.call<string>('url');
  const plain = await Child.start('./plain-worker.js', {
    REDIS_URL: servers.redisUrl,
    DATABASE_URL: servers.migrationUrl,
    API_URL: apiUrl,
  });
  const ours = await OurProduct.start(sandbox, {
    databaseUrl: servers.url,
    migrationUrl: servers.migrationUrl,
    redisUrl: servers.redisUrl,
    keys: servers.keys,
  });
  const total = TEACHERS * SLOTS;
  const seconds = { plain: [] as number[], ours: [] as number[] };
  // The first round of each warms up what is compiled and connected, and does not count.
  for (let run = 0; run <= RUNS; run += 1) {
    const one = {
      plain: await plain.call<number>('run', await plainSlots(sandbox, apiUrl, run)),
      ours: await ours.run(`bench${run}`, TEACHERS, SLOTS),
    };
    if (run === 0) continue;
    seconds.plain.push(one.plain);
    seconds.ours.push(one.ours);
    say(
      `run ${run}: plain worker ${(total / one.plain).toFixed(1)} slots/s, ours ${(total / one.ours).toFixed(1)} slots/s`,
    );
  }
  await ours.stop();
  await plain.stop();
  await sandbox.stop();
  const ratio = round(median(seconds.plain) / median(seconds.ours));
  say(
    `ours makes ${ratio} of the plain worker's slots a second (median of ${RUNS}; ${total} slots, ${TEACHERS} accounts)\n`,
  );
  return { throughputBesidePlainWorker: ratio };
}

/** The plain worker's slots: a calendar and a token per teacher, made before the clock runs. */
async function plainSlots(sandbox: Child, apiUrl: string, run: number) {
  const slots = [];
  for (let teacher = 0; teacher < TEACHERS; teacher += 1) {
    const { accessToken } = await sandbox.call<{ accessToken: string }>(
      'grant',
      `plain${run}-${teacher}@regenboog.example`,
    );
    const made = await fetch(`${apiUrl}/calendar/v3/calendars`, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ summary: 'Parent meetings' }),
    });
    const { id } = (await made.json()) as { id: string };
    for (let slot = 0; slot < SLOTS; slot += 1) {
      const start = Date.now() + 86_400_000 + slot * 600_000;
      slots.push({
        slot: `${run}-${teacher}-${slot}`,
        start: new Date(start).toISOString(),
        end: new Date(start + 600_000).toISOString(),
        calendar: id,
        token: accessToken,
      });
    }
  }
  return slots;
}

/** An evening where each provider call takes a while: calls of one account in order × latency is what cannot be beaten. */
async function besideIdeal(servers: Servers): Promise<Record<string, number>> {
  const sandbox = await Child.start('./sandbox-host.js', {
    LATENCY_MS: String(LATENCY_MS),
    // Another seed: the same tickets would count as used in this database.
    SEED: '2',
  });
  const ours = await OurProduct.start(sandbox, {
    databaseUrl: servers.url,
    migrationUrl: servers.migrationUrl,
    redisUrl: servers.redisUrl,
    keys: servers.keys,
  });
  await ours.run('warm', 2, 2);
  // One calendar per account, then one call per slot.
  const ideal = ((1 + LATENT_SLOTS) * LATENCY_MS) / 1000;
  const times: number[] = [];
  for (let run = 1; run <= RUNS; run += 1) {
    times.push(await ours.run(`latent${run}`, LATENT_TEACHERS, LATENT_SLOTS));
    say(`run ${run}: ${times.at(-1)!.toFixed(2)} s, ideal ${ideal.toFixed(2)} s`);
  }
  await ours.stop();
  await sandbox.stop();
  const ratio = round(median(times) / ideal);
  say(
    `with ${LATENCY_MS} ms a call, an evening takes ${ratio} × its ideal (median of ${RUNS}; ${LATENT_TEACHERS} accounts × ${LATENT_SLOTS} slots)`,
  );
  return { timeBesideIdeal: ratio };
}

/** Ours on a sandbox of its own, each call taking a while. */
async function onLatentSandbox<T>(
  servers: Servers,
  seed: string,
  work: (ours: OurProduct, sandbox: Child) => Promise<T>,
): Promise<T> {
  const sandbox = await Child.start('./sandbox-host.js', { LATENCY_MS: String(LATENCY_MS), SEED: seed });
  const ours = await OurProduct.start(sandbox, {
    databaseUrl: servers.url,
    migrationUrl: servers.migrationUrl,
    redisUrl: servers.redisUrl,
    keys: servers.keys,
  });
  try {
    return await work(ours, sandbox);
  } finally {
    await ours.stop();
    await sandbox.stop();
  }
}

/** How long the others wait while one account is told to ask less all the time, beside how long they wait otherwise. */
async function besideLimitedAccount(servers: Servers): Promise<Record<string, number>> {
  return onLatentSandbox(servers, '3', async (ours, sandbox) => {
    await ours.run('warm3', 2, 2);
    const p95s = { alone: [] as number[], beside: [] as number[] };
    for (let run = 1; run <= RUNS; run += 1)
      for (const side of ['alone', 'beside'] as const) {
        const { school, people, slots, press } = await ours.prepare(`${side}${run}`, LATENT_TEACHERS, LATENT_SLOTS);
        const [limited] = people;
        if (side === 'beside')
          await sandbox.call('faults', [
            {
              id: 'limited',
              fault: '429.rateLimitExceeded',
              match: { provider: 'google', account: limited!.email },
              retryAfter: 1,
            },
          ]);
        await press();
        const times = await ours.timesToReady(school, slots - LATENT_SLOTS, limited!.id);
        await sandbox.call('faults', []);
        p95s[side].push(p95(times));
        await ours.timesToReady(school, slots);
      }
    say(
      `p95 of the others: alone ${p95s.alone.map(round).join(', ')} s; beside ${p95s.beside.map(round).join(', ')} s`,
    );
    const ratio = round(median(p95s.beside) / median(p95s.alone));
    say(`while one of ${LATENT_TEACHERS} accounts is limited, the others' p95 is ${ratio} × (medians of ${RUNS})\n`);
    return { p95BesideLimitedAccount: ratio };
  });
}

/** How long five slots of a small school take while a big one is under way, beside how long they take alone. */
async function besideBigSchool(servers: Servers): Promise<Record<string, number>> {
  return onLatentSandbox(servers, '4', async (ours) => {
    await ours.run('warm4', 2, 2);
    const small = async (name: string) => {
      const { school, slots, press } = await ours.prepare(name, 5, 1);
      return async () => {
        await press();
        return p95(await ours.timesToReady(school, slots));
      };
    };
    const alone: number[] = [];
    for (let run = 1; run <= RUNS; run += 1) alone.push(await (await small(`small-alone${run}`))());
    const besides = [];
    for (let run = 1; run <= RUNS; run += 1) besides.push(await small(`small-beside${run}`));
    const others = await ours.prepare('big', Math.ceil(big / BIG_SLOTS_PER_TEACHER), BIG_SLOTS_PER_TEACHER);
    await others.press();
    while ((await ours.ready(others.school)) < 20) await new Promise((resolve) => setTimeout(resolve, 100));
    const beside: number[] = [];
    for (const run of besides) beside.push(await run());
    const ready = await ours.ready(others.school);
    say(`p95 of 5 slots: alone ${alone.map(round).join(', ')} s; beside ${beside.map(round).join(', ')} s`);
    if (ready === others.slots) throw new Error('The big school was done before the small one: nothing was compared.');
    const ratio = round(median(beside) / median(alone));
    say(
      `while ${others.slots} slots of a school are under way (${ready} ready), another's 5 take ${ratio} × (medians of ${RUNS})`,
    );
    return { p95BesideBigSchool: ratio };
  });
}
