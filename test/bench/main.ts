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
import { startRedis } from '../support/redis.js';
import { Child } from './host-client.js';
import { OurProduct } from './our-product.js';

const RUNS = 3;
const TEACHERS = 20;
const SLOTS = 10;
const LATENCY_MS = 150;
const LATENT_TEACHERS = 10;
const LATENT_SLOTS = 8;

const json = process.argv.includes('--json');
const say = (line: string) => (json ? process.stderr : process.stdout).write(`${line}\n`);
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
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
  const ratios = { ...(await besidePlainWorker(servers)), ...(await besideIdeal(servers)) };
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
