import { MikroORM } from '@mikro-orm/postgresql';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { ormConfig } from './orm-config.js';
import { type Scope, namingScope } from './scope.js';

/** One transaction, or one connection at a time outside of one (`unscoped`). */
export type Em = SqlEntityManager;

export { sql, type RawBuilder };

/** Runs a set-based statement in the transaction of `em`. Columns come back in camel case, instants as Date, bytea as Buffer. */
export async function rows<T = unknown>(em: Em, statement: RawBuilder<T>): Promise<T[]> {
  const { rows } = await statement.execute(em.getKysely());
  return rows.map(
    (row) => Object.fromEntries(Object.entries(row as object).map(([name, value]) => [camel(name), value])) as T,
  );
}

const camelNames = new Map<string, string>();
const camel = (name: string) => {
  let known = camelNames.get(name);
  if (!known) camelNames.set(name, (known = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())));
  return known;
};

/** Rows that a statement takes as one JSON parameter, so that a batch costs one round trip whatever its size. */
export const asJson = (value: unknown) => jsonText(JSON.stringify(value));

export const jsonText = (json: string) => sql`${json}::jsonb`;

/**
 * What a transaction's `em` stands on once it ended. A branch of the work that nobody waited for must not go on: its
 * connection serves others by then, who work for another school.
 */
const ENDED = {
  getExecutor() {
    throw new Error('This transaction has ended. Await everything that works in it.');
  },
} as unknown as Kysely<unknown>;

/**
 * The database of one process. Every piece of work gets a transaction of its own, which names the schools that it works
 * for: Postgres shows it the rows of those and of no other (row-level security), whatever a statement forgets to ask.
 */
export class Database {
  private constructor(readonly orm: MikroORM) {}

  static async connect(databaseUrl: string, poolSize?: number): Promise<Database> {
    return new Database(await MikroORM.init(ormConfig(databaseUrl, poolSize)));
  }

  /** For the few tables outside of row-level security only: no school is named, so the others look empty. */
  unscoped(): Em {
    return this.orm.em.fork() as unknown as Em;
  }

  /**
   * Commits when `work` resolves, rolls back when it throws. The scope is named in the same round trip that begins the
   * transaction, and ends with it: a connection that goes back to the pool knows no school. Not by way of MikroORM, which
   * keeps a connection for ever whose begin, or whose commit and rollback, got no answer: a few of those, and a process
   * waits for its pool for good.
   */
  transaction<T>(scope: Scope, work: (em: Em) => Promise<T>): Promise<T> {
    const em = this.unscoped();
    return em
      .getKysely()
      .connection()
      .execute(async (connection) => {
        const say = (text: string) => sql.raw(text).execute(connection);
        em.setTransactionContext(connection);
        try {
          await say(`begin; ${namingScope(scope)}`);
          const result = await work(em);
          em.setTransactionContext(ENDED);
          await say('commit');
          return result;
        } catch (error) {
          em.setTransactionContext(ENDED);
          // Where the connection is gone, so is the transaction; what went wrong first is what is told.
          await say('rollback').catch(() => undefined);
          throw error;
        }
      });
  }

  async answers(): Promise<boolean> {
    try {
      await rows(this.unscoped(), sql`select 1`);
      return true;
    } catch {
      return false;
    }
  }

  close(): Promise<void> {
    return this.orm.close(true);
  }
}
