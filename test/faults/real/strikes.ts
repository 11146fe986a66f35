import type { FaultRule } from '../../../apps/sandbox/src/index.js';
import { TIMERS } from '#libs/platform';
import { pause, type TrialRun } from './trial.js';

/** What strikes while schools plan. Each leaves everything running again but for what `calm` repairs. */
export type Strike = (trial: TrialRun) => Promise<void>;

export const killWorkers: Strike = async (trial) => {
  for (let kills = trial.dice.between(1, 2); kills > 0; kills -= 1) {
    const { worker, inHand } = await trial.caughtAtWork();
    if (await worker.kill()) trial.count('worker-killed');
    if (inHand) trial.count(`worker-killed with ${inHand} in hand`);
    await worker.start();
  }
};

/** Longer than its claims: another worker takes over, and what the frozen one says late must do no harm. */
export const freezeWorker: Strike = async (trial) => {
  const { worker, inHand } = await trial.caughtAtWork();
  worker.freeze();
  trial.count('worker-frozen');
  if (inHand && worker.wires[inHand].awaiting > 0) trial.count(`worker-frozen with ${inHand} in hand`);
  const claimMs = TIMERS.claimMs * trial.rig.options.timerScale;
  await pause(claimMs * (1.1 + trial.dice.number(10) / 10));
  worker.thaw();
  await pause(500);
  const lost = await worker.counted('conferences_meetings_settled_total', 'claim-lost');
  if (lost > 0) trial.count('a frozen worker lost its claim');
};

/** In the midst of a transaction of the intake, as far as it can be caught there. */
export const killApi: Strike = async (trial) => {
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
    // Some events get through meanwhile, and visits.
    await pause(trial.dice.between(500, 3_000));
  }
};

export const flushRedis: Strike = async (trial) => {
  await trial.caughtAtWork();
  await trial.rig.redisDo('FLUSHALL');
  trial.count('redis-flushed');
};

/** It comes back empty. */
export const stopRedis: Strike = async (trial) => {
  const { rig, dice } = trial;
  await trial.caughtAtWork();
  await rig.redis.stop();
  trial.count('redis-away');
  await pause(dice.number(4_000));
  await rig.restartRedis();
};

/** All of Redis, or one worker's wire to it; the wire may be cut afterwards. */
export const halfOpenRedis: Strike = async (trial) => {
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
};

/** The only worker's connections hang for good, and nobody tells it: it must notice by itself. */
export const forgetRedis: Strike = async (trial) => {
  const { worker } = await trial.caughtAtWork();
  const others = trial.rig.workers.filter((one) => one !== worker);
  const before = await worker.counted('conferences_silent_queues_total');
  await Promise.all(others.map((other) => other.kill()));
  worker.wires.redis!.forget();
  trial.count('redis-forgotten');
  await pause(TIMERS.unclaimedMs * trial.rig.options.timerScale * 3);
  const replaced = (await worker.counted('conferences_silent_queues_total')) - before;
  if (replaced > 0) trial.count('silent queue workers replaced', replaced);
  await Promise.all(others.map((other) => other.start()));
};

export const fillRedis: Strike = async (trial) => {
  await trial.rig.redisDo('CONFIG', 'SET', 'maxmemory', '1');
  trial.count('redis-full');
  await pause(trial.dice.between(1_000, 5_000));
  await trial.rig.redisDo('CONFIG', 'SET', 'maxmemory', '0');
};

export const restartPostgres: Strike = async (trial) => {
  await trial.caughtAtWork();
  const how = trial.dice.pick(['fast', 'immediate'] as const);
  await trial.rig.postgres.restart(how);
  trial.count('postgres-restarted');
  trial.count(`postgres-restarted ${how}`);
};

export const halfOpenPostgres: Strike = async (trial) => {
  const { rig, dice } = trial;
  await trial.caughtAtWork();
  const { database } = dice.pick(rig.processes).wires;
  database.stall(dice.pick(['both', 'to-client', 'to-server']));
  trial.count('postgres-half-open');
  await pause(dice.between(500, 6_000));
  if (dice.chance(0.5)) database.cut();
  database.pass();
};

/** The transaction happened, and who asked for it does not know. */
export const loseCommitReplies: Strike = async (trial) => {
  const { rig, dice } = trial;
  const wires = rig.processes.map((one) => one.wires.database);
  const lost = () => wires.reduce((sum, wire) => sum + wire.done.commitRepliesLost, 0);
  const before = lost();
  for (let times = 3; times > 0; times -= 1) {
    await pause(dice.number(500));
    dice.pick(wires).loseCommitReplies(dice.between(1, 2));
  }
  await pause(1_500);
  trial.count('commit-reply-lost', lost() - before);
};

/** The provider did it, and nobody hears of it. What was only read is not counted: there a lost reply has no effect. */
export const loseProviderReplies: Strike = async (trial) => {
  const fault = trial.dice.pick(['reset', 'silence', 'html.502', 'html.503'] as const);
  const lost = { fault, rate: 0.5, afterEffect: true };
  const { requests } = trial.rig.sandbox.ledger;
  const before = requests.length;
  await withRules(trial, 'provider replies lost, those of reads too', 4_000, [
    { id: 'event', ...lost, match: { provider: 'google', operation: 'events' } },
    { id: 'calendar', ...lost, match: { provider: 'google', operation: 'calendars' } },
    { id: 'Teams', ...lost, match: { provider: 'microsoft', operation: 'onlineMeetings' } },
  ]);
  const written = requests.slice(before).filter((request) => request.fault === fault && request.method !== 'GET');
  trial.count('provider-reply-lost', written.length);
};

/** Three in ten calls are answered with 5xx. */
export const storm: Strike = async (trial) => {
  const answers = await withRules(trial, 'provider-5xx', 4_000, [
    ...(['500.backendError', '503.backendError'] as const).map((fault) => ({
      id: `Google ${fault}`,
      fault,
      rate: 0.16,
      match: { provider: 'google', operation: 'events' } as const,
    })),
    ...(['503.ServiceUnavailable', '504.GatewayTimeout'] as const).map((fault) => ({
      id: `Graph ${fault}`,
      fault,
      rate: 0.16,
      match: { provider: 'microsoft', operation: 'onlineMeetings' } as const,
    })),
  ]);
  if (answers > 0) trial.count('provider-5xx-storm');
};

export const mailTrouble: Strike = async (trial) => {
  await withRules(trial, 'mail-trouble', 4_000, [
    { id: 'busy', fault: 'smtp.451', rate: 0.2 },
    { id: 'dropped', fault: 'smtp.drop', rate: 0.2 },
    { id: 'reply lost', fault: 'smtp.drop', rate: 0.2, afterEffect: true },
  ]);
};

/** Rules of the sandbox for a while; what fired is counted. @returns how often */
async function withRules(trial: TrialRun, kind: string, forMs: number, rules: readonly FaultRule[]): Promise<number> {
  const { faults } = trial.rig.sandbox;
  faults.replace(rules);
  await pause(forMs);
  const fired = Object.values(faults.fired()).reduce((sum, times) => sum + times, 0);
  trial.count(kind, fired);
  faults.clear();
  return fired;
}
