import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Queue, Worker, type Job } from 'bullmq';
import { migrate } from '#libs/database';
import { QUEUES, queueConnection, type Jobs } from '#libs/messaging';
import { Metrics, StoreHealth, TIMERS, createLogger } from '#libs/platform';
import { carry, type JobQueue } from '../../apps/worker/src/relay/carry.js';
import { QueueWatch } from '../../apps/worker/src/upkeep/queue-watch.js';
import { anEvent } from '../factories/an-event.js';
import { backends, queueSettings } from '../support/backends.js';
import { until } from '../support/until.js';
import { World } from '../support/world.js';

// Real: Postgres, the queue (on Postgres, and on Redis), intake and the worker's step. Fake: providers, logins, the
// clock of everything but the queue.

type MeetingJob = Job<Jobs['settle-meeting']>;

describe.each(backends())('P2 a row that is due reaches its worker, with the queue on %s', (backend) => {
  let world: World;
  let queue: Queue;
  let worker: Worker | undefined;
  let connection: ReturnType<typeof queueConnection>;
  beforeEach(async () => {
    world = await World.open();
    await migrate(world.db.migrationUrl, world.db.url, QUEUES);
    world.visitors.set('p-7', 'anne');
    const settings = queueSettings(backend, world.db.url);
    connection = queueConnection({ ...settings, queuePrefix: `{${settings.queuePrefix}-${randomUUID().slice(0, 8)}}` });
    queue = new Queue('google-meet', connection);
    queue.on('error', () => undefined);
  });
  afterEach(async () => {
    await worker?.close();
    worker = undefined;
    await queue.close();
    await world.close();
  });

  const wanted = async (count = 1) => {
    const slots = Array.from({ length: count }, (_, slot) => `t-${slot + 1}`);
    for (const slot of slots)
      await world.take(anEvent().timeslot(slot).at('19:10').parents('p-1').wanting('google-meet'));
    return slots;
  };
  const step = (on: JobQueue = queue) =>
    carry({ database: world.db.database, clock: world.clock, timers: TIMERS, name: 'google-meet', queue: on });
  const work = (process: (job: MeetingJob) => Promise<string>) => {
    worker = new Worker('google-meet', process, { ...connection, concurrency: 5 });
    worker.on('error', () => undefined);
  };
  const settle = (job: MeetingJob) => world.settle(job.data.meetingId, job.attemptsMade);
  const left = async () => (await world.db.query('select 1 from dispatches where queue = $1', ['google-meet'])).length;
  const isDone = () => until('nothing is due any more', async () => (await left()) === 0);
  const waiting = () => queue.getJobCountByTypes('waiting', 'prioritized');
  const creates = () => world.google.calls.filter(({ operation }) => operation === 'create').length;

  it('is put on the queue, one at a time per account, and made once', async () => {
    const slots = await wanted(4);
    work(settle);
    await until('all are made', async () => {
      expect(await step()).toBeLessThanOrEqual(1);
      return (await left()) === 0;
    });
    expect(world.google.liveMeetings()).toHaveLength(slots.length);
    expect(creates()).toBe(slots.length);
  });

  it('is put on the queue again after the queue was wiped', async () => {
    await wanted();
    expect(await step()).toBe(1);
    await queue.drain(true);
    expect(await waiting()).toBe(0);
    expect(await step()).toBe(0);
    world.clock.pass(TIMERS.unclaimedMs);
    expect(await step()).toBe(1);
    work(settle);
    await isDone();
    expect(creates()).toBe(1);
  });

  it('runs again although its job failed for good', async () => {
    await wanted();
    await step();
    let fails = true;
    work((job) => (fails ? Promise.reject(new Error('the database went away')) : settle(job)));
    await until('its job failed for good', async () => (await queue.getFailedCount()) === 1);
    fails = false;
    world.clock.pass(TIMERS.unclaimedMs);
    await step();
    await isDone();
    expect(await queue.getFailedCount()).toBe(0);
    expect(creates()).toBe(1);
  });

  it('is one job however often it is taken while the queue is slow', async () => {
    await wanted();
    for (let minute = 0; minute < 4; minute += 1) {
      expect(await step()).toBe(1);
      world.clock.pass(TIMERS.unclaimedMs);
    }
    expect(await waiting()).toBe(1);
    work(settle);
    await isDone();
    expect(creates()).toBe(1);
  });

  it('begins no more jobs than a window allows, whatever the number of workers', async () => {
    let begun = 0;
    const limiter = { max: 4, duration: 3_600_000 };
    const workers = [1, 2, 3].map(() => {
      const one = new Worker('google-meet', () => Promise.resolve(void (begun += 1)), {
        ...connection,
        concurrency: 5,
        limiter,
      });
      one.on('error', () => undefined);
      return one;
    });
    await Promise.all(workers.map((one) => one.waitUntilReady()));
    await queue.addBulk(Array.from({ length: 12 }, () => ({ name: 'settle-meeting', data: {} })));
    await until('four have begun', () => begun === 4);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(begun).toBe(4);
    await Promise.all(workers.map((one) => one.close()));
  });

  it('stays with the worker that holds it', async () => {
    await wanted();
    await step();
    let go = () => undefined as void;
    let begun = 0;
    const mayGo = new Promise<void>((resolve) => (go = resolve));
    work(async (job) => {
      begun += 1;
      await mayGo;
      return settle(job);
    });
    await until('a worker holds it', () => begun === 1);
    world.clock.pass(TIMERS.unclaimedMs);
    expect(await step()).toBe(1);
    go();
    await isDone();
    expect(begun).toBe(1);
    expect(creates()).toBe(1);
  });

  it('is given back at once by a queue that does not take it', async () => {
    await wanted();
    const away: JobQueue = { addBulk: () => Promise.reject(new Error('away')), remove: () => Promise.resolve(0) };
    await expect(step(away)).rejects.toMatchObject({ cause: { message: expect.stringContaining('away') } });
    expect(await step()).toBe(0);
    world.clock.pass(2_000);
    expect(await step()).toBe(1);
  });

  it('is not doubled by a queue that took it and did not say so', async () => {
    await wanted();
    const half: JobQueue = {
      addBulk: async (jobs) => {
        await queue.addBulk(jobs);
        throw new Error('no answer');
      },
      remove: () => Promise.resolve(0),
    };
    await expect(step(half)).rejects.toMatchObject({ cause: { message: expect.stringContaining('no answer') } });
    world.clock.pass(2_000);
    await step();
    expect(await waiting()).toBe(1);
    work(settle);
    await isDone();
    expect(creates()).toBe(1);
  });

  it('is worked by a new worker when this process’s own fell silent', async () => {
    const timers = { ...TIMERS, unclaimedMs: 200 };
    const logger = createLogger('queue-watch');
    const { clock } = world;
    const metrics = new Metrics();
    const store = new StoreHealth('redis', logger);
    const silent = async (name: string) => {
      const one = new Worker(name, () => Promise.reject(new Error('gone')), { ...connection, concurrency: 5 });
      one.on('error', () => undefined);
      await one.waitUntilReady();
      await one.close();
      const process = (job: MeetingJob) => settle(job);
      return { worker: one, process };
    };
    const hosts = Object.fromEntries(
      await Promise.all(QUEUES.map(async (name) => [name, await silent(name)] as const)),
    ) as unknown as ConstructorParameters<typeof QueueWatch>[1];
    const watch = new QueueWatch(
      { database: world.db.database, clock, timers, metrics, logger, postgres: store, queueStore: store },
      hosts,
    );
    try {
      await wanted();
      expect(await watch.look()).toEqual([]);
      await step();
      const replaced = await until('the silence is noticed', async () => {
        const names = await watch.look();
        return names.length > 0 && names;
      });
      expect(replaced).toEqual(['google-meet']);
      await isDone();
      expect(creates()).toBe(1);
      expect(await metrics.silentQueues.get()).toMatchObject({
        values: [{ labels: { queue: 'google-meet' }, value: 1 }],
      });
      expect(await watch.look()).toEqual([]);
    } finally {
      await watch.stop();
    }
  });
});
