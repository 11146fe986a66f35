import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  DUE_CHANNEL,
  clearDue,
  holdDue,
  makeDue,
  nextDueAt,
  pauseLane,
  takeDue,
  laneLimit,
  payAgain,
  type DueRow,
} from '#libs/messaging';
import { TIMERS } from '#libs/platform';
import { NOW, instantAt } from '../factories/an-event.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

// Real: Postgres. Fake: the clock. The table is empty before each test.

const UNCLAIMED_MS = TIMERS.unclaimedMs;

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());
beforeEach(() => db.query('truncate dispatches, pauses'));

const later = (milliseconds: number) => new Date(NOW.getTime() + milliseconds);
const aDue = (more: Partial<DueRow> = {}): DueRow => ({
  queue: 'google-meet',
  subjectId: randomUUID(),
  schoolId: 's-1',
  lane: randomUUID(),
  startAt: instantAt('19:00'),
  dueAt: NOW,
  ...more,
});
const make = (...due: DueRow[]) => db.database.transaction([], (em) => makeDue(em, due));
const take = async (depth = 100, now = NOW, queue: DueRow['queue'] = 'google-meet') =>
  (await db.database.transaction([], (em) => takeDue(em, queue, now, depth, UNCLAIMED_MS))).map(
    ({ subjectId }) => subjectId,
  );

describe('P2 what is due is taken, and taken again when nobody claimed it', () => {
  it('takes a row once, and again after a minute', async () => {
    const due = aDue();
    await make(due);
    expect(await take()).toEqual([due.subjectId]);
    expect(await take()).toEqual([]);
    expect(await take(100, later(UNCLAIMED_MS - 1))).toEqual([]);
    expect(await take(100, later(UNCLAIMED_MS))).toEqual([due.subjectId]);
  });

  it('leaves alone what is due later, and knows when', async () => {
    await make(aDue({ dueAt: later(5_000) }));
    expect(await take()).toEqual([]);
    expect(await nextDueAt(db.database.unscoped(), 'google-meet')).toEqual(later(5_000));
    expect(await take(100, later(5_000))).toHaveLength(1);
    expect(await nextDueAt(db.database.unscoped(), 'google-meet')).toEqual(later(5_000 + UNCLAIMED_MS));
    expect(await nextDueAt(db.database.unscoped(), 'deliveries')).toBeNull();
  });

  it('being made due twice is one row, at the earlier time', async () => {
    const due = aDue({ dueAt: later(9_000) });
    await make(due);
    await make({ ...due, dueAt: later(3_000) });
    await make({ ...due, dueAt: later(6_000) });
    expect(await nextDueAt(db.database.unscoped(), 'google-meet')).toEqual(later(3_000));
    expect(await db.query('select 1 from dispatches')).toHaveLength(1);
  });

  it('a row in hand keeps its time in hand', async () => {
    const due = aDue();
    await make(due);
    await take();
    await make(due);
    expect(await take()).toEqual([]);
  });

  it('what is cleared is not taken, and only that', async () => {
    const [a, b] = [aDue(), aDue()];
    await make(a, b);
    await db.database.transaction([], (em) => clearDue(em, 'google-meet', [a.subjectId]));
    await db.database.transaction([], (em) => clearDue(em, 'deliveries', [b.subjectId]));
    expect(await take()).toEqual([b.subjectId]);
  });

  it('a row that begins anew is not taken for its earlier life, whose job may have failed', async () => {
    const due = aDue();
    const roundAt = async (dueAt: Date) => {
      await make({ ...due, dueAt });
      const [row] = await db.query<{ round: number }>('select round from dispatches');
      await db.query('truncate dispatches');
      return row!.round;
    };
    expect(await roundAt(later(1_000))).toBe((await roundAt(NOW)) + 1);
  });

  it('a held row comes back at its time in a new round, so that its job gets a new name', async () => {
    const due = aDue();
    await make(due);
    const [before] = await db.query<{ round: number }>('select round from dispatches');
    await take();
    await db.database.transaction([], (em) =>
      holdDue(em, due.queue, due.subjectId, { dueAt: later(2_000), busyUntil: null, newRound: true }),
    );
    expect(await take(100, later(1_999))).toEqual([]);
    const again = await db.database.transaction([], (em) => takeDue(em, 'google-meet', later(2_000), 9, UNCLAIMED_MS));
    expect(again).toEqual([{ subjectId: due.subjectId, round: again[0]!.round, again: false, turn: 1 }]);
    expect(again[0]!.round).toBe(before!.round + 1);
  });

  it('two relays at the same moment take each row once', async () => {
    await make(...Array.from({ length: 60 }, () => aDue()));
    const taken = (await Promise.all([take(), take(), take(), take()])).flat();
    expect(taken).toHaveLength(60);
    expect(new Set(taken).size).toBe(60);
  });

  it('wakes the relay at commit, not before', async () => {
    const client = new pg.Client({ connectionString: db.url });
    await client.connect();
    const heard = new Promise<string>((resolve) => client.once('notification', ({ channel }) => resolve(channel)));
    await client.query(`listen ${DUE_CHANNEL}`);
    await make(aDue());
    expect(await heard).toBe(DUE_CHANNEL);
    await client.end();
  });
});

