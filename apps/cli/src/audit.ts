import { BlindIndex, KeyRing } from '#libs/encryption';
import { Database, openClock } from '#libs/database';
import { StartupError, loadSettings } from '#libs/platform';
import { auditedSchools, strayCheckpoints, signingKeysOf, verifyAudit } from '#libs/privacy';

/**
 * `conferences audit verify`: walks the chain of every school and holds it against the signed checkpoints of the ledger
 * folder. One line a school; exit code 0 only where nothing is wrong.
 */
export async function audit(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<number> {
  if (args[0] !== 'verify') throw new StartupError(['Say what to do with the audit: conferences audit verify']);
  const settings = loadSettings(env);
  const index = new BlindIndex(KeyRing.fromSetting(settings.keyRing));
  const source = { folder: settings.ledgerDir, signing: signingKeysOf(settings.signingKey) };
  const clock = await openClock(settings.databaseUrl);
  const database = await Database.connect(settings.databaseUrl, 1);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  try {
    let faulty = 0;
    const schools = await auditedSchools(database.em());
    for (const schoolId of schools) {
      const { ok, entries, checkpoints, faults, lag } = await verifyAudit(
        database.em(),
        { index, now: clock.now() },
        schoolId,
        source,
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
