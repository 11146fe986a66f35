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
  UNCLAIMED_MS,
  type DueRow,
} from '#libs/messaging';
import { NOW, instantAt } from '../factories/an-event.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

// Real: Postgres. Fake: the clock. The table is empty before each test.

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
const make = (...due: DueRow[]) => db.database.transaction((em) => makeDue(em, due));
const take = async (depth = 100, now = NOW, queue: DueRow['queue'] = 'google-meet') =>
  (await db.database.transaction((em) => takeDue(em, queue, now, depth))).map(({ subjectId }) => subjectId);

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
    expect(await nextDueAt(db.database.em(), 'google-meet')).toEqual(later(5_000));
    expect(await take(100, later(5_000))).toHaveLength(1);
    expect(await nextDueAt(db.database.em(), 'google-meet')).toEqual(later(5_000 + UNCLAIMED_MS));
    expect(await nextDueAt(db.database.em(), 'deliveries')).toBeNull();
  });

  it('being made due twice is one row, at the earlier time', async () => {
    const due = aDue({ dueAt: later(9_000) });
    await make(due);
    await make({ ...due, dueAt: later(3_000) });
    await make({ ...due, dueAt: later(6_000) });
    expect(await nextDueAt(db.database.em(), 'google-meet')).toEqual(later(3_000));
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
    await db.database.transaction((em) => clearDue(em, 'google-meet', [a.subjectId]));
    await db.database.transaction((em) => clearDue(em, 'deliveries', [b.subjectId]));
    expect(await take()).toEqual([b.subjectId]);
  });

  it('a held row comes back at its time in a new round, so that its job gets a new name', async () => {
    const due = aDue();
    await make(due);
    await take();
    await db.database.transaction((em) =>
      holdDue(em, due.queue, due.subjectId, { dueAt: later(2_000), busyUntil: null, newRound: true }),
    );
    expect(await take(100, later(1_999))).toEqual([]);
    const again = await db.database.transaction((em) => takeDue(em, 'google-meet', later(2_000), 9));
    expect(again).toEqual([{ subjectId: due.subjectId, round: 1, again: false }]);
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
    await db.database.transaction((em) => clearDue(em, 'google-meet', [rows[1]!.subjectId]));
    expect(await take()).toEqual([rows[2]!.subjectId]);
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
    await db.database.transaction((em) => clearDue(em, 'google-meet', [taken[0]!]));
    expect(await take(3)).toHaveLength(1);
  });

  it("one account's pause stops nobody else, and ends", async () => {
    const [anne, bob] = [aDue({ lane: 'anne' }), aDue({ lane: 'bob' })];
    await make(anne, bob);
    await db.database.transaction((em) => pauseLane(em, 'anne', later(30_000)));
    expect(await take()).toEqual([bob.subjectId]);
    expect(await take(100, later(30_000))).toEqual([anne.subjectId]);
  });

  it("an application's pause stops that provider only", async () => {
    const [google, teams] = [aDue(), aDue({ queue: 'microsoft-teams' })];
    await make(google, teams);
    await db.database.transaction((em) => pauseLane(em, 'google-meet', later(30_000)));
    expect(await take()).toEqual([]);
    expect(await nextDueAt(db.database.em(), 'google-meet')).toEqual(later(30_000));
    expect(await take(100, NOW, 'microsoft-teams')).toEqual([teams.subjectId]);
  });

  it('a shorter pause does not end a longer one', async () => {
    await make(aDue({ lane: 'anne' }));
    for (const milliseconds of [60_000, 5_000])
      await db.database.transaction((em) => pauseLane(em, 'anne', later(milliseconds)));
    expect(await take(100, later(10_000))).toEqual([]);
  });
});
