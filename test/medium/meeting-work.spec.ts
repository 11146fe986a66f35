import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { providerKey, resumeParked, type MeetingState } from '#libs/conferences';
import { takeDue } from '#libs/messaging';
import type { Secret } from '#libs/encryption';
import { TIMERS } from '#libs/platform';
import { ProviderError } from '#libs/providers';
import { anEvent, at, instantAt } from '../factories/an-event.js';
import { World } from '../support/world.js';

// Real: Postgres, sealing, intake, notices, claims. Fake: providers, logins, the clock.

let world: World;
beforeEach(async () => {
  world = await World.open();
  world.visitors.set('p-7', 'anne');
});
afterEach(() => world.close());

const meetings = async (timeslot = 't-1') => (await world.slot(timeslot)).meetings;
const first = async (timeslot = 't-1') => (await meetings(timeslot))[0]!;
const wanted = async (timeslot = 't-1') => {
  await world.take(anEvent().timeslot(timeslot).at('19:10').parents('p-1').wanting('google-meet'));
  return first(timeslot);
};
const committed = async (id: string) =>
  (
    await world.db.query<{ state: string; operation: string | null; epoch: number; deadline: Date | null }>(
      'select state, operation, epoch, deadline from meetings where id = $1',
      [id],
    )
  )[0]!;
const isQueued = async (id: string) =>
  (await world.db.query('select 1 from dispatches where subject_id = $1', [id])).length === 1;
/** Does something while the provider is being called. */
const during = (operation: 'create' | 'update' | 'remove', work: () => Promise<void>) => {
  const call = world.google[operation].bind(world.google) as (...given: unknown[]) => Promise<never>;
  const spy = jest.spyOn(world.google, operation).mockImplementation(async (...given: unknown[]) => {
    spy.mockRestore();
    const answer = await call(...given);
    await work();
    return answer;
  });
};

describe('P2 an intent is committed before each call', () => {
  it('can be seen from another connection while the provider is called', async () => {
    const meeting = await wanted();
    let seen: Awaited<ReturnType<typeof committed>> | undefined;
    during('create', async () => void (seen = await committed(meeting.id)));
    expect(await world.settle(meeting.id)).toBe('settled');
    expect(seen).toMatchObject({ state: 'calling', operation: 'create', epoch: 1 });
    expect(seen!.deadline!.getTime()).toBe(world.clock.now().getTime() + TIMERS.claimMs);
    expect(await committed(meeting.id)).toMatchObject({ state: 'settled', operation: null, deadline: null });
    expect(await isQueued(meeting.id)).toBe(false);
  });

  it('publishes, seals and frees the queue in one go', async () => {
    const { id } = await wanted();
    await world.settle(id);
    expect(await world.view()).toMatchObject({ status: 'ready', joinable: true, provider: 'google-meet' });
    expect(world.google.liveMeetings()).toMatchObject([{ start: instantAt('19:10'), end: instantAt('19:20') }]);
    expect((await first()).madeSealed).toMatch(/^s1\./);
  });

  it('asks by the same key after an outcome that nobody knows, and makes no second meeting', async () => {
    const { id } = await wanted();
    world.google.script('create', { kind: 'lost' });
    expect(await world.settle(id)).toBe('waiting');
    expect(await committed(id)).toMatchObject({ state: 'waiting', operation: 'create' });
    await world.settleAll();
    expect(world.google.liveMeetings()).toHaveLength(1);
    expect(await world.view()).toMatchObject({ status: 'ready' });
  });

  it('a crash before the answer, then a clean refusal: what may be there is still looked after', async () => {
    const { id } = await wanted();
    const begun = await world.work.begin(id, () => ({ subject: 'anne', email: 'a@b' }));
    if (begun.kind !== 'work') throw new Error(begun.kind);
    const access = { accessToken: world.lease('p-7', 'google')!.accessToken, signal: AbortSignal.timeout(1_000) };
    const { title, timeZone } = begun.work.wish;
    const place = await world.work.savePlace(begun.work, await world.google.openPlace(access, { title, timeZone }));
    await world.google.create(access, { ...begun.work.wish, place });
    world.clock.pass(TIMERS.claimMs + 1);
    world.google.script('create', { kind: 'error', error: new ProviderError('refused', 'bad-request') });
    expect(await world.settle(id)).toBe('stuck');
    expect(await committed(id)).toMatchObject({ operation: 'create' });
    await world.take(anEvent().version(2).at('19:10').notWanting());
    await world.settleAll();
    expect(world.google.liveMeetings()).toEqual([]);
    expect((await first()).state).toBe('gone');
  });
});

