import { createHash } from 'node:crypto';
import pg from 'pg';
import { CONNECTION_LOST, NO_TLS } from '#libs/platform';

/** Postgres' code for a plan whose table was changed under it (a migration while we run). */
const STALE_PLAN = '0A000';
/** A prepared statement that is not there, or is there already: a pooler gave us another connection than before. */
const OTHERS_STATEMENT = new Set(['26000', '42P05']);
/** The server ended this session, or it cannot write: a replica now, or a demoted primary. A new connection may do better. */
const CANNOT_SERVE = /^(?:25006|57P0[1-5]|08...)$/;

const names = new Map<string, string>();
const nameOf = (text: string) => {
  let name = names.get(text);
  if (!name) names.set(text, (name = createHash('sha256').update(text).digest('base64url').slice(0, 32)));
  return name;
};

type Answer = pg.QueryResult | pg.QueryResult[];
type Callback = (error: (Error & { code?: string }) | null, result?: Answer) => void;

/**
 * One connection of a pool.
 *
 * It lets Postgres keep the plan of each statement: ours are few, long and run all the time, and planning one takes
 * longer than running it. Behind a pooler that gives each transaction another connection (pgbouncer's transaction mode)
 * that cannot work: the statement would be prepared elsewhere. So it prepares only where it speaks to Postgres itself,
 * which shows in the process id: a pooler hands out one of its own making.
 *
 * A connection that cannot serve any more ends itself, so that its pool opens a new one.
 */
export class PooledClient extends pg.Client {
  readonly connectedAt = performance.now();
  private isPreparing = false;
  /** Some pooler passes on the process id of Postgres; then no connection of this process prepares any more. */
  private static mayPrepare = true;

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // Before pg's own listeners: a server that refuses TLS is reported without any code.
    const { connection } = this as unknown as { connection: NodeJS.EventEmitter & { ssl?: unknown } };
    let isEncrypted = false;
    connection.once('sslconnect', () => (isEncrypted = true));
    connection.once('error', (error: Error & { code?: string }) => {
      if (connection.ssl && !isEncrypted) error.code ??= NO_TLS;
    });
  }

  /** Asked of each new connection before it serves. */
  async prepareIfDirect(): Promise<void> {
    const { rows } = await super.query<{ pid: number }>('select pg_backend_pid() as pid');
    this.isPreparing = rows[0]!.pid === (this as unknown as { processID: number }).processID;
  }

  // pg's own signature has a dozen overloads; the driver uses text with values, and the pool text with a callback.
  // Several statements in one text answer with what the last one found.
  override query(...given: unknown[]): never {
    const [text, values, callback] = given as [unknown, unknown, Callback | undefined];
    const ask = (...asked: unknown[]): never => (super.query as (...all: unknown[]) => never).apply(this, asked);
    if (typeof text !== 'string') return ask(...given);
    const prepares =
      this.isPreparing && PooledClient.mayPrepare && Array.isArray(values) && values.length > 0
        ? { name: nameOf(text), text, values }
        : null;
    if (callback) {
      const hear: Callback = (error, result) =>
        error ? callback(this.noted(error)) : callback(null, result && lastOf(result));
      return prepares ? ask(prepares, hear) : ask(text, values, hear);
    }
    const answer = (prepares ? ask(prepares) : ask(text, values)) as Promise<Answer>;
    return answer.then(lastOf, (error: Error) => {
      throw this.noted(error);
    }) as never;
  }

  private noted(error: Error & { code?: string }): Error {
    // What Postgres answers has a code; what the driver finds out by itself is that nobody answers.
    error.code ??= CONNECTION_LOST;
    if (error.code === STALE_PLAN) this.isPreparing = false;
    if (OTHERS_STATEMENT.has(error.code)) PooledClient.mayPrepare = false;
    if (error.code === CONNECTION_LOST || CANNOT_SERVE.test(error.code)) {
      if (error.code === '25006') this.emit('read-only');
      void this.end().catch(() => undefined);
    }
    return error;
  }
}

const lastOf = (answer: Answer): pg.QueryResult => (Array.isArray(answer) ? answer.at(-1)! : answer);
