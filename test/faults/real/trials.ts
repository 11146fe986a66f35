import type { FaultRule } from '../../../apps/sandbox/src/index.js';
import type { Backend } from '../../support/backends.js';
import { earlyCalls } from './check.js';
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
  plain('redis-away', REDIS, [1, 20], strikes.stopRedis),
  plain('redis-half-open', REDIS, [1, 20], strikes.halfOpenRedis),
  plain('redis-forgotten', REDIS, [1, 20], strikes.forgetRedis),
  plain('redis-full', REDIS, [1, 20], strikes.fillRedis),
  plain('postgres-restarted', BOTH, [1, 20], strikes.restartPostgres),
  plain('postgres-half-open', BOTH, [1, 20], strikes.halfOpenPostgres),
  plain('commit-reply-lost', BOTH, [2, 100], strikes.loseCommitReplies),
  plain('provider-reply-lost', BOTH, [5, 500], strikes.loseProviderReplies),
  plain('provider-5xx', BOTH, [5, 500], strikes.storm),
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
    proof: 'clock-skewed',
    ci: 1,
    full: 20,
    run: async (trial) => {
      const { rig, dice } = trial;
      const worker = dice.pick(rig.workers);
      const minutes = dice.pick([15, -15, 2_880, -2_880]);
      await worker.kill();
      await worker.start({ FAULTS_CLOCK_SKEW_MS: String(minutes * 60_000) });
      trial.count('clock-skewed');
      trial.count(`clock-skewed by ${minutes} min`);
      await trial.under(SMALL, async () => {
        await strikes.storm(trial);
        // What the skewed one leaves to the other must be understood there, and the other way round.
        const { worker: caught } = await trial.caughtAtWork();
        if (await caught.kill()) trial.count('worker-killed');
        if (caught !== worker) await caught.start();
      });
      if (worker.isAlive) await worker.kill();
      await worker.start();
    },
  },
  {
    name: 'big-beside-small',
    backends: BOTH,
    proof: 'big-beside-small',
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
  return { name, backends, proof: name, ci, full, run: (trial) => trial.under({ ...SMALL, ...more }, strike) };
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
  };
  const operation = provider === 'google' ? 'events' : 'onlineMeetings';
  return {
    name,
    backends: BOTH,
    proof: name,
    ci: 2,
    full: 100,
    run: async (trial) => {
      const seconds = trial.dice.between(15, 30) / 10;
      // A date has no fractions, and is some time old when it is sent.
      const waitMs = seconds * 1000 - (typeof retryAfter(seconds) === 'number' ? 0 : 1_500);
      await trial.under({ ...SMALL, ...size }, async () => {
        const { faults } = trial.rig.sandbox;
        for (let times = 6; times > 0; times -= 1) {
          faults.replace([
            { id: name, match: { provider, operation }, fault, rate: 0.3, retryAfter: retryAfter(seconds) },
          ]);
          await pause(500);
          trial.count(name, faults.fired()[name] ?? 0);
        }
        faults.clear();
      });
      for (const scene of trial.scenes) trial.violations.push(...earlyCalls(scene, waitMs, (seen) => seen === fault));
    },
  };
}
