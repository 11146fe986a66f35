import type { FaultRule } from '../../../apps/sandbox/src/index.js';
import type { Backend } from '../../support/backends.js';
import { earlyCalls } from './check.js';
import type { ProductProcess } from './product-process.js';
import { Scene, type SceneSize } from './scene.js';
import * as strikes from './strikes.js';
import { pause, type Trial, type TrialRun } from './trial.js';

const SMALL: readonly SceneSize[] = [
  { teachers: 2, slots: 4 },
  { teachers: 2, slots: 4 },
];
/** Where calls of the provider are struck, many must be under way. */
const LARGE: readonly SceneSize[] = [
  { teachers: 6, slots: 30 },
  { teachers: 6, slots: 30 },
];
const GOOGLE = ['google-meet'] as const;
const CHANGES = 5;

const BOTH: readonly Backend[] = ['redis', 'postgres'];
const REDIS: readonly Backend[] = ['redis'];

/** Every way in which something that we stand on, or we ourselves, can fail; several times in one run. */
export const TRIALS: readonly Trial[] = [
  plain('worker-killed', BOTH, [2, 200], strikes.killWorkers, 12),
  plain('worker-frozen', BOTH, [2, 100], strikes.freezeWorker, 8),
  plain('api-killed', REDIS, [2, 100], strikes.killApi, 6),
  plain('redis-flushed', REDIS, [1, 30], strikes.flushRedis, 5),
  plain('redis-away', REDIS, [1, 25], strikes.stopRedis, 4),
  plain('redis-half-open', REDIS, [1, 25], strikes.halfOpenRedis, 4),
  plain('redis-forgotten', REDIS, [1, 25], strikes.forgetRedis, 3),
  plain('redis-full', REDIS, [1, 25], strikes.fillRedis, 4),
  plain('postgres-restarted', BOTH, [1, 20], strikes.restartPostgres, 3),
  plain('postgres-half-open', BOTH, [1, 20], strikes.halfOpenPostgres, 3),
  plain('commit-reply-lost', BOTH, [2, 100], strikes.loseCommitReplies, 6),
  plain('provider-reply-lost', BOTH, [5, 1_000], strikes.loseProviderReplies, 8, LARGE),
  plain('provider-5xx-storm', BOTH, [1, 50], strikes.storm, 8),
  plain('mail-trouble', BOTH, [2, 100], strikes.mailTrouble, 2),
  { name: 'limits', backends: BOTH, ci: 1, full: 50, run: limits },
  {
    name: 'clock-skewed',
    backends: REDIS,
    ci: 1,
    full: 200,
    run: async (trial) => {
      const { rig, dice } = trial;
      // Each of its own: what one leaves to the other must be understood there, and both by the API, whose clock is right.
      const skewed = async (worker: ProductProcess) => {
        const minutes = dice.pick([15, -15, 2_880, -2_880]);
        if (await worker.kill()) trial.count('worker-killed');
        await worker.start({ FAULTS_CLOCK_SKEW_MS: String(minutes * 60_000) });
        trial.count('clock-skewed');
        trial.count(`clock-skewed by ${minutes} min`);
      };
      await Promise.all(rig.workers.map(skewed));
      await trial.under(SMALL, CHANGES, async () => {
        await strikes.storm(trial);
        for (let left = trial.isShort ? 2 : 14; left > 0; left -= 1) await skewed((await trial.caughtAtWork()).worker);
      });
      await Promise.all(
        rig.workers.map(async (worker) => {
          await worker.kill();
          await worker.start();
        }),
      );
    },
  },
  {
    name: 'big-beside-small',
    backends: BOTH,
    ci: 1,
    full: 10,
    run: bigBesideSmall,
  },
];

function plain(
  name: string,
  backends: readonly Backend[],
  [ci, full]: readonly [number, number],
  strike: strikes.Strike,
  times: number,
  sizes = SMALL,
): Trial {
  const run = (trial: TrialRun) =>
    trial.under(trial.isShort ? SMALL : sizes, CHANGES, async () => {
      for (let left = trial.isShort ? Math.ceil(times / 6) : times; left > 0; left -= 1) await strike(trial);
    });
  return { name, backends, ci, full, run };
}