describe('P10 fair over schools, one at a time per account', () => {
  it('takes one row per lane, the soonest slot first', async () => {
    const rows = ['20:00', '19:00', '19:30'].map((time) => aDue({ lane: 'anne', startAt: instantAt(time) }));
    const other = aDue({ lane: 'bob' });
    await make(...rows, other);
    expect((await take()).sort()).toEqual([rows[1]!.subjectId, other.subjectId].sort());
    expect(await take()).toEqual([]);
    await db.database.transaction([], (em) => clearDue(em, 'google-meet', [rows[1]!.subjectId]));
    expect(await take()).toEqual([rows[2]!.subjectId]);
  });

  it('what nobody waits for comes last in its lane and in its school, however soon its slot is', async () => {
    const look = (more: Partial<DueRow>) => aDue({ routine: true, startAt: instantAt('18:00'), ...more });
    const [sooner, later1, later2] = [look({ lane: 'anne' }), aDue({ lane: 'anne' }), aDue({ lane: 'bob' })];
    await make(sooner, look({ lane: 'carla' }), later1, later2);
    expect((await take(2)).sort()).toEqual([later1.subjectId, later2.subjectId].sort());
    await db.query('delete from dispatches where busy_until is not null');
    expect(await take()).toHaveLength(2);
  });

  it('somebody waits for a row from the moment that anybody does, until its look is over', async () => {
    const row = aDue({ lane: 'anne', startAt: instantAt('18:00') });
    const routine = async () => (await db.query<{ routine: boolean }>('select routine from dispatches'))[0]!.routine;
    await make({ ...row, routine: true });
    expect(await routine()).toBe(true);
    await make(row);
    await make({ ...row, routine: true });
    expect(await routine()).toBe(false);
    const hold = (more: { routine?: boolean }) =>
      db.database.transaction([], (em) =>
        holdDue(em, row.queue, row.subjectId, { dueAt: NOW, busyUntil: null, ...more }),
      );
    await hold({ routine: true });
    expect(await routine()).toBe(true);
    await hold({});
    expect(await routine()).toBe(true);
  });

  it("gives each school its first row before anybody's second", async () => {
    await make(...Array.from({ length: 50 }, () => aDue({ schoolId: 'big', startAt: instantAt('18:00') })));
    const small = [aDue({ schoolId: 'small' }), aDue({ schoolId: 'small' })];
    await make(...small);
    const taken = await take(4);
    expect(taken).toHaveLength(4);
    for (const { subjectId } of small) expect(taken).toContain(subjectId);
  });

  it('holds no more in hand than the depth', async () => {
    await make(...Array.from({ length: 10 }, () => aDue()));
    const taken = await take(3);
    expect(taken).toHaveLength(3);
    expect(await take(3)).toEqual([]);
    await db.database.transaction([], (em) => clearDue(em, 'google-meet', [taken[0]!]));
    expect(await take(3)).toHaveLength(1);
  });

  it("one account's pause stops nobody else, and ends", async () => {
    const [anne, bob] = [aDue({ lane: 'anne' }), aDue({ lane: 'bob' })];
    await make(anne, bob);
    await db.database.transaction([], (em) => pauseLane(em, 'anne', later(30_000)));
    expect(await take()).toEqual([bob.subjectId]);
    expect(await take(100, later(30_000))).toEqual([anne.subjectId]);
  });

  it("an application's pause stops that provider only", async () => {
    const [google, teams] = [aDue(), aDue({ queue: 'microsoft-teams' })];
    await make(google, teams);
    await db.database.transaction([], (em) => pauseLane(em, 'google-meet', later(30_000)));
    expect(await take()).toEqual([]);
    expect(await nextDueAt(db.database.unscoped(), 'google-meet')).toEqual(later(30_000));
    expect(await take(100, NOW, 'microsoft-teams')).toEqual([teams.subjectId]);
  });

  it('who comes later does not wait for all who came before, nor they for all who come later', async () => {
    const turns = async () => {
      const all = await db.database.transaction([], (em) => takeDue(em, 'google-meet', NOW, 100, UNCLAIMED_MS));
      return all.map(({ turn }) => turn).sort((a, b) => a - b);
    };
    const big = Array.from({ length: 20 }, () => aDue({ schoolId: 'big' }));
    await make(...big);
    expect(await turns()).toEqual(Array.from({ length: 20 }, (_, place) => place + 1));
    // Ten of the big school are done: the eleventh turn is being served when the small one comes.
    const done = await db.query<{ subject_id: string }>('delete from dispatches where turn <= 10 returning subject_id');
    expect(done).toHaveLength(10);
    await make(aDue({ schoolId: 'small' }), aDue({ schoolId: 'small' }), aDue({ schoolId: 'big' }));
    expect(await turns()).toEqual([12, 13, 21]);
  });

  it('five slots of one school are among the first although 5,000 of another are due', async () => {
    for (let part = 0; part < 5; part += 1)
      await make(
        ...Array.from({ length: 1_000 }, (_, row) =>
          aDue({ schoolId: 'big', lane: `lane-${row % 250}`, startAt: instantAt('08:00') }),
        ),
      );
    expect(await take(80)).toHaveLength(80);
    const small = Array.from({ length: 5 }, () => aDue({ schoolId: 'small' }));
    await make(...small);
    expect(await take(80)).toEqual([]);
    await db.query('delete from dispatches where busy_until is not null and turn <= 5');
    expect(await take(80)).toEqual(expect.arrayContaining(small.slice(0, 3).map(() => expect.any(String))));
    const [row] = await db.query<{ small: number; sooner: number }>(
      `select count(*) filter (where school_id = 'small')::int as small,
        count(*) filter (where school_id = 'big' and turn < (select max(turn) from dispatches where school_id = 'small'))::int as sooner
       from dispatches where busy_until is not null`,
    );
    expect(row!.small).toBe(5);
    // Of the 75 that the big school has on the queue, those of the same turns go before: no more than one each.
    expect(row!.sooner).toBeLessThanOrEqual(5);
  });

  it('a teacher with hundreds of slots is one lane: the others do not wait for it', async () => {
    await make(...Array.from({ length: 400 }, () => aDue({ lane: 'anne', startAt: instantAt('08:00') })));
    const bob = aDue({ lane: 'bob', startAt: instantAt('21:00') });
    await make(bob);
    expect(await take(2)).toContain(bob.subjectId);
    expect(await take()).toEqual([]);
  });

  it('a shorter pause does not end a longer one', async () => {
    await make(aDue({ lane: 'anne' }));
    for (const milliseconds of [60_000, 5_000])
      await db.database.transaction([], (em) => pauseLane(em, 'anne', later(milliseconds)));
    expect(await take(100, later(10_000))).toEqual([]);
  });
});

