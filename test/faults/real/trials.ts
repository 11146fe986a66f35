import type { FaultRule } from '../../../apps/sandbox/src/index.js';
import { TIMERS } from '#libs/platform';
import { earlyCalls } from './check.js';
import { Scene } from './scene.js';
import { pause, type Trial, type TrialRun } from './trial.js';

const SMALL = { schools: 2, teachers: 2, slots: 4, changes: 5 };
const BOTH = ['redis', 'postgres'] as const;

const claimMs = ({ rig }: TrialRun) => TIMERS.claimMs * rig.options.timerScale;

/** Every way in which something that we stand on, or we ourselves, can fail. */
export const TRIALS: readonly Trial[] = [
  {
    name: 'worker-killed',
    backends: BOTH,
    proof: 'worker-killed',
    ci: 2,
    full: 200,
    run: (trial) =>
      trial.under(SMALL, async () => {
        for (let kills = trial.dice.between(1, 2); kills > 0; kills -= 1) {
          const { worker, inHand } = await trial.caughtAtWork();
          if (await worker.kill()) trial.count('worker-killed');
          if (inHand) trial.count(`worker-killed with ${inHand} in hand`);
          await worker.start();
        }
      }),
  },
  {
    name: 'worker-frozen',
    backends: BOTH,
    proof: 'worker-frozen',
    ci: 2,
    full: 100,
    run: (trial) =>
      trial.under({ ...SMALL, changes: 8 }, async () => {
        const { worker, inHand } = await trial.caughtAtWork();
        worker.freeze();
        trial.count('worker-frozen');
        if (inHand && worker.wires[inHand as 'mail'].awaiting > 0) trial.count(`worker-frozen with ${inHand} in hand`);
        await pause(claimMs(trial) * (1.1 + trial.dice.number(10) / 10));
        const lost = await worker.counted('conferences_meetings_settled_total', 'claim-lost');
        worker.thaw();
        await pause(500);
        const more = (await worker.counted('conferences_meetings_settled_total', 'claim-lost')) - lost;
        if (more > 0) trial.count('claims lost by a frozen worker', more);
      }),
  },
  {
    name: 'api-killed',
    backends: ['redis'],
    proof: 'api-killed',
    ci: 2,
    full: 100,
    run: (trial) =>
      trial.under({ ...SMALL, changes: 12 }, async () => {
        const { api } = trial.rig;
        for (let kills = 2; kills > 0; kills -= 1) {
          let inHand = false;
          for (let look = 0; look < 400 && !inHand; look += 1) {
            inHand = api.wires.database.awaiting > 0;
            if (!inHand) await pause(2);
          }
          if (await api.kill()) trial.count('api-killed');
          if (inHand) trial.count('api-killed in the midst of a transaction');
          await api.start();
          await pause(trial.dice.number(600));
        }
      }),
  },
  {
    name: 'redis-flushed',
    backends: ['redis'],
    proof: 'redis-flushed',
    ci: 1,
    full: 30,
    run: (trial) =>
      trial.under(SMALL, async () => {
        await trial.caughtAtWork();
        await trial.rig.redisDo('FLUSHALL');
        trial.count('redis-flushed');
      }),
  },
  {
    name: 'redis-away',
    backends: ['redis'],
    proof: 'redis-away',
    ci: 1,
    full: 20,
    run: (trial) =>
      trial.under(SMALL, async () => {
        const { rig, dice } = trial;
        await trial.caughtAtWork();
        await rig.redis.stop();
        trial.count('redis-away');
        await pause(dice.number(4_000));
        await rig.restartRedis();
      }),
  },
  {
    name: 'redis-half-open',
    backends: ['redis'],
    proof: 'redis-half-open',
    ci: 1,
    full: 20,
    run: (trial) =>
      trial.under(SMALL, async () => {
        const { rig, dice } = trial;
        const { worker } = await trial.caughtAtWork();
        trial.count('redis-half-open');
        const forMs = dice.between(1_000, 8_000);
        if (dice.chance(0.5)) {
          rig.redis.signal('SIGSTOP');
          await pause(forMs);
          rig.redis.signal('SIGCONT');
          return;
        }
        const wire = worker.wires.redis!;
        wire.stall(dice.pick(['both', 'to-client', 'to-server']));
        await pause(forMs);
        if (dice.chance(0.5)) wire.cut();
        wire.pass();
      }),
  },
  {
    name: 'redis-full',
    backends: ['redis'],
    proof: 'redis-full',
    ci: 1,
    full: 20,
    run: (trial) =>
      trial.under(SMALL, async () => {
        await trial.rig.redisDo('CONFIG', 'SET', 'maxmemory', '1');
        trial.count('redis-full');
        await pause(trial.dice.between(1_000, 5_000));
        await trial.rig.redisDo('CONFIG', 'SET', 'maxmemory', '0');
      }),
  },
  {
    name: 'postgres-restarted',
    backends: BOTH,
    proof: 'postgres-restarted',
    ci: 1,
    full: 20,
    run: (trial) =>
      trial.under(SMALL, async () => {
        await trial.caughtAtWork();
        const how = trial.dice.pick(['fast', 'immediate'] as const);
        await trial.rig.postgres.restart(how);
        trial.count('postgres-restarted');
        trial.count(`postgres-restarted ${how}`);
      }),
  },
  {
    name: 'postgres-half-open',
    backends: BOTH,
    proof: 'postgres-half-open',
    ci: 1,
    full: 20,
    run: (trial) =>
      trial.under(SMALL, async () => {
        const { rig, dice } = trial;
        await trial.caughtAtWork();
        const { wires } = dice.pick(rig.processes);
        wires.database.stall(dice.pick(['both', 'to-client', 'to-server']));
        trial.count('postgres-half-open');
        await pause(dice.between(500, 6_000));
        if (dice.chance(0.5)) wires.database.cut();
        wires.database.pass();
      }),
  },
  {
    name: 'commit-reply-lost',
    backends: BOTH,
    proof: 'commit-reply-lost',
    ci: 2,
    full: 100,
    run: (trial) =>
      trial.under(SMALL, async () => {
        const { rig, dice } = trial;
        const wires = rig.processes.map((one) => one.wires.database);
        const before = wires.map((wire) => wire.done.commitRepliesLost);
        for (let times = 3; times > 0; times -= 1) {
          await pause(dice.number(500));
          dice.pick(wires).loseCommitReplies(dice.between(1, 2));
        }
        await pause(1_500);
        trial.count(
          'commit-reply-lost',
          wires.reduce((sum, wire, place) => sum + wire.done.commitRepliesLost - before[place]!, 0),
        );
      }),
  },
  {
    name: 'provider-reply-lost',
    backends: BOTH,
    proof: 'provider-reply-lost',
    ci: 10,
    full: 500,
    run: (trial) =>
      trial.under(SMALL, () => {
        const fault = trial.dice.pick(['reset', 'silence', 'html.502', 'html.503'] as const);
        return withRules(trial, 'provider-reply-lost', 4_000, [
          { id: 'reply lost', fault, rate: 0.4, afterEffect: true, match: { provider: 'google', operation: 'events' } },
          {
            id: 'place lost',
            fault,
            rate: 0.4,
            afterEffect: true,
            match: { provider: 'google', operation: 'calendars' },
          },
          {
            id: 'Teams reply lost',
            fault,
            rate: 0.4,
            afterEffect: true,
            match: { provider: 'microsoft', operation: 'onlineMeetings' },
          },
        ]);
      }),
  },
  {
    name: 'provider-storm',
    backends: BOTH,
    proof: 'provider-5xx',
    ci: 10,
    full: 500,
    run: (trial) =>
      trial.under(SMALL, () =>
        withRules(trial, 'provider-5xx', 4_000, [
          ...(['500.backendError', '503.backendError'] as const).map((fault) => ({
            id: `Google ${fault}`,
            fault,
            rate: 0.15,
            match: { provider: 'google', operation: 'events' } as const,
          })),
          ...(['503.ServiceUnavailable', '504.GatewayTimeout'] as const).map((fault) => ({
            id: `Graph ${fault}`,
            fault,
            rate: 0.15,
            match: { provider: 'microsoft', operation: 'onlineMeetings' } as const,
          })),
        ]),
      ),
  },
  ...(['403.rateLimitExceeded', '403.userRateLimitExceeded', '429.rateLimitExceeded'] as const).map((fault) =>
    limitTrial(`google-${fault}`, { provider: 'google', operation: 'events' }, fault, (seconds) => Math.ceil(seconds)),
  ),
  limitTrial(
    'graph-429-fraction',
    { provider: 'microsoft', operation: 'onlineMeetings' },
    '429.TooManyRequests',
    (seconds) => seconds,
  ),
  limitTrial(
    'graph-429-date',
    { provider: 'microsoft', operation: 'onlineMeetings' },
    '429.TooManyRequests',
    (seconds) => new Date(Date.now() + seconds * 1000).toUTCString(),
  ),
  {
    name: 'mail-trouble',
    backends: BOTH,
    proof: 'mail-trouble',
    ci: 2,
    full: 100,
    run: (trial) =>
      trial.under(SMALL, () =>
        withRules(trial, 'mail-trouble', 4_000, [
          { id: 'busy', fault: 'smtp.451', rate: 0.2 },
          { id: 'dropped', fault: 'smtp.drop', rate: 0.2 },
          { id: 'reply lost', fault: 'smtp.drop', rate: 0.2, afterEffect: true },
        ]),
      ),
  },
  {
    name: 'clock-skewed',
    backends: ['redis'],
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
        await withRules(trial, 'provider-5xx', 1_500, [
          { id: 'storm', fault: '503.backendError', rate: 0.3, match: { provider: 'google', operation: 'events' } },
          {
            id: 'Teams storm',
            fault: '503.ServiceUnavailable',
            rate: 0.3,
            match: { provider: 'microsoft', operation: 'onlineMeetings' },
          },
        ]);
        // The other worker alone, then both: what the skewed one left must be understood.
        if (dice.chance(0.5)) {
          const { worker: caught } = await trial.caughtAtWork();
          if (await caught.kill()) trial.count('worker-killed');
          if (caught !== worker) await caught.start();
        }
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
      scenes.push(await Scene.open(rig, dice, big), await Scene.open(rig, dice, small));
      const [a, b] = [scenes[0]!, scenes[1]!];
      await a.tellAtOnce(a.plan());
      await pause(500);
      await b.tellAtOnce(b.plan());
      const made = (accounts: string[]) => rig.product.live(...accounts).length;
      const until = Date.now() + 60_000;
      while (made(b.accounts) < small.slots && Date.now() < until) await pause(20);
      const madeOfBig = made(a.accounts);
      trial.count('big-beside-small');
      // One after the other at the same pace would have made a third of the big school's; starved, all of it.
      trial.count('meetings of the big school before the small one was done', madeOfBig);
      if (madeOfBig > big.slots * 0.7)
        trial.violations.push(`the small school waited for ${madeOfBig} meetings of the big one`);
      // What was made is asked for at the visits: so many calls take their time.
      await trial.heal(60_000);
    },
  },
];

