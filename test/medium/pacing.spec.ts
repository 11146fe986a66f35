import type { Job } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret } from '#libs/encryption';
import { nextDueAt, takeDue, type Jobs } from '#libs/messaging';
import { Metrics, TIMERS, createLogger } from '#libs/platform';
import { FakeProvider, ProviderError, providersFrom, type ProviderName } from '#libs/providers';
import { startSandbox, type FaultName, type Sandbox } from '../../apps/sandbox/src/index.js';
import type { WorkerCore } from '../../apps/worker/src/core.js';
import { SettleMeeting } from '../../apps/worker/src/meetings/settle-meeting.js';
import { admitted } from '../../apps/worker/src/pacing/admitted.js';
import { ProviderPacing } from '../../apps/worker/src/pacing/provider-pacing.js';
import { carry, type CarriedJob } from '../../apps/worker/src/relay/carry.js';
import { anEvent } from '../factories/an-event.js';
import { World } from '../support/world.js';

// Real: Postgres, the adapters, HTTP, the worker's step. Fake: Google and Microsoft (the sandbox), the clock.

const EMAIL = 'anne@regenboog.example';
const LIMITS: [ProviderName, FaultName][] = [
  ['google-meet', '403.userRateLimitExceeded'],
  ['google-meet', '403.rateLimitExceeded'],
  ['google-meet', '429.rateLimitExceeded'],
  ['microsoft-teams', '429.TooManyRequests'],
];

let world: World;
beforeEach(async () => {
  world = await World.open();
  world.visitors.set('p-7', 'anne');
});
afterEach(() => world.close());

const later = (milliseconds: number) => new Date(world.clock.now().getTime() + milliseconds);
const wanting = (provider: ProviderName, timeslot = 't-1') =>
  world.take(anEvent().timeslot(timeslot).at('19:10').parents('p-1').wanting(provider));
const takeAt = (provider: ProviderName, now: Date) =>
  world.db.database.transaction([], (em) => takeDue(em, provider, now, 10, TIMERS.unclaimedMs));

describe.each(LIMITS)('P10 from the answer of %s (%s) to the next call', (provider, fault) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  afterAll(() => sandbox.close());

  const settleLimited = async (retryAfter: number | string | undefined, by: FaultName = fault) => {
    const google = provider === 'google-meet';
    const { accessToken } = (google ? sandbox.google : sandbox.microsoft).grant({ email: EMAIL });
    const lease = { account: { subject: 'anne', email: EMAIL }, accessToken: new Secret(accessToken) };
    const settling = new SettleMeeting({
      meetings: world.work,
      clock: world.clock,
      timers: TIMERS,
      leases: { borrow: () => lease, withdraw: () => undefined },
      providers: providersFrom(
        {
          google: {
            apiUrl: sandbox.settings['GOOGLE_API_URL']!,
            scope: 'https://www.googleapis.com/auth/calendar.app.created',
          },
          microsoft: { graphUrl: sandbox.settings['GRAPH_URL']! },
        },
        world.clock.now,
      ),
      metrics: new Metrics(),
      logger: createLogger('test', 'silent'),
    } as unknown as WorkerCore);
    sandbox.faults.replace([{ id: 'limit', fault: by, ...(retryAfter !== undefined && { retryAfter }) }]);
    await wanting(provider);
    await wanting(provider, 't-2');
    const [row] = await takeAt(provider, world.clock.now());
    return settling.process({ data: { meetingId: row!.subjectId }, attemptsMade: 0 } as Job<Jobs['settle-meeting']>);
  };
  const comesAt = async (milliseconds: number) => {
    expect(await nextDueAt(world.db.database.unscoped(), provider)).toEqual(later(milliseconds));
    expect(await takeAt(provider, later(milliseconds - 1))).toEqual([]);
    expect(await takeAt(provider, later(milliseconds))).toHaveLength(1);
  };

  it.each([
    ['seconds', 7, 7_000],
    ['a fraction', '2.128', 2_128],
    ['less than a second: rests one', '0.2', 1_000],
    ['zero: rests a second', 0, 1_000],
    ['negative: rests a second', '-5', 1_000],
    ['garbage: as without one', 'soon', 15_000],
    ['more than a day: a day', 999_999_999, 86_400_000],
  ])('%s', async (_, retryAfter, waits) => {
    expect(await settleLimited(retryAfter)).toBe('rate-limited');
    await comesAt(waits);
  });

  it('an HTTP date', async () => {
    expect(await settleLimited(later(90_000).toUTCString())).toBe('rate-limited');
    await comesAt(90_000 - (world.clock.now().getTime() % 1_000));
  });

  it('a 503 that says when: the account waits as a whole', async () => {
    await settleLimited('40', provider === 'google-meet' ? '503.backendError' : '503.ServiceUnavailable');
    expect(await takeAt(provider, later(39_999))).toEqual([]);
    expect(await takeAt(provider, later(40_000 + 60_000))).toHaveLength(1);
  });
});

