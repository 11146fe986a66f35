import { Database, checkKeptApart, checkKeys } from '#libs/database';
import { StartupError, environmentExample, ledgerDirOf, readSetting, settingFaults } from '#libs/platform';
import { ledgerDirFault } from '#libs/privacy';

/** `conferences doctor`: all wrong settings at once, each with its mend. Exit code 0 only without any. */
export async function doctor(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<number> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  if (args.includes('--example')) {
    process.stdout.write(environmentExample());
    return 0;
  }
  const faults = settingFaults(env);
  const ledger = await ledgerDirFault(ledgerDirOf(env));
  if (ledger !== null) faults.push(ledger);
  faults.push(...(await faultsAgainstDatabase(env)));
  if (faults.length === 0) {
    say('All settings are well.');
    return 0;
  }
  say(`${faults.length} ${faults.length === 1 ? 'setting is' : 'settings are'} wrong:`);
  for (const fault of faults) say(`  - ${fault}`);
  return 1;
}

/** What only Postgres can tell: whether it answers, keeps the schools apart, and was filled with these keys. */
async function faultsAgainstDatabase(env: NodeJS.ProcessEnv): Promise<string[]> {
  const databaseUrl = readSetting(env, 'DATABASE_URL');
  const keyRing = env['KEY_RING'];
  if (!databaseUrl || !URL.canParse(databaseUrl)) return [];
  const database = await Database.connect(databaseUrl, 1);
  const answers = await database.answers();
  await database.close();
  if (!answers)
    return ['DATABASE_URL: Postgres does not answer, or refuses this role. Check host, port, role and password.'];
  const production = env['NODE_ENV'] === 'production';
  const looks = [
    checkKeptApart({ databaseUrl, production }, () => undefined),
    ...(keyRing ? [checkKeys({ keyRing, databaseUrl })] : []),
  ];
  return (await Promise.allSettled<unknown>(looks)).flatMap((look) =>
    look.status === 'rejected' && look.reason instanceof StartupError ? look.reason.faults : [],
  );
}
