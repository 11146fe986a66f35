import pg from 'pg';
import { freshDatabase, type TestDatabase } from '../support/database.js';

/** Every row of every table of ours at one moment, as a dump has it. */
export type Backup = ReadonlyMap<string, readonly object[]>;

export async function backUp(db: TestDatabase): Promise<Backup> {
  const client = new pg.Client({ connectionString: db.migrationUrl });
  await client.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    const { rows: tables } = await client.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'migrations' order by 1`,
    );
    const backup = new Map<string, object[]>();
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: object }>(`select to_jsonb(t) as row from ${name} t`);
      backup.set(
        name,
        rows.map(({ row }) => row),
      );
    }
    return backup;
  } finally {
    await client.end();
  }
}

/** The same rows in a database of their own. */
export async function restore(backup: Backup): Promise<TestDatabase> {
  const db = await freshDatabase();
  for (const [name, rows] of backup)
    if (rows.length > 0)
      // As a restore does: rows first, triggers after. One message, so that one connection hears all of it.
      await db.query(
        `set session_replication_role = replica; insert into ${name} select * from jsonb_populate_recordset(null::${name}, ${literal(rows)}::jsonb); reset session_replication_role`,
      );
  return db;
}

const literal = (rows: readonly object[]) => pg.escapeLiteral(JSON.stringify(rows));
