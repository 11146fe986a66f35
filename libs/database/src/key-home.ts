import { type Database, rows, sql } from './database.js';
import { readIncarnation } from './incarnation.js';

/**
 * Where a database lives, as one line that an operator can read: a copy of it, on whatever server and however it was made,
 * has another. `keys retire` works only at the home that the database itself and the key ring name: a wrapping key that
 * nothing in a copy needs may be the one that the live database is sealed with.
 */
export async function homeOf(database: Database, databaseUrl: string): Promise<string> {
  const { system, timeline, database: oid } = await readIncarnation(database.unscoped());
  const { hostname, port, pathname } = new URL(databaseUrl);
  const place = `${hostname}:${port || 5432}${pathname}`;
  return `${place} (server ${system ?? 'unknown'}, timeline ${timeline ?? 'unknown'}, database ${oid})`;
}

/** The home that stands in the database; a copy brings along that of its original. Null before the first start. */
export async function notedHome(database: Database): Promise<string | null> {
  const [row] = await rows(database.unscoped(), sql<{ home: string | null }>`select home from key_canary where id = 1`);
  return row?.home ?? null;
}

/** A database that has no home yet gets this one: at its first start, with the version that knows of homes. */
export async function noteFirstHome(database: Database, home: string): Promise<void> {
  await rows(database.unscoped(), sql`update key_canary set home = ${home} where id = 1 and home is null`);
}

/** From now on this is its home: somebody says that no other copy is in use. */
export async function moveHome(database: Database, home: string): Promise<void> {
  await rows(database.unscoped(), sql`update key_canary set home = ${home} where id = 1`);
}
