import { createHash } from 'node:crypto';
import pg from 'pg';

/** Postgres' word for a plan whose table was changed under it (a migration while we run). */
const STALE_PLAN = '0A000';

const names = new Map<string, string>();
const nameOf = (text: string) => {
  let name = names.get(text);
  if (!name) names.set(text, (name = createHash('sha256').update(text).digest('base64url').slice(0, 32)));
  return name;
};

type Callback = (error: Error & { code?: string }, result: pg.QueryResult) => void;

/**
 * A client that lets Postgres keep the plan of each statement: ours are few, long and asked all the time, and planning
 * one takes longer than running it. After a migration the old plans of a connection are of no use; it goes on without.
 */
export class PreparingClient extends pg.Client {
  private isPreparing = true;

  // pg's own signature has a dozen overloads; the driver uses text with values, and the pool text with a callback.
  override query(...given: unknown[]): never {
    const [text, values, callback] = given as [unknown, unknown, Callback | undefined];
    const ask = (...asked: unknown[]): never => (super.query as (...all: unknown[]) => never).apply(this, asked);
    if (!this.isPreparing || typeof text !== 'string' || !Array.isArray(values) || values.length === 0)
      return ask(...given);
    const statement = { name: nameOf(text), text, values };
    const look = (error: unknown) => {
      if ((error as { code?: string } | null)?.code === STALE_PLAN) this.isPreparing = false;
    };
    if (callback)
      return ask(statement, (error: Error, result: pg.QueryResult) => {
        look(error);
        callback(error, result);
      });
    const answer = ask(statement) as Promise<unknown>;
    answer.catch(look);
    return answer as never;
  }
}
