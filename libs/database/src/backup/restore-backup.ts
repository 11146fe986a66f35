import { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { StartupError } from '#libs/platform';
import { migrate } from '../migrate.js';
import { ormConfig } from '../orm-config.js';
import { postgresConfig } from '../postgres-config.js';
import { MARK, backupLines, checkBackup, type BackupEnd, type BackupHeader } from './backup-file.js';

const BATCH = 500;

/**
 * Puts a backup into an empty database: the tables as they were, their rows in one transaction, then the migrations since.
 * @param migrationUrl as the role that will own the tables; @param applicationUrl whose role gets the grants
 * @throws StartupError where the backup is not whole, is of a newer version, or the database is not empty: then nothing was done
 */
export async function restoreBackup(
  path: string,
  migrationUrl: string,
  applicationUrl: string,
  queues: readonly string[] = [],
): Promise<{ header: BackupHeader; end: BackupEnd }> {
  const checked = await checkBackup(path);
  const client = new pg.Client(postgresConfig(migrationUrl));
  await client.connect();
  try {
    const { rows } = await client.query(`select from pg_tables where schemaname in ('public', 'bullmq') limit 1`);
    if (rows.length > 0)
      throw new StartupError(['A backup is restored into an empty database, and this one has tables. Make a new one.']);
    await makeTables(migrationUrl, checked.header.migrations);
    await fill(client, path);
  } finally {
    await client.end();
  }
  await migrate(migrationUrl, applicationUrl, queues);
  return checked;
}

async function makeTables(migrationUrl: string, migrations: readonly string[]): Promise<void> {
  const orm = await MikroORM.init(ormConfig(migrationUrl, { connections: 2 }));
  try {
    const known = (await orm.migrator.getPending()).map(({ name }) => name);
    const unknown = migrations.filter((name) => !known.includes(name));
    if (unknown.length > 0)
      throw new StartupError([
        `The backup is of a newer version than this one: it knows no ${unknown.join(', ')}. Install that version first.`,
      ]);
    await orm.migrator.up({ migrations: [...migrations] });
  } finally {
    await orm.close(true);
  }
}

/** Before row-level security is on: it comes with `migrate`, over all that is there. */
async function fill(client: pg.Client, path: string): Promise<void> {
  let table = '';
  let batch: string[] = [];
  const flush = async () => {
    if (batch.length === 0) return;
    await client.query(
      `insert into public."${table}" select * from jsonb_populate_recordset(null::public."${table}", $1::jsonb)`,
      [`[${batch.join()}]`],
    );
    batch = [];
  };
  await client.query('begin');
  // Migrations may have put rows there: what stood in the backup counts. The audit's rows come as they were, chained.
  await client.query('alter table if exists public.audit_entries disable trigger user');
  for await (const line of backupLines(path)) {
    if (line.startsWith(MARK.header) || line.startsWith(MARK.end)) continue;
    if (line.startsWith(MARK.table)) {
      await flush();
      table = line.slice(MARK.table.length);
      await client.query(`delete from public."${table}"`);
    } else {
      batch.push(line);
      if (batch.length === BATCH) await flush();
    }
  }
  await flush();
  await client.query('alter table if exists public.audit_entries enable trigger user');
  await client.query('commit');
}
