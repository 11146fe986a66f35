import { MikroORM } from '@mikro-orm/postgresql';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { QUERY_TIMEOUT, storeFault, type StoreFault, type StoreHealth } from '#libs/platform';
import { Unreached } from './bounded-pool.js';
import { ormConfig, type PoolLimits } from './orm-config.js';
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

export interface DatabaseOptions extends Partial<Omit<PoolLimits, 'connections'>> {
  /** A statement of a transaction waits for another's lock, and runs, for so long at most; absent: as the role is set. */
  readonly lockTimeoutMs?: number;
  readonly statementTimeoutMs?: number;
  /** Hears whether Postgres serves. */
  readonly health?: StoreHealth;
}

/** Whoever asks for readiness does not wait for longer. */
const PROBE_MS = 3_000;
/** While Postgres does not serve, it is asked again so often, whether or not anybody else does. */
const PROBE_EVERY_MS = 5_000;
/** While even fresh connections can only read, not every request opens two more. */
const READ_ONLY_MS = 300;
const TRANSACTIONS = 'transactions';

/** Postgres' answer to a transaction on a connection that can only read, found out before any work. */
class ReadOnly extends Error {
  readonly code = '25006';
}

/**
 * The database of one process. Every piece of work gets a transaction of its own, which names the schools that it works
 * for: Postgres shows it the rows of those and of no other (row-level security), whatever a statement forgets to ask.
 */
export class Database {
  private readonly beginning: string;
  private probing: NodeJS.Timeout | undefined;
  private readOnlyUntil = 0;

  private constructor(
    readonly orm: MikroORM,
    private readonly options: DatabaseOptions,
  ) {
    const { lockTimeoutMs, statementTimeoutMs } = options;
    const limits = { lock_timeout: lockTimeoutMs, statement_timeout: statementTimeoutMs };
    this.beginning = Object.entries(limits)
      .filter(([, ms]) => ms !== undefined)
      .map(([name, ms]) => `set_config('${name}', '${ms}', true), `)
      .join('');
    if (options.health) {
      const { health } = options;
      this.probing = setInterval(() => {
        if (health.away) void this.fault();
      }, PROBE_EVERY_MS).unref();
    }
  }

  static async connect(databaseUrl: string, connections = 10, options: DatabaseOptions = {}): Promise<Database> {
    return new Database(await MikroORM.init(ormConfig(databaseUrl, { ...options, connections })), options);
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
   *
   * A connection that turns out to be dead, or able only to read (a replica since a failover), leaves the pool; where the
   * work had not begun on it, it begins on a fresh one. What a stale replica would read is not shown either.
   */
  async transaction<T>(scope: Scope, work: (em: Em) => Promise<T>): Promise<T> {
    if (performance.now() < this.readOnlyUntil) throw new ReadOnly('Fresh connections could only read a moment ago.');
    let begun = false;
    const attempt = () =>
      this.once(scope, (em) => {
        begun = true;
        return work(em);
      });
    try {
      const result = await attempt().catch((error: unknown) => {
        if (begun || error instanceof Unreached || !isOfConnection(storeFault(error))) throw error;
        return attempt();
      });
      this.options.health?.worked(TRANSACTIONS);
      return result;
    } catch (error) {
      if (!begun && storeFault(error)?.kind === 'read-only') this.readOnlyUntil = performance.now() + READ_ONLY_MS;
      this.options.health?.failed(TRANSACTIONS, error);
      throw error;
    }
  }

  private once<T>(scope: Scope, work: (em: Em) => Promise<T>): Promise<T> {
    const em = this.unscoped();
    return em
      .getKysely()
      .connection()
      .execute(async (connection) => {
        const say = <R>(text: string) => sql.raw<R>(text).execute(connection);
        em.setTransactionContext(connection);
        try {
          const { rows } = await say<{ read_only: string }>(`begin; ${namingScope(scope, this.beginning)}`);
          if (rows[0]?.read_only === 'on') await refuseReadOnly(say);
          const result = await work(em);
          em.setTransactionContext(ENDED);
          await say('commit');
          return result;
        } catch (error) {
          em.setTransactionContext(ENDED);
          // Where the connection is gone, so is the transaction; the first error is the one to report.
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

  /**
   * Can this process do its work here: does Postgres answer, can it write, may the role? A pool that is busy is no fault:
   * Postgres serves others. @returns why not, or null
   */
  async fault(): Promise<StoreFault | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Unreached(QUERY_TIMEOUT)), PROBE_MS);
    });
    const probe = this.transaction([], (em) => rows(em, sql`select from dispatches where false for update`));
    probe.catch(() => undefined);
    try {
      await Promise.race([probe, late]);
      return null;
    } catch (error) {
      const fault = storeFault(error);
      if (fault?.kind === 'busy') return null;
      this.options.health?.failed(TRANSACTIONS, error);
      return fault ?? { kind: 'error-answer', word: codeOf(error) };
    } finally {
      clearTimeout(timer);
    }
  }

  close(): Promise<void> {
    clearInterval(this.probing);
    return this.orm.close(true);
  }
}

const codeOf = (error: unknown): string => {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'unknown';
};

const isOfConnection = (fault: StoreFault | null) => fault?.kind === 'read-only' || fault?.kind === 'lost';

/** Postgres itself is made to refuse, so that the connection leaves its pool as after any such answer. */
async function refuseReadOnly(say: (text: string) => Promise<unknown>): Promise<never> {
  await say('select from dispatches where false for update');
  throw new ReadOnly('The connection can only read.');
}
