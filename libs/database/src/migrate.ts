import { MikroORM } from '@mikro-orm/postgresql';
import { runMigrations } from 'bullmq';
import pg from 'pg';
import { ormConfig } from './orm-config.js';
import { postgresConfig } from './postgres-config.js';
import { keepSchoolsApart, letOwnerSee } from './row-level-security.js';

/**
 * Brings the schema up to date, keeps the schools apart in it, and lets the application role work in it. Can be repeated,
 * also after it was broken off: no process starts on tables that are not kept apart. BullMQ's tables are made too,
 * whether the queues live in Postgres or not, so that switching is a matter of one setting.
 * @param migrationUrl as the owner of the tables; @param applicationUrl whose role gets the grants
 * @param queues BullMQ makes a sequence at a queue's first job; the application's role may make nothing, so it is made here
 */
export async function migrate(
  migrationUrl: string,
  applicationUrl: string,
  queues: readonly string[] = [],
): Promise<{ applied: string[] }> {
  const orm = await MikroORM.init(ormConfig(migrationUrl, { connections: 2 }));
  try {
    const client = new pg.Client(postgresConfig(migrationUrl));
    await client.connect();
    try {
      const isPending = (await orm.migrator.getPending()).length > 0;
      if (isPending) await letOwnerSee(client);
      const applied = await orm.migrator.up();
      await keepSchoolsApart(client);
      await runMigrations(client);
      for (const queue of queues) await client.query('select bullmq.next_job_id($1)', [queue]);
      await grant(client, roleOf(applicationUrl));
      return { applied: applied.map((step) => step.name) };
    } finally {
      await client.end();
    }
  } finally {
    await orm.close(true);
  }
}

const roleOf = (url: string) => decodeURIComponent(new URL(url).username);

async function grant(client: pg.Client, role: string): Promise<void> {
  const { rows } = await client.query<{ owner: string }>('select current_user as owner');
  if (!role || rows[0]?.owner === role) return;
  const name = client.escapeIdentifier(role);
  const database = await client.query<{ name: string }>('select current_database() as name');
  // BullMQ adds jobs by way of temporary tables.
  await client.query(`grant temporary on database ${client.escapeIdentifier(database.rows[0]!.name)} to ${name}`);
  for (const schema of ['public', 'bullmq']) {
    await client.query(`grant usage on schema ${schema} to ${name}`);
    await client.query(`grant select, insert, update, delete on all tables in schema ${schema} to ${name}`);
    await client.query(`grant usage, select on all sequences in schema ${schema} to ${name}`);
    await client.query(`grant execute on all functions in schema ${schema} to ${name}`);
    await client.query(
      `alter default privileges in schema ${schema} grant select, insert, update, delete on tables to ${name}`,
    );
    await client.query(`alter default privileges in schema ${schema} grant usage, select on sequences to ${name}`);
  }
  await client.query(`revoke insert, update, delete on public.migrations from ${name}`);
  // What was written down stays as it is (R12): the chain is closed over it once, and that is all.
  await client.query(`revoke update, delete on public.audit_entries from ${name}`);
  await client.query(`grant update (sequence, previous_hash, hash) on public.audit_entries to ${name}`);
}
