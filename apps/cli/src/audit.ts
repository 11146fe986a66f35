import { BlindIndex } from '#libs/encryption';
import { Database, EVERY_SCHOOL, openClock, openKeys } from '#libs/database';
import { ledgerDirOf } from '#libs/platform';
import { auditedSchools, ledgerFolder, strayCheckpoints, signingKeysOf, verifyAudit } from '#libs/privacy';
import { neededSettings } from './needed-settings.js';
import { readArgs } from './read-args.js';
import { showAudit } from './show-audit.js';
import { WrongArguments } from './wrong-arguments.js';

/** `conferences audit`: holds it against what it must be, or shows it. @returns the exit code */
export async function audit(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<number> {
  const [word, ...rest] = args;
  if (word === 'show') return showAudit(env, rest);
  if (word !== 'verify') throw new WrongArguments(['Say what to do with the audit: verify or show.']);
  readArgs('audit verify', rest);
  return verify(env);
}

/**
 * `conferences audit verify`: walks the chain of every school and holds it against the signed checkpoints of the ledger
 * folder. One line a school; exit code 0 only where nothing is wrong.
 */
async function verify(env: NodeJS.ProcessEnv): Promise<number> {
  const needed = neededSettings('audit verify', env, 'DATABASE_URL', 'KEY_RING', 'SIGNING_KEY');
  const databaseUrl = needed.DATABASE_URL;
  const { root, databaseId } = await openKeys({ databaseUrl, keyRing: needed.KEY_RING });
  const index = new BlindIndex(root);
  const folder = await ledgerFolder(
    { ledgerDir: ledgerDirOf(env), production: env['NODE_ENV'] === 'production' },
    databaseId,
    (sentence) => process.stderr.write(`${sentence}\n`),
  );
  const source = { folder, signing: signingKeysOf(Buffer.from(needed.SIGNING_KEY, 'base64url')) };
  const clock = await openClock(databaseUrl);
  const database = await Database.connect(databaseUrl, 1);
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
