import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database, DatabaseClock, checkKeptApart, keepsSession, rows, sql } from '#libs/database';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { hasPgbouncer, pgbouncerVersion, startPgbouncer } from '../support/pgbouncer.js';

const onPgbouncer = hasPgbouncer() ? describe : describe.skip;

// Real: Postgres, and pgbouncer in transaction mode in front of it.
onPgbouncer('P16 behind pgbouncer in transaction mode', () => {
  let db: TestDatabase;
  let bouncer: Awaited<ReturnType<typeof startPgbouncer>>;
  beforeAll(async () => {
    db = await freshDatabase();
    const [major, minor] = pgbouncerVersion();
    // From 1.21 on it can keep prepared statements; switched off it behaves as it did before.
    const knowsPrepared = major > 1 || minor >= 21;
    bouncer = await startPgbouncer(db.url, knowsPrepared ? ['max_prepared_statements = 0'] : []);
  });
  afterAll(async () => {
    await bouncer.stop();
    await db.close();
  });

  it('runs the same statements on many connections, in transactions and outside, without one failure', async () => {
    const databases = await Promise.all([1, 2, 3].map(() => Database.connect(bouncer.url, 8)));
    try {
      const work = async (database: Database, n: number) => {
        const em = database.unscoped();
        const [plain] = await rows(em, sql<{ n: number }>`select ${n}::int as n`);
        const inside = await database.transaction([`s-${n}`], async (inner) => {
          const [named] = await rows(
            inner,
            sql<{ school: string }>`select current_setting('app.schools') as school where ${n}::int > 0`,
          );
          return named!.school;
        });
        return [plain!.n, inside];
      };
      // As many times as pg would need to prepare on every connection and meet every other's statements.
      for (let round = 0; round < 20; round += 1) {
        const many = await Promise.all(
          Array.from({ length: 30 }, (_, i) => work(databases[i % databases.length]!, round * 30 + i + 1)),
        );
        expect(many).toEqual(Array.from({ length: 30 }, (_, i) => [round * 30 + i + 1, `{"s-${round * 30 + i + 1}"}`]));
      }
    } finally {
      await Promise.all(databases.map((database) => database.close()));
    }
  });

  it('leaves no school named on a connection that another client gets', async () => {
    const database = await Database.connect(bouncer.url, 4);
    try {
      await database.transaction(['s-1'], (em) => rows(em, sql`select 1`));
      for (let i = 0; i < 12; i += 1) {
        const [found] = await rows(
          database.unscoped(),
          sql<{ named: string | null }>`select nullif(current_setting('app.schools', true), '') as named`,
        );
        expect(found!.named).toBeNull();
      }
    } finally {
      await database.close();
    }
  });

  it('serves the clock and the look at the roles, and knows that LISTEN hears nothing there', async () => {
    const clock = await DatabaseClock.open(bouncer.url);
    expect(Math.abs(clock.now().getTime() - Date.now())).toBeLessThan(60_000);
    await clock.close();
    await checkKeptApart({ databaseUrl: bouncer.url, production: false }, () => undefined);
    expect(await keepsSession(bouncer.url)).toBe(false);
    expect(await keepsSession(db.url)).toBe(true);
  });

  it('a pooler that keeps sessions is not taken for one that does not', async () => {
    const session = await startPgbouncer(db.url, ['pool_mode = session']);
    try {
      expect(await keepsSession(session.url)).toBe(true);
    } finally {
      await session.stop();
    }
  });
});

describe('P16 a direct connection', () => {
  it('prepares its statements, as the plan of each is kept there', async () => {
    const db = await freshDatabase();
    const one = await Database.connect(db.url, 1);
    try {
      for (let i = 0; i < 2; i += 1) await rows(one.unscoped(), sql`select ${i}::int as planted`);
      const prepared = await rows(
        one.unscoped(),
        sql`select name from pg_prepared_statements where statement like '%planted%'`,
      );
      expect(prepared).toHaveLength(1);
    } finally {
      await one.close();
      await db.close();
    }
  });
});
