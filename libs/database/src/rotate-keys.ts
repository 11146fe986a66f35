import pg from 'pg';
import { kidOf, type KeyWrapper } from '#libs/encryption';
import { WRAPPING_LOCK, ownerWords } from './data-keys.js';
import { type Database, type Em, asJson, rows, sql } from './database.js';
import { canaryKid, rewrapCanary } from './open-keys.js';
import { postgresConfig } from './postgres-config.js';
import { schoolsOf } from './scope.js';

const BATCH = 500;
/** Held for as long as somebody rotates or retires: the ring's file has one writer. */
const ROTATION_LOCK = 20261123;

/** How many data keys each wrapping key has sealed, by its id. */
export async function keysWrapped(database: Database): Promise<ReadonlyMap<string, number>> {
  const found = await rows(
    database.unscoped(),
    sql<{ wrappedBy: string; keys: number }>`select wrapped_by, keys from keys_wrapped()`,
  );
  return new Map(found.map(({ wrappedBy, keys }) => [wrappedBy, keys]));
}

/**
 * Wraps every data key with the active wrapping key, some at a time, while everybody reads and writes on. Nothing is
 * remembered but what is in the rows: killed at any point, it goes on where it was.
 * @param progress after each batch: how many are done, of how many
 * @returns how many were wrapped anew
 */
export async function rewrapDataKeys(
  database: Database,
  wrapper: KeyWrapper,
  progress: (done: number, total: number) => void = () => undefined,
): Promise<number> {
  const kid = wrapper.activeKid();
  const total = [...(await keysWrapped(database))].reduce((sum, [by, keys]) => sum + (by === kid ? 0 : keys), 0);
  let done = 0;
  for (;;) {
    const { found, changed } = await database.transaction(schoolsOf.notWrappedBy(kid), (em) => batch(em, wrapper, kid));
    if (found === 0) break;
    done += changed;
    progress(done, Math.max(total, done));
  }
  await rewrapCanary(database, wrapper);
  return done;
}

interface Wrapped {
  readonly schoolId: string;
  readonly personId: string;
  readonly wrapped: string;
}

async function batch(em: Em, wrapper: KeyWrapper, kid: string): Promise<{ found: number; changed: number }> {
  const found = await rows(
    em,
    sql<Wrapped>`select school_id, person_id, wrapped from data_keys where wrapped_by <> ${kid}
      order by school_id, person_id limit ${BATCH} for no key update`,
  );
  const anew = await Promise.all(
    found.map(async ({ schoolId, personId, wrapped }) => {
      const owner = ownerWords({ school: schoolId, person: personId });
      const next = await wrapper.wrap(await wrapper.unwrap(wrapped, owner), owner);
      return { school_id: schoolId, person_id: personId, wrapped: next, wrapped_by: kidOf(next) };
    }),
  );
  const changed = await rows(
    em,
    sql`update data_keys d set wrapped = n.wrapped, wrapped_by = n.wrapped_by
      from jsonb_to_recordset(${asJson(anew)}) as n(school_id text, person_id text, wrapped text, wrapped_by text)
      where d.school_id = n.school_id and d.person_id = n.person_id returning 1`,
  );
  return { found: found.length, changed: changed.length };
}

/**
 * Gives up a wrapping key that nothing is sealed with any more. While this looks, nobody makes a data key, so that none
 * can appear under it afterwards.
 * @param drop takes it out of the ring; called only where nothing is left
 * @returns how many data keys (and whether the canary) still need it: then nothing was done
 */
export function retireWrappingKey(
  database: Database,
  kid: string,
  drop: () => void,
): Promise<{ keys: number; canary: boolean }> {
  return database.transaction([], async (em) => {
    await rows(em, sql`select pg_advisory_xact_lock(${WRAPPING_LOCK})`);
    const left = { keys: (await keysWrapped(database)).get(kid) ?? 0, canary: (await canaryKid(database)) === kid };
    if (left.keys === 0 && !left.canary) drop();
    return left;
  });
}

/** Does `work` while nobody else rotates or retires. @returns null where somebody does */
export async function aloneWithKeys<T>(databaseUrl: string, work: () => Promise<T>): Promise<T | null> {
  const client = new pg.Client(postgresConfig(databaseUrl));
  await client.connect();
  try {
    const { rows: found } = await client.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [
      ROTATION_LOCK,
    ]);
    return found[0]!.mine ? await work() : null;
  } finally {
    // The lock ends with its session, also where this process is killed.
    await client.end();
  }
}
