import { EVERY_SCHOOL } from '#libs/database';
import { auditedSchools, strayCheckpoints, verifyAudit } from '#libs/privacy';
import { type OpenLedger, withLedger } from './ledger-of.js';
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
const verify = (env: NodeJS.ProcessEnv) => withLedger('audit verify', env, verifyAll);

async function verifyAll({ database, clock, index, folder, signing }: OpenLedger): Promise<number> {
  const source = { folder, signing };
  const say = (line: string) => process.stdout.write(`${line}\n`);
  let faulty = 0;
  let gone = 0;
  const schools = await database.transaction(EVERY_SCHOOL, auditedSchools);
  for (const schoolId of schools) {
    const { ok, entries, checkpoints, faults, restores, lag } = await database.transaction([schoolId], (em) =>
      verifyAudit(em, { index, now: clock.now() }, schoolId, source),
    );
    if (!ok) faulty += 1;
    say(
      `${schoolId || '(operations)'}: ${ok ? 'right' : 'WRONG'}, ${entries} entries, ${checkpoints} checkpoints, ${lag.entries} not chained yet`,
    );
    for (const { at, kept, cut, why, reason } of restores)
      say(
        `  restored on ${at}: ${cut} entries after the backup are gone, those after entry ${kept} (${why}${reason === undefined ? '' : `: ${reason}`})`,
      );
    gone += restores.reduce((sum, { cut }) => sum + cut, 0);
    for (const { sequence, what } of faults) say(`  entry ${sequence ?? '?'}: ${what}`);
  }
  const stray = await strayCheckpoints(index, schools, source);
  if (stray > 0) say(`${stray} checkpoints are of schools of which nothing is left in the database.`);
  const isRight = faulty === 0 && stray === 0;
  say(
    isRight
      ? `The audit of ${schools.length} schools is as it was written${gone > 0 ? `, but for ${gone} entries that restores cost` : ''}.`
      : 'The audit was changed. See docs/privacy/audit.md.',
  );
  return isRight ? 0 : 1;
}
