import { checkKeptApart, checkKeys, keepsSession } from '#libs/database';
import { redisFaultOf } from '#libs/messaging';
import { keyWrapperFrom } from '#libs/encryption';
import { StartupError, checkedSetting, environmentExample, ledgerDirOf, settingFaults } from '#libs/platform';
import { ledgerDirFault } from '#libs/privacy';
import { databaseFault } from './database-fault.js';
import { readArgs } from './read-args.js';

/** `conferences doctor`: all wrong settings at once, each with its mend. Exit code 0 only without any. */
export async function doctor(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<number> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  if (readArgs('doctor', args, { flags: ['example'] }).options.has('example')) {
    process.stdout.write(environmentExample());
    return 0;
  }
  const faults = settingFaults(env);
  const ledger = await ledgerDirFault(ledgerDirOf(env));
  if (ledger !== null) faults.push(ledger);
  const keyRing = rightSetting(env, 'KEY_RING');
  const ring = keyRingFault(keyRing);
  if (ring !== null) faults.push(ring);
  const notes: string[] = [];
  faults.push(...(await faultsAgainstDatabase(env, ring === null ? keyRing : undefined, notes)));
  faults.push(...(await faultsAgainstRedis(env)));
  for (const note of notes) say(`Note: ${note}`);
  if (faults.length === 0) {
    say('All settings are well.');
    return 0;
  }
  say(`${faults.length} ${faults.length === 1 ? 'setting is' : 'settings are'} wrong:`);
  for (const fault of faults) say(`  - ${fault}`);
  return 1;
}

/** What can be told of the key ring without Postgres. */
function keyRingFault(keyRing: string | undefined): string | null {
  try {
    if (keyRing) keyWrapperFrom(keyRing);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'KEY_RING cannot be opened.';
  }
}

/** A setting that is there and right; what is wrong with it is told among all the others. */
function rightSetting(env: NodeJS.ProcessEnv, name: string): string | undefined {
  try {
    return checkedSetting(env, name);
  } catch {
    return undefined;
  }
}

/** What only Postgres can tell: whether it answers, keeps the schools apart, and was filled with these keys. */
async function faultsAgainstDatabase(
  env: NodeJS.ProcessEnv,
  keyRing: string | undefined,
  notes: string[],
): Promise<string[]> {
  const databaseUrl = rightSetting(env, 'DATABASE_URL');
  if (!databaseUrl) return [];
  const fault = await databaseFault('DATABASE_URL', databaseUrl);
  if (fault !== null) return [fault];
  const listenUrl = rightSetting(env, 'DATABASE_LISTEN_URL');
  const listens = listenUrl ? await databaseFault('DATABASE_LISTEN_URL', listenUrl) : null;
  if (listens !== null) return [listens];
  if (!(await keepsSession(listenUrl ?? databaseUrl)))
    notes.push(
      `${listenUrl ? 'DATABASE_LISTEN_URL' : 'DATABASE_URL'} goes through a pooler in transaction mode: name a direct connection in DATABASE_LISTEN_URL. Queues need it where REDIS_URL is unset; elsewhere due rows are looked for once a second.`,
    );
  const production = env['NODE_ENV'] === 'production';
  const looks = [
    checkKeptApart({ databaseUrl, production }, (note) => notes.push(note)),
    ...(keyRing ? [checkKeys({ keyRing, databaseUrl })] : []),
  ];
  return (await Promise.allSettled<unknown>(looks)).flatMap((look) =>
    look.status === 'rejected' && look.reason instanceof StartupError ? look.reason.faults : [],
  );
}

async function faultsAgainstRedis(env: NodeJS.ProcessEnv): Promise<string[]> {
  const redisUrl = rightSetting(env, 'REDIS_URL');
  const fault = redisUrl ? await redisFaultOf(redisUrl, rightSetting(env, 'QUEUE_PREFIX') ?? '{conf}') : null;
  return fault === null ? [] : [fault];
}
