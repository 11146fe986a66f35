import { sql } from 'kysely';
import { StartupError, type Clock } from '#libs/platform';
import { connectFault } from './connect-fault.js';
import { Database, rows } from './database.js';

const AGAIN_MS = 30_000;

/**
 * The time of Postgres, carried on by this process's monotonic clock: one truth for all processes. A machine whose own
 * clock is wrong, or jumps, neither ends the claims of others nor takes a slot for over.
 */
export class DatabaseClock implements Clock {
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly database: Database,
    private anchor: { at: number; ticks: number },
  ) {
    this.timer = setInterval(() => void this.adjust(), AGAIN_MS).unref();
  }

  /** @throws when Postgres does not answer */
  static async open(databaseUrl: string): Promise<DatabaseClock> {
    const database = await Database.connect(databaseUrl, 1);
    try {
      return new DatabaseClock(database, await ask(database));
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  now(): Date {
    return new Date(this.anchor.at + performance.now() - this.anchor.ticks);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.database.close();
  }

  /** Two clocks drift apart by little; while Postgres is away the old anchor is good enough. */
  private async adjust(): Promise<void> {
    await ask(this.database).then(
      (anchor) => (this.anchor = anchor),
      () => undefined,
    );
  }
}

/** The clock of a process. @throws StartupError that says why Postgres does not serve */
export const openClock = (databaseUrl: string): Promise<DatabaseClock> =>
  DatabaseClock.open(databaseUrl).catch((error: unknown) => {
    throw new StartupError([connectFault('DATABASE_URL', error)]);
  });

/** The answer was true somewhere between question and answer; the middle is the best guess. */
async function ask(database: Database): Promise<{ at: number; ticks: number }> {
  const before = performance.now();
  const [row] = await rows(database.unscoped(), sql<{ now: Date }>`select clock_timestamp() as now`);
  return { at: row!.now.getTime(), ticks: (before + performance.now()) / 2 };
}
