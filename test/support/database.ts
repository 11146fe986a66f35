import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { Database } from '#libs/database';

/** A migrated, empty database of one test file. */
export interface TestDatabase {
  readonly database: Database;
  /** As the application's role. */
  readonly url: string;
  /** As the role that owns the tables. */
  readonly migrationUrl: string;
  /** Runs a statement as the owner, on a connection of its own: sees only what is committed. */
  query<T extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<T[]>;
  close(): Promise<void>;
}

/** Copies the template that the global setup migrated: some tens of milliseconds. */
export async function freshDatabase(options: { poolSize?: number } = {}): Promise<TestDatabase> {
  const name = `test_${process.env['JEST_WORKER_ID'] ?? '0'}_${randomBytes(6).toString('hex')}`;
  await administer(`create database ${name} template conferences`);
  const url = at('TEST_POSTGRES_URL', name);
  const migrationUrl = at('TEST_POSTGRES_MIGRATION_URL', name);
  const database = await Database.connect(url, options.poolSize);
  const looker = new pg.Client({ connectionString: migrationUrl });
  await looker.connect();
  return {
    database,
    url,
    migrationUrl,
    query: async <T extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await looker.query<T>(text, values)).rows,
    close: async () => {
      await looker.end();
      await database.close();
      await administer(`drop database ${name} with (force)`);
    },
  };
}

/** An empty database that nobody migrated. */
export async function emptyDatabase(): Promise<{ url: string; migrationUrl: string; close(): Promise<void> }> {
  const name = `test_${process.env['JEST_WORKER_ID'] ?? '0'}_${randomBytes(6).toString('hex')}`;
  await administer(`create database ${name}`);
  return {
    url: at('TEST_POSTGRES_URL', name),
    migrationUrl: at('TEST_POSTGRES_MIGRATION_URL', name),
    close: () => administer(`drop database ${name} with (force)`),
  };
}

function at(variable: string, database: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set. Run the tests through npm test or npm run jest.`);
  const url = new URL(value);
  url.pathname = `/${database}`;
  return url.href;
}

/** Postgres lets one session at a time copy a template; a lock makes the others wait rather than fail. */
async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: at('TEST_POSTGRES_MIGRATION_URL', 'postgres') });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(20261122)');
    await client.query(statement);
  } finally {
    await client.end();
  }
}