describe('P2 one worker at a time', () => {
  it('a claim that was taken from a worker cannot write', async () => {
    const { id } = await wanted();
    const lend = () => ({ subject: 'anne', email: 'anne@account.example' });
    const frozen = await world.work.begin(id, lend);
    expect(await world.work.begin(id, lend)).toEqual({ kind: 'nothing-to-do' });
    world.clock.pass(TIMERS.claimMs + 1);
    expect(await world.settle(id)).toBe('settled');
    const before = await first();
    if (frozen.kind !== 'work') throw new Error(frozen.kind);
    expect(await world.work.finish(frozen.work, { kind: 'removed' })).toBe('claim-lost');
    expect(await first()).toEqual(before);
  });

  it('two workers that begin together: one works', async () => {
    const { id } = await wanted();
    const lend = () => ({ subject: 'anne', email: 'anne@account.example' });
    const kinds = await Promise.all([1, 2, 3].map(() => world.work.begin(id, lend)));
    expect(kinds.map(({ kind }) => kind).sort()).toEqual(['nothing-to-do', 'nothing-to-do', 'work']);
  });

  it('a meeting that kills its workers stops and shows itself', async () => {
    const { id } = await wanted();
    const lend = () => ({ subject: 'anne', email: 'anne@account.example' });
    for (let start = 0; start < 5; start += 1) {
      expect((await world.work.begin(id, lend)).kind).toBe('work');
      world.clock.pass(TIMERS.claimMs + 1);
    }
    expect((await world.work.begin(id, lend)).kind).toBe('poison');
    expect(await world.view()).toMatchObject({ status: 'failed', reason: 'poison' });
    expect(await isQueued(id)).toBe(false);
  });
});

describe.each(['google-meet', 'microsoft-teams'] as const)(
  'P7 what %s takes and does not carry out waits, and holds nobody else up',
  (provider) => {
    it('asks less and less often, keeps the link, and moves the meeting in the end', async () => {
      await world.take(anEvent().timeslot('t-1').at('19:10').parents('p-1').wanting(provider));
      await world.settleAll();
      const fake = provider === 'google-meet' ? world.google : world.teams;
      const [made] = fake.liveMeetings();
      made!.isUnderWay = true;
      await world.take(anEvent().timeslot('t-1').version(2).at('19:40').parents('p-1'));
      await world.take(anEvent().timeslot('t-2').at('20:10').parents('p-2').wanting(provider));
      const updates = () => fake.calls.filter(({ operation }) => operation === 'update').length;
      const from = world.clock.now().getTime();
      while (world.clock.now().getTime() < from + 300_000) await world.settleNext();
      // After 1, 2, 4 … 60 seconds.
      expect(updates()).toBeLessThanOrEqual(11);
      expect(await world.view('t-2')).toMatchObject({ status: 'ready' });
      expect(await world.view()).toMatchObject({ status: 'retrying', reason: 'unknown-answer', joinable: true });
      made!.isUnderWay = false;
      await world.settleAll();
      expect(await world.view()).toMatchObject({ status: 'ready', joinable: true });
      expect(fake.liveMeetings()).toEqual(expect.arrayContaining([made]));
      expect(made).toMatchObject({ start: instantAt('19:40'), url: made!.url });
      expect(fake.liveMeetings()).toHaveLength(2);
    });

    it('a provider that keeps whole minutes has the meeting as wished', async () => {
      await world.take(anEvent().timeslot('t-1').at('19:10').parents('p-1').wanting(provider));
      await world.settleAll();
      const fake = provider === 'google-meet' ? world.google : world.teams;
      const [made] = fake.liveMeetings();
      made!.start = new Date(made!.start.getTime() - 59_000);
      await world.visit('p-7', 'anne', provider);
      await world.settleAll();
      expect(fake.calls.filter(({ operation }) => operation === 'update')).toEqual([]);
      made!.start = new Date(made!.start.getTime() - 1_000);
      world.clock.pass(60_000);
      await world.visit('p-7', 'anne', provider);
      await world.settleAll();
      expect(made).toMatchObject({ start: instantAt('19:10') });
    });
  },
);

