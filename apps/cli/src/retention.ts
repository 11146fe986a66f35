import { expiringAt, schoolsToLookAt } from '#libs/conferences';
import { DataKeys, Database, EVERY_SCHOOL, openClock, openKeys } from '#libs/database';
import { BlindIndex, erasedPersonIndex } from '#libs/encryption';
import { StartupError, checkedSetting } from '#libs/platform';
import { readArgs } from './read-args.js';
import { WrongArguments } from './wrong-arguments.js';

/**
 * `conferences retention --dry-run`: who would be deleted for having had no school for two years (R15), per school, by a
 * keyed hash of the person, and when. Changes nothing. The workers do it by themselves.
 */
export async function retention(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<number> {
  if (!readArgs('retention', args, { flags: ['dry-run'] }).options.has('dry-run'))
    throw new WrongArguments([
      'retention takes --dry-run: it shows who will be deleted. The workers delete by themselves.',
    ]);
  const databaseUrl = checkedSetting(env, 'DATABASE_URL');
  const keyRing = checkedSetting(env, 'KEY_RING');
  if (!databaseUrl || !keyRing) throw new StartupError(['retention needs DATABASE_URL and KEY_RING.']);
  const { wrapper, root } = await openKeys({ databaseUrl, keyRing });
  const [keys, index] = [new DataKeys(wrapper, root), new BlindIndex(root)];
  const database = await Database.connect(databaseUrl, 1);
  // The workers go by the time of Postgres, whatever this machine's clock says.
  const clock = await openClock(databaseUrl);
  const now = clock.now();
  const say = (line: string) => process.stdout.write(`${line}\n`);
  try {
    let count = 0;
    for (const schoolId of await database.transaction(EVERY_SCHOOL, (em) => schoolsToLookAt(em, now))) {
      const expiring = await database.transaction([schoolId], (em) => expiringAt(em, keys, schoolId, now));
      if (expiring.length === 0) continue;
      count += expiring.length;
      say(`${schoolId}: ${expiring.length}`);
      for (const { personId, expiresAt, isNoticed } of expiring) {
        const hash = erasedPersonIndex(index, schoolId, personId).toString('hex').slice(0, 16);
        say(`  ${hash}  ${expiresAt.toISOString().slice(0, 10)}${isNoticed ? '' : '  (the school is told first)'}`);
      }
    }
    say(count === 0 ? 'Nobody has been without a school for that long.' : `In all: ${count}. Nothing was changed.`);
    return 0;
  } finally {
    await database.close();
    await clock.close();
  }
}
