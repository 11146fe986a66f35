import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UpkeepSchedule } from '../../apps/worker/src/upkeep/upkeep-schedule.js';
import type { Database } from '#libs/database';
import { StoreHealth, createLogger } from '#libs/platform';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';

// Real: Postgres, timers. Fake: the clock that says what is due.

const TEN_MINUTES = 600_000;
let db: TestDatabase;
let now: Date;
let running: UpkeepSchedule[];
beforeEach(async () => {
  db = await freshDatabase();
  now = new Date();
  running = [];
});
afterEach(async () => {
  for (const one of running) await one.stop();
  await db.close();
});

/** One process: counts how often it asked whether the task is due, and how often it ran it. */
function aProcess(work: () => Promise<unknown> = () => Promise.resolve()) {
  const counts = { asked: 0, runs: 0 };
  const counted = () => {
    counts.runs += 1;
    return work();
  };
  const tasks = [{ name: 'privacy', everyMs: TEN_MINUTES, work: counted }];
  const database = { unscoped: () => ((counts.asked += 1), db.database.unscoped()) } as Database;
  const logger = createLogger('upkeep-test');
  const core = { database, clock: { now: () => now }, logger, postgres: new StoreHealth('postgres', logger) };
  const schedule = new UpkeepSchedule(core, tasks);
  running.push(schedule);
  schedule.start();
  return {
    counts,
    /** Until it asked, and what came of it is done. */
    async lives() {
      await until('it asked', () => counts.asked === 1 || null);
      await schedule.stop();
      return counts.runs;
    },
  };
}
const begun = () => db.query(`select begun_at from upkeep_runs where task = 'privacy'`);
const later = (minutes: number) => (now = new Date(now.getTime() + minutes * 60_000));

describe('R15 upkeep comes soon after a start, and at its pace over all processes', () => {
  it('a process that is restarted every four or five minutes runs it, and no more often than it is due', async () => {
    const runs: number[] = [];
    for (let restart = 0; restart < 4; restart += 1) {
      const before = await begun();
      runs.push(await aProcess().lives());
      if (restart % 2 === 1) expect(await begun()).toEqual(before);
      later(restart % 2 === 0 ? 4 : 5);
    }
    expect(runs).toEqual([1, 0, 1, 0]);
  });

  it('of three processes that start at once, one runs it', async () => {
    const runs = await Promise.all([aProcess(), aProcess(), aProcess()].map((each) => each.lives()));
    expect(runs.toSorted((one, other) => one - other)).toEqual([0, 0, 1]);
  });

  it('a run that fails is logged, and comes again when it is due', async () => {
    const failing = aProcess(() => Promise.reject(new Error('planted')));
    expect(await failing.lives()).toBe(1);
    later(11);
    expect(await aProcess().lives()).toBe(1);
  });

  it('a mark of the future, as a clock that was set back leaves one, holds nothing up', async () => {
    await db.query(`insert into upkeep_runs (task, begun_at) values ('privacy', now() + interval '3 days')`);
    expect(await aProcess().lives()).toBe(1);
  });
});