describe('P2 a fault of our own holds nobody else up', () => {
  /** The creates of one meeting break: the call itself, or the writing down of its answer. */
  const breaking = (key: string, kind: 'call' | 'answer' = 'call') => {
    const create = world.google.create.bind(world.google);
    return jest.spyOn(world.google, 'create').mockImplementation(async (access, wish) => {
      if (wish.key !== key) return create(access, wish);
      if (kind === 'call') throw new TypeError('planted-text');
      const unreadable = { reveal: () => JSON.parse('planted-text') as string } as Secret;
      return { ...(await create(access, wish)), url: unreadable };
    });
  };
  const keyOf = (id: string) => providerKey(world.index, id);
  const lane = (id: string) =>
    world.db.query<{ due_at: Date; busy_until: Date | null }>(
      'select due_at, busy_until from dispatches where subject_id = $1',
      [id],
    );
  const dueNow = () =>
    world.db.database.transaction([], (em) => takeDue(em, 'google-meet', world.clock.now(), 10, TIMERS.unclaimedMs));

  it.each(['call', 'answer'] as const)('the lane is free again at once, whether the %s breaks it', async (kind) => {
    const both = [await wanted('t-1'), await wanted('t-2')];
    const [taken] = await dueNow();
    const [broken, neighbour] = both.toSorted((one) => (one.id === taken?.subjectId ? -1 : 1)) as [
      MeetingState,
      MeetingState,
    ];
    const spy = breaking(keyOf(broken.id), kind);
    expect(await world.settle(broken.id)).toBe('waiting');
    expect(await committed(broken.id)).toMatchObject({ state: 'waiting', operation: 'create', deadline: null });
    expect((await lane(broken.id))[0]!.busy_until).toBeNull();
    expect((await dueNow()).map(({ subjectId }) => subjectId)).toContain(neighbour.id);
    expect(await world.settle(neighbour.id)).toBe('settled');
    spy.mockRestore();
    await world.settleAll();
    expect(await world.view()).toMatchObject({ status: 'ready' });
    expect(world.google.liveMeetings()).toHaveLength(2);
  });

  it('is told with its kind and place, never its text', async () => {
    const { id } = await wanted();
    breaking(keyOf(id));
    await world.settle(id);
    expect(world.logged).toContainEqual(expect.objectContaining({ meeting: id, kind: 'TypeError', level: 50 }));
    expect(JSON.stringify(world.logged)).not.toContain('planted');
  });

  it('five of them in a row, and it stops and shows itself, within minutes', async () => {
    const { id } = await wanted();
    await wanted('t-2');
    const began = world.clock.now().getTime();
    const spy = breaking(keyOf(id));
    await world.settleAll();
    expect(spy.mock.calls.filter(([, wish]) => wish.key === keyOf(id))).toHaveLength(5);
    expect(await world.view()).toMatchObject({ status: 'failed', reason: 'poison' });
    expect(await world.view('t-2')).toMatchObject({ status: 'ready' });
    expect(world.clock.now().getTime() - began).toBeLessThan(5 * 60_000);
    expect(world.logged).toContainEqual(
      expect.objectContaining({ meeting: id, msg: 'given up: started again and again without an outcome' }),
    );
  });

  it('an outcome whose writing was committed, though nobody heard, stays', async () => {
    const { id } = await wanted();
    const finish = world.work.finish.bind(world.work);
    jest.spyOn(world.work, 'finish').mockImplementationOnce(async (work, outcome) => {
      await finish(work, outcome);
      throw new Error('the connection broke');
    });
    expect(await world.settle(id)).toBe('claim-lost');
    expect(await committed(id)).toMatchObject({ state: 'settled', operation: null });
  });
});

