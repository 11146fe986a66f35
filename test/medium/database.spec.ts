import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database, rows, sql } from '#libs/database';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { until } from '../support/until.js';

// Real: Postgres, and a pool of two connections behind a proxy that loses answers.
describe('P2 a lost answer of Postgres costs its connection, not the pool', () => {
  let fresh: TestDatabase;
  let proxy: FaultProxy;
  let database: Database;

  beforeAll(async () => {
    fresh = await freshDatabase();
    const { hostname: host, port } = new URL(fresh.url);
    proxy = await FaultProxy.start({ host, port: Number(port) });
    database = await Database.connect(proxy.through(fresh.url), 2);
  });
  afterAll(async () => {
    await database.close();
    await proxy.close();
    await fresh.close();
  });

  const one = () => database.transaction([], (em) => rows(em, sql<{ one: number }>`select 1 as one`));

  it('goes on after more lost COMMIT replies than it has connections', async () => {
    for (let times = 0; times < 5; times += 1) {
      proxy.loseCommitReplies(1);
      await expect(one()).rejects.toThrow();
    }
    expect(proxy.done.commitRepliesLost).toBe(5);
    expect(await one()).toEqual([{ one: 1 }]);
  });

  it('goes on after a begin that was never answered', async () => {
    for (let times = 0; times < 5; times += 1) {
      await one();
      proxy.stall('to-client');
      const failed = expect(one()).rejects.toThrow();
      await until('begin is on its way', () => proxy.awaiting === 1);
      proxy.refuse();
      await failed;
      proxy.pass();
    }
    expect(await one()).toEqual([{ one: 1 }]);
  });

  it('tells what went wrong first, and keeps nothing of it', async () => {
    await expect(
      database.transaction([], async (em) => {
        await rows(em, sql`insert into pauses (scope, until) values ('kept', now())`);
        throw new Error('what went wrong');
      }),
    ).rejects.toThrow('what went wrong');
    expect(await fresh.query("select * from pauses where scope = 'kept'")).toEqual([]);
  });
});
