import { randomBytes } from 'node:crypto';
import {
  WrappingFailed,
  indexRootFrom,
  keyWrapperFrom,
  kidOf,
  type IndexRoot,
  type KeyWrapper,
} from '#libs/encryption';
import { StartupError, storeFault } from '#libs/platform';
import { connectFault } from './connect-fault.js';
import { Database, rows, sql } from './database.js';
import { homeOf, noteFirstHome } from './key-home.js';

/** What is known, and wrapped: 32 bytes, as long as a key. */
const CANARY = Buffer.from('the canary of this database, 32b');
const CANARY_OWNER = ['canary'];
const INDEX_OWNER = ['blind-index'];
const CHECK = 'canary';

interface CanaryRow {
  readonly wrapped: string;
  readonly indexWrapped: string | null;
  readonly indexCheck: Buffer;
  readonly databaseId: string;
}

interface KeySettings {
  readonly keyRing: string;
  readonly databaseUrl: string;
}

/** The keys of a process: what wraps data keys, and the root of the blind indexes. */
export interface Keys {
  readonly wrapper: KeyWrapper;
  readonly root: IndexRoot;
  /** Of this database and of each restored copy of it; a fresh one has another. */
  readonly databaseId: string;
}

/**
 * Opens what KEY_RING names and holds it to the database: at the first start its canary is written, from then on a ring
 * with which the rows cannot be opened, or found, stops the start.
 * @throws StartupError that says which key the database expects and what to do
 */
export const openKeys = (settings: KeySettings): Promise<Keys> =>
  withDatabase(settings, async (database, wrapper) => {
    const canary = (await readCanary(database)) ?? (await writeCanary(database, wrapper));
    await noteFirstHome(database, await homeOf(database, settings.databaseUrl));
    return { wrapper, root: await rootOf(wrapper, canary), databaseId: canary.databaseId };
  });

/** The same look, which writes nothing. @throws StartupError */
export const checkKeys = (settings: KeySettings): Promise<KeyWrapper> =>
  withDatabase(settings, async (database, wrapper) => {
    const canary = await readCanary(database);
    if (canary) await rootOf(wrapper, canary);
    return wrapper;
  });

async function withDatabase<T>(
  settings: KeySettings,
  work: (database: Database, wrapper: KeyWrapper) => Promise<T>,
): Promise<T> {
  const wrapper = opened(settings.keyRing);
  const database = await Database.connect(settings.databaseUrl, 1);
  try {
    return await work(database, wrapper);
  } catch (error) {
    if (error instanceof StartupError) throw error;
    if (error instanceof WrappingFailed) throw new StartupError([`KEY_RING: ${error.message}`]);
    throw new StartupError([
      storeFault(error)
        ? connectFault('DATABASE_URL', error)
        : 'DATABASE_URL: the canary of the keys cannot be read. Run, as the role that owns the tables: npm run migrate',
    ]);
  } finally {
    await database.close();
  }
}

function opened(setting: string): KeyWrapper {
  try {
    return keyWrapperFrom(setting);
  } catch (error) {
    throw new StartupError([error instanceof Error ? error.message : 'KEY_RING cannot be opened.']);
  }
}

async function rootOf(wrapper: KeyWrapper, found: CanaryRow): Promise<IndexRoot> {
  await checkCanary(wrapper, found);
  const root =
    found.indexWrapped === null ? wrapper.index : indexRootFrom(await wrapper.unwrap(found.indexWrapped, INDEX_OWNER));
  if (!root?.derive(CHECK).equals(found.indexCheck))
    throw new StartupError([
      'KEY_RING: the root of its blind indexes ("index") is not the one that this database was filled with: nothing would be found again. Use the ring of this database, whole.',
    ]);
  return root;
}

async function readCanary(database: Database): Promise<CanaryRow | undefined> {
  const [row] = await rows(
    database.unscoped(),
    sql<CanaryRow>`select wrapped, index_wrapped, index_check, database_id from key_canary where id = 1`,
  );
  return row;
}

/** Of two processes at their first start, one writes; both read what it wrote. */
async function writeCanary(database: Database, wrapper: KeyWrapper): Promise<CanaryRow> {
  const fresh = wrapper.index === null ? randomBytes(32) : null;
  const root = wrapper.index ?? indexRootFrom(fresh!);
  const wrapped = await wrapper.wrap(CANARY, CANARY_OWNER);
  const indexWrapped = fresh && (await wrapper.wrap(fresh, INDEX_OWNER));
  await rows(
    database.unscoped(),
    sql`insert into key_canary (id, wrapped, index_wrapped, index_check) values (1, ${wrapped}, ${indexWrapped}, ${root.derive(CHECK)}) on conflict do nothing`,
  );
  return (await readCanary(database))!;
}

async function checkCanary(wrapper: KeyWrapper, { wrapped }: CanaryRow): Promise<void> {
  const kid = kidOf(wrapped);
  const is = await wrapper.unwrap(wrapped, CANARY_OWNER).catch((error: unknown) => {
    if (!(error instanceof WrappingFailed) || (error.code !== 'unknown-key' && error.code !== 'refused')) throw error;
    return error.code;
  });
  if (is === 'unknown-key')
    throw new StartupError([
      `KEY_RING: this database is sealed with the wrapping key "${kid}", and the ring has only ${wrapper.kids().join(', ')}. Use the ring of this database; where it was rotated, the newest copy of it.`,
    ]);
  if (is === 'refused' || !CANARY.equals(is as Uint8Array))
    throw new StartupError([
      `KEY_RING: its key "${kid}" is not the "${kid}" that this database is sealed with: it is the ring of another installation. Use the ring of this database; a new one cannot open its rows.`,
    ]);
}

/** Wraps the canary, and the root that is kept here, with the active wrapping key. */
export async function rewrapCanary(database: Database, wrapper: KeyWrapper): Promise<void> {
  await database.transaction([], async (em) => {
    const [row] = await rows(
      em,
      sql<CanaryRow>`select wrapped, index_wrapped, index_check, database_id from key_canary where id = 1 for update`,
    );
    if (!row || kidOf(row.wrapped) === wrapper.activeKid()) return;
    const wrapped = await wrapper.wrap(await wrapper.unwrap(row.wrapped, CANARY_OWNER), CANARY_OWNER);
    const indexWrapped =
      row.indexWrapped && (await wrapper.wrap(await wrapper.unwrap(row.indexWrapped, INDEX_OWNER), INDEX_OWNER));
    await rows(em, sql`update key_canary set wrapped = ${wrapped}, index_wrapped = ${indexWrapped} where id = 1`);
  });
}

/** The wrapping key of the canary; null before the first start. */
export async function canaryKid(database: Database): Promise<string | null> {
  const row = await readCanary(database);
  return row ? kidOf(row.wrapped) : null;
}