describe('P1 a meeting waits for its owner', () => {
  it('parks without a lease, spends no attempt, and is called by nobody', async () => {
    world.visitors.clear();
    const { id } = await wanted();
    for (let visit = 0; visit < 7; visit += 1) {
      expect(await world.settle(id)).toBe(visit === 0 ? 'parked:no-login' : 'nothing-to-do');
    }
    expect(await first()).toMatchObject({
      state: 'parked',
      reason: 'no-login',
      failures: 0,
      starts: 0,
      operation: null,
    });
    expect(await isQueued(id)).toBe(false);
    expect(world.google.calls).toEqual([]);
    expect(await world.view()).toMatchObject({ status: 'needs_owner', joinable: false });
  });

  const visit = (subject = 'anne') =>
    world.in('s-1', (em) =>
      resumeParked(
        em,
        { index: world.index, now: world.clock.now() },
        {
          personId: 'p-7',
          providers: ['google-meet'],
          accountIndex: world.accountIndex('google-meet', subject),
        },
      ),
    );

  it("goes on with the owner's next visit", async () => {
    world.visitors.clear();
    const { id } = await wanted();
    await world.settle(id);
    world.visitors.set('p-7', 'anne');
    expect(await visit()).toBe(1);
    await world.settleAll();
    expect(await world.view()).toMatchObject({ status: 'ready' });
  });

  it('stays in the account that it began in', async () => {
    const { id } = await wanted();
    await world.settle(id);
    await world.take(anEvent().version(2).at('19:30').parents('p-1'));
    world.visitors.set('p-7', 'another');
    expect(await world.settle(id)).toBe('parked:other-account');
    expect(await world.view()).toMatchObject({ status: 'needs_owner', joinable: true });
    expect(await visit('another')).toBe(0);
    world.visitors.set('p-7', 'anne');
    expect(await visit('anne')).toBe(1);
    await world.settleAll();
    expect(world.google.liveMeetings()).toMatchObject([{ start: instantAt('19:30'), account: 'anne' }]);
  });

  it('a token that is refused parks it too', async () => {
    const { id } = await wanted();
    world.google.rejectToken('anne');
    expect(await world.settle(id)).toBe('parked');
    expect(await first()).toMatchObject({ reason: 'token-rejected', failures: 0 });
  });
});

describe('P2 what is over is never made late', () => {
  it('makes no call for it', async () => {
    const { id } = await wanted();
    world.clock.instant = instantAt('19:20');
    expect(await world.settle(id)).toBe('nothing-to-do');
    expect(await first()).toMatchObject({ state: 'over' });
    expect(world.google.calls).toEqual([]);
    expect(await isQueued(id)).toBe(false);
  });

  it.each(['waiting', 'calling'] as const)(
    'takes away what may have been made before it was over (%s)',
    async (how) => {
      const { id } = await wanted();
      if (how === 'waiting') {
        world.google.script('create', { kind: 'lost' });
        expect(await world.settle(id)).toBe('waiting');
      } else {
        const begun = await world.work.begin(id, () => ({ subject: 'anne', email: 'a@b' }));
        if (begun.kind !== 'work') throw new Error(begun.kind);
        const access = { accessToken: world.lease('p-7', 'google')!.accessToken, signal: AbortSignal.timeout(1_000) };
        const opened = await world.google.openPlace(access, { title: 'x', timeZone: 'Europe/Amsterdam' });
        const place = await world.work.savePlace(begun.work, opened);
        await world.google.create(access, { ...begun.work.wish, place });
      }
      expect(world.google.liveMeetings()).toHaveLength(1);
      world.clock.instant = instantAt('19:30');
      await world.settleAll();
      expect(world.google.liveMeetings()).toEqual([]);
      expect(await first()).toMatchObject({ state: 'gone' });
    },
  );

  it('a move whose worker died is done after all when the slot is put ahead again', async () => {
    const { id } = await wanted();
    await world.settle(id);
    await world.take(anEvent().version(2).at('19:30'));
    await world.work.begin(id, () => ({ subject: 'anne', email: 'a@b' }));
    world.clock.instant = instantAt('19:50');
    await world.settleAll();
    await world.take(anEvent().version(3).at('21:00'));
    await world.settleAll();
    expect(world.google.liveMeetings()).toMatchObject([{ start: instantAt('21:00') }]);
    expect(await world.view()).toMatchObject({ status: 'ready' });
  });
});

describe('P4 P8 a URL is stored as published only when it is sound', () => {
  it('never publishes another host, and says so', async () => {
    const { id } = await wanted();
    const create = world.google.create.bind(world.google);
    jest.spyOn(world.google, 'create').mockImplementation(async (access, wish) => {
      const seen = await create(access, wish);
      return {
        ...seen,
        url: new (seen.url!.constructor as new (value: string) => typeof seen.url)(
          'https://meet.google.com.evil.example/x',
        ),
      };
    });
    expect(await world.settle(id)).toBe('bad-url-host');
    expect(await world.view()).toMatchObject({ status: 'failed', joinable: false, published: null });
    expect(await world.db.query(`select 1 from deliveries where channel = 'email'`)).toEqual([]);
    await world.take(anEvent().version(2).at('19:10').notWanting());
    await world.settleAll();
    expect(world.google.liveMeetings()).toEqual([]);
  });

  it('two timeslots never share a URL', async () => {
    await wanted('t-1');
    await wanted('t-2');
    await world.settle((await first('t-1')).id);
    const { url } = world.google.liveMeetings()[0]!;
    const create = world.google.create.bind(world.google);
    jest.spyOn(world.google, 'create').mockImplementation(async (access, wish) => {
      const seen = await create(access, wish);
      return { ...seen, url: new (seen.url!.constructor as new (value: string) => typeof seen.url)(url) };
    });
    expect(await world.settle((await first('t-2')).id)).toBe('url-taken');
    expect(await world.view('t-2')).toMatchObject({ status: 'failed', joinable: false });
    expect(await world.view('t-1')).toMatchObject({ status: 'ready' });
  });
});