/** Rules of the sandbox for a while; what fired is counted. */
async function withRules(trial: TrialRun, kind: string, forMs: number, rules: readonly FaultRule[]): Promise<void> {
  const { faults } = trial.rig.sandbox;
  faults.replace(rules);
  await pause(forMs);
  trial.count(
    kind,
    Object.values(faults.fired()).reduce((sum, fired) => sum + fired, 0),
  );
  faults.clear();
}

function limitTrial(
  name: string,
  match: NonNullable<FaultRule['match']>,
  fault: FaultRule['fault'],
  retryAfter: (seconds: number) => number | string,
): Trial {
  return {
    name,
    backends: BOTH,
    proof: name,
    ci: 2,
    full: 100,
    run: async (trial) => {
      const seconds = trial.dice.between(10, 30) / 10;
      const wait = retryAfter(seconds);
      // A date has no fractions, and is some time old when it is sent.
      const waitMs = seconds * 1000 - (typeof wait === 'number' ? 0 : 1_500);
      await trial.under(
        { ...SMALL, providers: [match.provider === 'google' ? 'google-meet' : 'microsoft-teams'] },
        async () => {
          const { faults } = trial.rig.sandbox;
          const until = Date.now() + 3_000;
          while (Date.now() < until) {
            const again = retryAfter(seconds);
            faults.replace([{ id: name, match, fault, rate: 0.3, retryAfter: again }]);
            await pause(500);
            trial.count(name, faults.fired()[name] ?? 0);
          }
          faults.clear();
        },
      );
      if (waitMs > 0)
        for (const scene of trial.scenes) trial.violations.push(...earlyCalls(scene, waitMs, (seen) => seen === fault));
    },
  };
}