/** A whole school's evening is planned at once, and another school plans one teacher's. */
async function bigBesideSmall(trial: TrialRun): Promise<void> {
  const { rig, dice, scenes } = trial;
  // At a tenth of the timers a job's lock lasts three seconds: less than this process, with all wires in it, is busy then.
  const isWhole = !trial.isShort && rig.options.timerScale === 1;
  const big = { ...(isWhole ? { teachers: 40, slots: 5_000 } : { teachers: 8, slots: 120 }), providers: GOOGLE };
  const small = { teachers: 1, slots: 5, providers: GOOGLE };
  const a = await Scene.open(rig, dice, big);
  const b = await Scene.open(rig, dice, small);
  scenes.push(a, b);
  const made = (scene: Scene) => rig.product.live(...scene.accounts).length;
  await a.tellAtOnce(a.plan());
  await pause(500);
  const before = made(a);
  await b.tellAtOnce(b.plan());
  await growsTo(small.slots, () => made(b));
  const meanwhile = made(a) - before;
  trial.count('big-beside-small');
  trial.count('meetings of the big school while the small one waited', meanwhile);
  // At an equal pace of all accounts it is one for each of the small school's in each account; starved, it is all of them.
  if (meanwhile > big.teachers * small.slots * 2)
    trial.violations.push(`the small school waited for ${meanwhile} meetings of the big one`);
  await growsTo(big.slots, () => made(a));
  await trial.heal();
}

/** Waits until so many are made, for as long as there are ever more. */
async function growsTo(wanted: number, made: () => number): Promise<void> {
  let seen = made();
  for (let since = Date.now(); seen < wanted && Date.now() - since < 60_000;) {
    await pause(wanted > 100 ? 500 : 20);
    const now = made();
    if (now > seen) since = Date.now();
    seen = now;
  }
}

interface Limit {
  readonly provider: 'google' | 'microsoft';
  readonly fault: FaultRule['fault'];
  /** As it is sent, for a wish in seconds. */
  readonly retryAfter: (seconds: number) => number | string;
}

const LIMITS: Readonly<Record<string, Limit>> = {
  'google-403-rateLimitExceeded': { provider: 'google', fault: '403.rateLimitExceeded', retryAfter: Math.ceil },
  'google-403-userRateLimitExceeded': { provider: 'google', fault: '403.userRateLimitExceeded', retryAfter: Math.ceil },
  'google-429': { provider: 'google', fault: '429.rateLimitExceeded', retryAfter: Math.ceil },
  'graph-429-fraction': { provider: 'microsoft', fault: '429.TooManyRequests', retryAfter: (seconds) => seconds },
  'graph-429-date': {
    provider: 'microsoft',
    fault: '429.TooManyRequests',
    retryAfter: (seconds) => new Date(Date.now() + seconds * 1000).toUTCString(),
  },
};

/** One storm of each kind, each over a school of its own: no call of an account before its Retry-After is over. */
async function limits(trial: TrialRun): Promise<void> {
  const kinds = Object.entries(LIMITS);
  const seconds = kinds.map(() => trial.dice.between(15, 30) / 10);
  const sizes = kinds.map(([, { provider }]): SceneSize => ({
    teachers: 2,
    slots: 3,
    providers: [provider === 'google' ? 'google-meet' : 'microsoft-teams'],
    handsOff: true,
  }));
  const answers = new Map<string, number>();
  await trial.under(sizes, CHANGES, async () => {
    const { faults } = trial.rig.sandbox;
    for (let storms = trial.isShort ? 1 : 6; storms > 0; storms -= 1) {
      const refused = new Map<string, number>();
      for (let times = 8; times > 0; times -= 1) {
        // Anew each time: a date is soon in the past.
        faults.replace(
          kinds.flatMap(([name, { provider, fault, retryAfter }], place) =>
            trial.scenes[place]!.accounts.map((account) => ({
              id: `${name} ${account}`,
              match: { provider, operation: provider === 'google' ? 'events' : 'onlineMeetings', account },
              fault,
              rate: 0.5,
              retryAfter: retryAfter(seconds[place]!),
            })),
          ),
        );
        await pause(500);
        for (const [id, fired] of Object.entries(faults.fired())) {
          const name = id.split(' ')[0]!;
          refused.set(name, (refused.get(name) ?? 0) + fired);
        }
      }
      faults.clear();
      for (const [name, times] of refused) {
        if (times > 0) trial.count(`storms of ${name}`);
        answers.set(name, (answers.get(name) ?? 0) + times);
      }
      if (kinds.every(([name]) => (refused.get(name) ?? 0) > 0)) trial.count('limits');
      // What was held back is called again.
      await pause(3_000);
    }
  });
  for (const [place, [name, { fault, retryAfter }]] of kinds.entries()) {
    // A date has no fractions, and is some time old when it is sent.
    const waitMs = seconds[place]! * 1000 - (typeof retryAfter(1) === 'number' ? 0 : 1_500);
    trial.count(`${name} answers`, answers.get(name) ?? 0);
    trial.violations.push(...earlyCalls(trial.scenes[place]!, waitMs, (seen) => seen === fault));
  }
}