describe('P2 a wish that changes during the call is found afterwards', () => {
  it('moves what was made at the old time', async () => {
    const { id } = await wanted();
    during('create', async () => void (await world.take(anEvent().version(2).at('20:00').parents('p-1'))));
    await world.settle(id);
    expect(await world.view()).toMatchObject({ status: 'updating', joinable: true });
    await world.settleAll();
    expect(world.google.liveMeetings()).toMatchObject([{ start: instantAt('20:00') }]);
    expect((await meetings()).length).toBe(1);
  });

  it('takes away what nobody wants by then', async () => {
    const { id } = await wanted();
    during('create', async () => void (await world.take(anEvent().version(2).at('19:10').notWanting())));
    await world.settle(id);
    expect(await world.view()).toMatchObject({ status: 'removing', joinable: false });
    await world.settleAll();
    expect(world.google.liveMeetings()).toEqual([]);
    expect(await world.view()).toMatchObject({ status: 'removed' });
  });

  it('is done with what was not made', async () => {
    const { id } = await wanted();
    world.google.script('create', { kind: 'error', error: new ProviderError('refused', 'no-licence') });
    const script = jest.spyOn(world.google, 'create').mockImplementation(async () => {
      script.mockRestore();
      await world.take(anEvent().version(2).at('19:10').notWanting());
      throw new ProviderError('refused', 'no-licence');
    });
    await world.settle(id);
    expect(await world.view()).toMatchObject({ status: 'removed' });
    expect(await isQueued(id)).toBe(false);
  });

  it('planned again during the removal: a new one, and never two', async () => {
    const { id } = await wanted();
    await world.settle(id);
    await world.take(anEvent().version(2).at('19:10').cancelled());
    during('remove', async () => void (await world.take(anEvent().version(3).at('19:10'))));
    expect(await world.settle(id)).toBe('removed');
    await world.settleAll();
    expect(world.google.liveMeetings()).toHaveLength(1);
    expect((await meetings()).map(({ generation, state }) => [generation, state])).toEqual([
      [1, 'gone'],
      [2, 'settled'],
    ]);
  });
});

describe('P6 replaced by another provider or owner', () => {
  it('makes the new one first, and the old one goes when the new one is published', async () => {
    const { id } = await wanted();
    await world.settle(id);
    world.visitors.set('p-8', 'bob');
    await world.take(anEvent().version(2).at('19:10').teacher('p-8').parents('p-1').wanting('microsoft-teams'));
    expect(await world.view()).toMatchObject({ joinable: true, provider: 'microsoft-teams', published: { id } });
    const [, second] = await meetings();
    await world.settle(second!.id);
    expect(world.google.liveMeetings()).toHaveLength(1);
    expect(await world.view()).toMatchObject({ published: { id: second!.id }, status: 'ready' });
    await world.settleAll();
    expect(world.google.liveMeetings()).toEqual([]);
    expect(world.teams.liveMeetings()).toMatchObject([{ account: 'bob' }]);
  });
});

describe('P10 a limit stops one account, or all where the provider says so', () => {
  it.each(['account', 'application'] as const)('%s', async (scope) => {
    const until = new Date(world.clock.now().getTime() + 90_000);
    const { id } = await wanted();
    world.google.script('create', {
      kind: 'error',
      error: new ProviderError('rate-limited', 'rate-limit', { until, scope }),
    });
    expect(await world.settle(id)).toBe('rate-limited');
    expect(await first()).toMatchObject({ state: 'waiting', failures: 0 });
    const pauses = await world.db.query<{ scope: string; until: Date }>('select scope, until from pauses');
    const [row] = await world.db.query<{ lane: string }>('select lane from dispatches where subject_id = $1', [id]);
    expect(pauses).toEqual([{ scope: scope === 'application' ? 'google-meet' : row!.lane, until }]);
    // A job of the same account that was on the queue already asks nobody either.
    const other = await wanted('t-2');
    const asked = world.google.calls.length;
    expect(await world.settle(other.id)).toBe('nothing-to-do');
    expect(world.google.calls).toHaveLength(asked);
    world.clock.instant = until;
    await world.settleAll();
    expect(await world.view()).toMatchObject({ status: 'ready' });
    expect(await world.view('t-2')).toMatchObject({ status: 'ready' });
  });
});

