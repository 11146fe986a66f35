import type { FaultRule } from '../../../apps/sandbox/src/index.js';
import type { Backend } from '../../support/backends.js';
import { earlyCalls } from './check.js';
import type { ProductProcess } from './product-process.js';
import { Scene, type SceneSize } from './scene.js';
import * as strikes from './strikes.js';
import { pause, type Trial } from './trial.js';

export const SMALL = { schools: 2, teachers: 2, slots: 4, changes: 5 };

const BOTH: readonly Backend[] = ['redis', 'postgres'];
const REDIS: readonly Backend[] = ['redis'];

/** Every way in which something that we stand on, or we ourselves, can fail. */
export const TRIALS: readonly Trial[] = [
  plain('worker-killed', BOTH, [2, 200], strikes.killWorkers),
  plain('worker-frozen', BOTH, [2, 100], strikes.freezeWorker, { changes: 8 }),
  plain('api-killed', REDIS, [2, 100], strikes.killApi, { changes: 12 }),
  plain('redis-flushed', REDIS, [1, 30], strikes.flushRedis),
  plain('redis-away', REDIS, [1, 25], strikes.stopRedis),
  plain('redis-half-open', REDIS, [1, 25], strikes.halfOpenRedis),
  plain('redis-forgotten', REDIS, [1, 25], strikes.forgetRedis),
  plain('redis-full', REDIS, [1, 25], strikes.fillRedis),
  plain('postgres-restarted', BOTH, [1, 20], strikes.restartPostgres),
  plain('postgres-half-open', BOTH, [1, 20], strikes.halfOpenPostgres),
  plain('commit-reply-lost', BOTH, [2, 100], strikes.loseCommitReplies),
  plain('provider-reply-lost', BOTH, [5, 1_000], strikes.loseProviderReplies),
  plain('provider-5xx-storm', BOTH, [1, 50], strikes.storm),
  plain('mail-trouble', BOTH, [2, 100], strikes.mailTrouble),
  limited('google-403-rateLimitExceeded', 'google', '403.rateLimitExceeded', Math.ceil),
  limited('google-403-userRateLimitExceeded', 'google', '403.userRateLimitExceeded', Math.ceil),
  limited('google-429', 'google', '429.rateLimitExceeded', Math.ceil),
  limited('graph-429-fraction', 'microsoft', '429.TooManyRequests', (seconds) => seconds),
  limited('graph-429-date', 'microsoft', '429.TooManyRequests', (seconds) =>
    new Date(Date.now() + seconds * 1000).toUTCString(),
  ),
  {
    name: 'clock-skewed',
    backends: REDIS,
    ci: 1,
    full: 200,
    run: async (trial) => {
      const { rig, dice } = trial;
      // Each of its own: what one leaves to the other must be understood there, and both by the API, whose clock is right.
      const skews = new Map(rig.workers.map((worker) => [worker, dice.pick([15, -15, 2_880, -2_880])]));
      const skewed = async (worker: ProductProcess) => {
        await worker.kill();
        await worker.start({ FAULTS_CLOCK_SKEW_MS: String(skews.get(worker)! * 60_000) });
      };
      await Promise.all(rig.workers.map(skewed));
      for (const minutes of skews.values()) {
        trial.count('clock-skewed');
        trial.count(`clock-skewed by ${minutes} min`);
      }
      await trial.under(SMALL, async () => {
        await strikes.storm(trial);
        const { worker } = await trial.caughtAtWork();
        trial.count('worker-killed');
        await skewed(worker);
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
    run: async (trial) => {
      const big = { teachers: 8, slots: 120, providers: ['google-meet'] as const };
      const small = { teachers: 1, slots: 5, providers: ['google-meet'] as const };
      const { rig, dice, scenes } = trial;
      const a = await Scene.open(rig, dice, big);
      const b = await Scene.open(rig, dice, small);
      scenes.push(a, b);
      const made = (scene: Scene) => rig.product.live(...scene.accounts).length;
      await a.tellAtOnce(a.plan());
      await pause(500);
      await b.tellAtOnce(b.plan());
      const until = Date.now() + 60_000;
      while (made(b) < small.slots && Date.now() < until) await pause(20);
      const madeOfBig = made(a);
      trial.count('big-beside-small');
      trial.count('meetings of the big school when the small one was done', madeOfBig);
      // At an equal pace of all accounts it is about a third; starved, it is all of them.
      if (madeOfBig > big.slots * 0.7)
        trial.violations.push(`the small school waited for ${madeOfBig} meetings of the big one`);
      await trial.heal();
    },
  },
];

function plain(
  name: string,
  backends: readonly Backend[],
  [ci, full]: readonly [number, number],
  strike: strikes.Strike,
  more: { changes?: number } = {},
): Trial {
  return { name, backends, ci, full, run: (trial) => trial.under({ ...SMALL, ...more }, strike) };
}

/** No call of the account before its Retry-After is over. */
function limited(
  name: string,
  provider: 'google' | 'microsoft',
  fault: FaultRule['fault'],
  retryAfter: (seconds: number) => number | string,
): Trial {
  const size: SceneSize = {
    teachers: SMALL.teachers,
    slots: SMALL.slots,
    providers: [provider === 'google' ? 'google-meet' : 'microsoft-teams'],
    handsOff: true,
  };
  const operation = provider === 'google' ? 'events' : 'onlineMeetings';
  return {
    name,
    backends: BOTH,
    ci: 1,
    full: 50,
    run: async (trial) => {
      const seconds = trial.dice.between(15, 30) / 10;
      // A date has no fractions, and is some time old when it is sent.
      const waitMs = seconds * 1000 - (typeof retryAfter(seconds) === 'number' ? 0 : 1_500);
      let refused = 0;
      await trial.under({ ...SMALL, ...size }, async () => {
        const { faults } = trial.rig.sandbox;
        for (let times = 6; times > 0; times -= 1) {
          faults.replace([
            { id: name, match: { provider, operation }, fault, rate: 0.3, retryAfter: retryAfter(seconds) },
          ]);
          await pause(500);
          refused += faults.fired()[name] ?? 0;
        }
        faults.clear();
      });
      if (refused > 0) trial.count(name);
      trial.count(`${name} answers`, refused);
      for (const scene of trial.scenes) trial.violations.push(...earlyCalls(scene, waitMs, (seen) => seen === fault));
    },
  };
}
