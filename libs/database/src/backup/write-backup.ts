import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { StartupError } from '#libs/platform';
import { postgresConfig } from '../postgres-config.js';
import { type BackupEnd, type BackupHeader, MARK, digest } from './backup-file.js';

const BATCH = 1_000;

/**
 * Writes every row of our tables, as of one moment, into one file that only its owner may read. Postgres' own tool would
 * have to be as new as the server, and is not where Node alone is; the queues are left out, since they are made anew from
 * these tables. There under its name only when it is whole.
 * @param migrationUrl as the owner of the tables, who may see the rows of every school
 */
export async function writeBackup(
  migrationUrl: string,
  path: string,
  about: Pick<BackupHeader, 'region' | 'version'>,
): Promise<{ header: BackupHeader; end: BackupEnd }> {
  const client = new pg.Client(postgresConfig(migrationUrl));
  await client.connect();
  const part = `${path}.part`;
  try {
    await client.query('begin isolation level repeatable read read only');
    await seeEverySchool(client);
    const header = await headerOf(client, about);
    const end = await writeRows(client, part, header);
    await syncFile(part);
    await rename(part, path);
    return { header, end };
  } finally {
    await rm(part, { force: true });
    await client.end();
  }
}

async function seeEverySchool(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ mine: boolean | null }>(
    `select pg_has_role(c.relowner, 'usage') as mine from pg_class c where c.oid = to_regclass('public.schools')`,
  );
  if (rows.length === 0) throw new StartupError(['DATABASE_MIGRATION_URL: there are no tables of ours.']);
  if (!rows[0]!.mine)
    throw new StartupError([
      'DATABASE_MIGRATION_URL: a backup is written as the owner of the tables; another role sees no school.',
    ]);
  await client.query(`select set_config('app.look_up', 'on', true)`);
}

async function headerOf(
  client: pg.Client,
  { region, version }: Pick<BackupHeader, 'region' | 'version'>,
): Promise<BackupHeader> {
  const { rows } = await client.query<{ at: Date; databaseId: string | null; migrations: string[] }>(
    `select clock_timestamp() as at, (select database_id from key_canary where id = 1) as "databaseId",
      array(select name from migrations order by id) as migrations`,
  );
  const { at, databaseId, migrations } = rows[0]!;
  return { format: 'conferences-backup-1', at: at.toISOString(), databaseId, region, version, migrations };
}

async function writeRows(client: pg.Client, path: string, header: BackupHeader): Promise<BackupEnd> {
  const zip = createGzip();
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  const done = once(file, 'finish');
  // What fails while nobody waits for it is met below.
  done.catch(() => undefined);
  zip.pipe(file);
  const hash = digest();
  const write = async (line: string) => {
    hash.update(`${line}\n`);
    if (!zip.write(`${line}\n`)) await once(zip, 'drain');
  };
  await write(MARK.header + JSON.stringify(header));
  const counts: Record<string, number> = {};
  for (const table of await ourTables(client)) {
    await write(MARK.table + table);
    counts[table] = 0;
    await client.query(`declare backup no scroll cursor for select to_jsonb(t)::text as row from public."${table}" t`);
    for (;;) {
      const { rows } = await client.query<{ row: string }>(`fetch ${BATCH} from backup`);
      for (const { row } of rows) await write(row);
      counts[table] += rows.length;
      if (rows.length < BATCH) break;
    }
    await client.query('close backup');
  }
  const end: BackupEnd = { rows: counts, sha256: hash.digest('hex') };
  zip.end(`${MARK.end}${JSON.stringify(end)}\n`);
  await done;
  return end;
}

async function ourTables(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'migrations' order by 1`,
  );
  return rows.map(({ name }) => name);
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
