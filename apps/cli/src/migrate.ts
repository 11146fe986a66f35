import { migrate } from '#libs/database';
import { QUEUES } from '#libs/messaging';
import { StartupError, checkedSetting } from '#libs/platform';
import { databaseFault } from './database-fault.js';
import { readArgs } from './read-args.js';

/** `conferences migrate`: makes the tables or brings them up to date. @returns the exit code */
export async function migrateTables(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<number> {
  readArgs('migrate', args);
  const [name, migrationUrl] = required(env, 'DATABASE_MIGRATION_URL', 'DATABASE_URL');
  const [, databaseUrl] = required(env, 'DATABASE_URL');
  const fault = await databaseFault(name, migrationUrl);
  if (fault !== null) throw new StartupError([fault]);
  const { applied } = await migrate(migrationUrl, databaseUrl, QUEUES);
  process.stdout.write(applied.length === 0 ? 'The schema is up to date.\n' : `Applied: ${applied.join(', ')}\n`);
  return 0;
}

/** The first of these settings that is there, and its name. */
function required(env: NodeJS.ProcessEnv, ...names: string[]): [name: string, value: string] {
  for (const name of names) {
    const value = checkedSetting(env, name);
    if (value) return [name, value];
  }
  throw new StartupError([`${names.at(-1)} is missing: migrate needs it.`]);
}