describe('P10 no account is asked more than its limit allows', () => {
  const limit = laneLimit({ perMinute: 60, burst: 20, perJob: 5, perRoutineJob: 1 });
  const next = async (now: Date) => {
    const [row] = await db.database.transaction([], (em) => takeDue(em, 'google-meet', now, 100, UNCLAIMED_MS, limit));
    if (row) await db.database.transaction([], (em) => clearDue(em, 'google-meet', [row.subjectId]));
    return row;
  };

  it('counts ahead what each row costs at most; another account is not held up', async () => {
    await make(...Array.from({ length: 30 }, () => aDue({ lane: 'anne' })));
    const at: number[] = [];
    for (let second = 0; second < 60; second += 1) while (await next(later(second * 1_000))) at.push(second);
    // Four jobs at once, then one each 7.5 s.
    expect(at).toEqual([0, 0, 0, 0, 8, 15, 23, 30, 38, 45, 53]);
    await make(aDue({ lane: 'bob' }));
    expect(await next(later(59_000))).toBeDefined();
  });

  it('knows when the lane may go on', async () => {
    await make(...Array.from({ length: 5 }, () => aDue({ lane: 'anne' })));
    for (let row = 0; row < 4; row += 1) await next(NOW);
    expect(await next(NOW)).toBeUndefined();
    const at = await nextDueAt(db.database.unscoped(), 'google-meet', limit);
    expect(at).toEqual(later(7_500));
    expect(await next(later(7_499))).toBeUndefined();
    expect(await next(at!)).toBeDefined();
  });

  it('counts over several relays, and the tries of a job', async () => {
    const rowsOf = (lane: string) => Array.from({ length: 10 }, () => aDue({ lane }));
    const [first, ...rest] = rowsOf('anne');
    await make(first!, ...rest);
    await db.database.transaction([], (em) => payAgain(em, 'google-meet', first!.subjectId, NOW, limit.costMs));
    const taken = (await Promise.all(Array.from({ length: 6 }, () => next(NOW)))).filter((row) => row !== undefined);
    while (await next(NOW)) taken.push({} as never);
    expect(taken).toHaveLength(3);
  });

  it('what nobody waits for leaves half of the burst to what somebody waits for, and pays for what it asks', async () => {
    await make(...Array.from({ length: 30 }, () => aDue({ lane: 'anne', routine: true })));
    let looks = 0;
    while (await next(NOW)) looks += 1;
    // Half of a burst of 20, at a request each.
    expect(looks).toBe(10);
    const at = await nextDueAt(db.database.unscoped(), 'google-meet', limit);
    expect(at).toEqual(later(1_500));
    expect(await next(later(1_499))).toBeUndefined();
    await make(...['19:00', '19:10', '19:20'].map((time) => aDue({ lane: 'anne', startAt: instantAt(time) })));
    expect(await nextDueAt(db.database.unscoped(), 'google-meet', limit)).toEqual(NOW);
    // Two of five requests at once; the third must wait, as the looks do.
    expect(await next(NOW)).toBeDefined();
    expect(await next(NOW)).toBeDefined();
    expect(await next(NOW)).toBeUndefined();
  });

  it('a pause of the lane and what it paid do not get in each other’s way', async () => {
    await make(...Array.from({ length: 5 }, () => aDue({ lane: 'anne' })));
    await next(NOW);
    await db.database.transaction([], (em) => pauseLane(em, 'anne', later(1_000)));
    expect(await next(later(999))).toBeUndefined();
    for (let row = 0; row < 3; row += 1) expect(await next(later(1_000))).toBeDefined();
    expect(await next(later(1_000))).toBeUndefined();
  });
});

describe('P10 a provider that comes back from a rest is asked by a few first', () => {
  const come = (probes: number | null) =>
    db.query('insert into pauses (scope, until, probes) values ($1, $2, $3)', ['google-meet', later(5_000), probes]);

  it('holds so many in hand, until somebody says it is well or nobody said anything for long', async () => {
    await make(...Array.from({ length: 10 }, () => aDue()));
    await come(3);
    expect(await take()).toEqual([]);
    const probes = await take(100, later(5_000));
    expect(probes).toHaveLength(3);
    expect(await take(100, later(5_001))).toEqual([]);
    await db.database.transaction([], (em) => clearDue(em, 'google-meet', probes.slice(0, 1)));
    expect(await take(100, later(5_002))).toHaveLength(1);
    expect(await take(100, later(35_001))).toHaveLength(6);
  });
});