describe('R3 a calendar of our own', () => {
  it('that was never made holds nothing: a removal asks nowhere else', async () => {
    const { id } = await wanted();
    // Whoever began is frozen before the calendar is there, and the wish goes away.
    await world.work.begin(id, () => ({ subject: 'anne', email: 'anne@regenboog.example' }));
    await world.take(anEvent().version(2).parents('p-1').notWanting());
    world.clock.pass(TIMERS.claimMs);
    await world.settleAll();
    expect((await meetings()).map(({ state }) => state)).toEqual(['gone']);
    expect(world.google.calls).toEqual([]);
  });

  it('is made once per account, and again when the teacher deleted it', async () => {
    const { id } = await wanted('t-1');
    await wanted('t-2');
    await world.settleAll();
    expect(world.google.calls.filter(({ operation }) => operation === 'openPlace')).toHaveLength(1);
    const [place] = new Set(world.google.liveMeetings().map((meeting) => meeting.place));
    world.clock.pass(15_000);
    world.google.deletePlace(place!);
    await world.take(anEvent().version(2).at('20:00').parents('p-1'));
    await world.settleAll();
    expect(world.google.liveMeetings()).toMatchObject([{ start: new Date(at('20:00')) }]);
    const live = (await meetings()).find(({ state }: MeetingState) => state === 'settled')!;
    expect(await world.view()).toMatchObject({ status: 'ready', published: { id: live.id } });
    expect(typeof id).toBe('string');
  });

  const notThere = new ProviderError('not-found', 'place-not-found', { status: 404 });
  const opened = () => world.google.calls.filter(({ operation }) => operation === 'openPlace').length;

  it('that is not found soon after it was made may only be late: a whole evening waits for it, and makes no other', async () => {
    const slots = Array.from({ length: 15 }, (_, n) => `t-${n + 1}`);
    for (const slot of slots) await wanted(slot);
    const madeAt = world.clock.now().getTime();
    const create = world.google.create.bind(world.google);
    const spy = jest.spyOn(world.google, 'create').mockImplementation((...given) => {
      if (world.clock.now().getTime() < madeAt + 5_000) throw notThere;
      return create(...given);
    });
    await world.settleAll();
    expect(opened()).toBe(1);
    expect(world.google.liveMeetings()).toHaveLength(15);
    // One asked too early; the others rested with it.
    expect(spy).toHaveBeenCalledTimes(16);
  });

  it('that is never found is made anew less and less often', async () => {
    await wanted();
    jest.spyOn(world.google, 'create').mockRejectedValue(notThere);
    const began = world.clock.now().getTime();
    const seen: number[] = [];
    for (let round = 0; opened() < 5; round += 1) {
      const before = opened();
      await world.settleNext();
      if (opened() > before) seen.push((world.clock.now().getTime() - began) / 1000);
      expect(round).toBeLessThan(1_000);
    }
    const apart = seen.slice(1).map((at, place) => at - seen[place]!);
    for (const [place, least] of [15, 60, 240, 960].entries()) expect(apart[place]).toBeGreaterThanOrEqual(least);
  });

  it('that was replaced is still where its meetings are moved and removed', async () => {
    await wanted('t-1');
    await wanted('t-2');
    await world.settleAll();
    world.clock.pass(60_000);
    // Google says by mistake, twice, that our calendar is not there.
    world.google.script('create', { kind: 'error', error: notThere });
    await wanted('t-3');
    await world.settleAll();
    expect(new Set(world.google.liveMeetings().map(({ place }) => place)).size).toBe(2);
    await world.take(anEvent().timeslot('t-1').version(2).at('20:00').parents('p-1'));
    await world.take(anEvent().timeslot('t-2').version(2).at('19:10').parents('p-1').cancelled());
    await world.settleAll();
    expect(world.google.liveMeetings().map(({ start }) => start)).toEqual([instantAt('20:00'), instantAt('19:10')]);
    expect(await world.view('t-2')).toMatchObject({ status: 'removed' });
  });
});
