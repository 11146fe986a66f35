import { StartupError, checkedSetting } from '#libs/platform';

/** The database as the owner of its tables: DATABASE_MIGRATION_URL, or DATABASE_URL where one role does both. */
export function ownerUrl(command: string, env: NodeJS.ProcessEnv): string {
  const url = checkedSetting(env, 'DATABASE_MIGRATION_URL') ?? checkedSetting(env, 'DATABASE_URL');
  if (!url) throw new StartupError([`DATABASE_MIGRATION_URL is missing: ${command} needs it.`]);
  return url;
}