describe('P10 workers leave a provider alone together', () => {
  const provider = 'google-meet' as const;
  const aWorker = () => {
    const pacing = new ProviderPacing({
      database: world.db.database,
      clock: world.clock,
      metrics: new Metrics(),
      logger: createLogger('test', 'silent'),
    });
    const fake = new FakeProvider(provider);
    const { [provider]: watched } = pacing.watch({ 'google-meet': fake, 'microsoft-teams': world.teams });
    const call = (account: Secret, error: ProviderError | null) => {
      if (error) fake.script('openPlace', { kind: 'error', error });
      const access = { accessToken: account, signal: AbortSignal.timeout(1_000) };
      return watched.openPlace(access, { title: 'x', timeZone: 'UTC' }).catch(() => null);
    };
    return { pacing, call };
  };
  const accounts = Array.from({ length: 20 }, (_, n) => new Secret(`account-${n}`));
  const down = new ProviderError('unavailable', 'server-error');
  const carried = async () => {
    const jobs: CarriedJob[] = [];
    const queue = {
      addBulk: (more: CarriedJob[]) => Promise.resolve(jobs.push(...more)),
      remove: () => Promise.resolve(),
    };
    await carry({ database: world.db.database, clock: world.clock, timers: TIMERS, name: provider, queue });
    return jobs;
  };

  it('one finds it away, the other stops too, what was on the queue goes back, probes open it again', async () => {
    const [one, other] = [aWorker(), aWorker()];
    await wanting(provider);
    const [job] = await carried();
    for (const account of accounts) await one.call(account, down);
    expect(one.pacing.rests(provider)).toBe(true);
    expect(one.pacing.rests('microsoft-teams')).toBe(false);
    expect(other.pacing.rests(provider)).toBe(false);
    await other.pacing.look();
    expect(other.pacing.rests(provider)).toBe(true);

    const core = { database: world.db.database, clock: world.clock, pacing: other.pacing };
    const onQueue = { id: job!.opts.jobId, data: job!.data as { meetingId: string }, attemptsMade: 0 };
    expect(await admitted(core, provider, onQueue, () => Promise.resolve('worked'))).toBe('resting');
    expect(await carried()).toEqual([]);
    world.clock.pass(5_000);
    const [again] = await carried();
    expect(again!.data).toEqual(job!.data);
    expect(await admitted(core, provider, onQueue, () => Promise.resolve('worked'))).toBe('worked');

    await other.call(accounts[0]!, null);
    await other.call(accounts[1]!, null);
    expect(await world.db.query('select probes, why from pauses where scope = $1', [provider])).toEqual([
      { probes: null, why: null },
    ]);
    await one.pacing.look();
    expect(one.pacing.rests(provider)).toBe(false);
  });

  it('many accounts that are limited at once let the application rest; one does not', async () => {
    const { pacing, call } = aWorker();
    const limited = new ProviderError('rate-limited', 'rate-limit', { until: later(1_000) });
    for (let times = 0; times < 30; times += 1) await call(accounts[0]!, limited);
    expect(pacing.rests(provider)).toBe(false);
    for (const account of accounts.slice(0, 5)) await call(account, limited);
    expect(pacing.rests(provider)).toBe(true);
  });

  it('an account that has used up its quota says nothing about the others', async () => {
    const { pacing, call } = aWorker();
    const quota = new ProviderError('rate-limited', 'account-quota', { until: later(1_000) });
    for (const account of accounts) await call(account, quota);
    expect(pacing.rests(provider)).toBe(false);
  });
});
