import { BlindIndex } from '#libs/encryption';
import { Database, EVERY_SCHOOL, openClock, openKeys } from '#libs/database';
import { StartupError, loadSettings } from '#libs/platform';
import { readArgs } from './read-args.js';
import { auditedSchools, ledgerFolder, strayCheckpoints, signingKeysOf, verifyAudit } from '#libs/privacy';

/**
 * `conferences audit verify`: walks the chain of every school and holds it against the signed checkpoints of the ledger
 * folder. One line a school; exit code 0 only where nothing is wrong.
 */
export async function audit(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<number> {
  if (args[0] !== 'verify') throw new StartupError(['Say what to do with the audit: conferences audit verify']);
  readArgs('audit verify', args.slice(1));
  const settings = loadSettings(env);
  const { root, databaseId } = await openKeys(settings);
  const index = new BlindIndex(root);
  const folder = await ledgerFolder(settings, databaseId, (sentence) => process.stderr.write(`${sentence}\n`));
  const source = { folder, signing: signingKeysOf(settings.signingKey) };
  const clock = await openClock(settings.databaseUrl);
  const database = await Database.connect(settings.databaseUrl, 1);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  try {
    let faulty = 0;
    const schools = await database.transaction(EVERY_SCHOOL, auditedSchools);
    for (const schoolId of schools) {
      const { ok, entries, checkpoints, faults, lag } = await database.transaction([schoolId], (em) =>
        verifyAudit(em, { index, now: clock.now() }, schoolId, source),
      );
      if (!ok) faulty += 1;
      say(
        `${schoolId || '(operations)'}: ${ok ? 'right' : 'WRONG'}, ${entries} entries, ${checkpoints} checkpoints, ${lag.entries} not chained yet`,
      );
      for (const { sequence, what } of faults) say(`  entry ${sequence ?? '?'}: ${what}`);
    }
    const stray = await strayCheckpoints(index, schools, source);
    if (stray > 0) say(`${stray} checkpoints are of schools of which nothing is left in the database.`);
    const isRight = faulty === 0 && stray === 0;
    say(
      isRight
        ? `The audit of ${schools.length} schools is as it was written.`
        : 'The audit was changed. See docs/privacy/audit.md.',
    );
    return isRight ? 0 : 1;
  } finally {
    await database.close();
    await clock.close();
  }
}
