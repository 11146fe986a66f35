import { KeyRing } from '#libs/encryption';
import { Database } from '#libs/database';
import { environmentExample, settingFaults } from '#libs/platform';

/** `conferences doctor`: all wrong settings at once, each with its mend. Exit code 0 only without any. */
export async function doctor(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<number> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  if (args.includes('--example')) {
    process.stdout.write(environmentExample());
    return 0;
  }
  const faults = settingFaults(env);
  const keyRing = env['KEY_RING'];
  if (keyRing?.startsWith('file:')) {
    try {
      KeyRing.fromSetting(keyRing);
    } catch (error) {
      faults.push(error instanceof Error ? error.message : 'KEY_RING cannot be read.');
    }
  }
  const databaseUrl = env['DATABASE_URL'];
  if (databaseUrl && URL.canParse(databaseUrl)) {
    const database = await Database.connect(databaseUrl, 1);
    if (!(await database.answers()))
      faults.push('DATABASE_URL: Postgres does not answer, or refuses this role. Check host, port, role and password.');
    await database.close();
  }
  if (faults.length === 0) {
    say('All settings are well.');
    return 0;
  }
  say(`${faults.length} ${faults.length === 1 ? 'setting is' : 'settings are'} wrong:`);
  for (const fault of faults) say(`  - ${fault}`);
  return 1;
}
