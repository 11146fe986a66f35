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

/** A copy of a database as it is now, as a backup would restore it. */
export async function copyOf(original: TestDatabase): Promise<TestDatabase> {
  const from = new URL(original.url).pathname.slice(1);
  // Postgres copies a database that nobody is connected to.
  await administer(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${from}' and pid <> pg_backend_pid()`,
  );
  return databaseFrom(from);
}

/** Copies the template that the global setup migrated: some tens of milliseconds. */
export const freshDatabase = (options: { poolSize?: number } = {}): Promise<TestDatabase> =>
  databaseFrom('conferences', options);

async function databaseFrom(template: string, options: { poolSize?: number } = {}): Promise<TestDatabase> {
  const name = `test_${process.env['JEST_WORKER_ID'] ?? '0'}_${randomBytes(6).toString('hex')}`;
  await administer(`create database ${name} template ${template}`);
  const url = at('TEST_POSTGRES_URL', name);
  const migrationUrl = at('TEST_POSTGRES_MIGRATION_URL', name);
  const database = await Database.connect(url, options.poolSize);
  const looker = new pg.Pool({ connectionString: migrationUrl, max: 2 });
  // A copy ends the connections of its original; the next question opens a new one.
  looker.on('error', () => undefined);
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
