import { BlindIndex } from '#libs/encryption';
import { DataKeys, Database, openClock, openKeys } from '#libs/database';
import { listAudit, recordAudit } from '#libs/privacy';
import { neededSettings } from './needed-settings.js';
import { readArgs } from './read-args.js';
import { WrongArguments } from './wrong-arguments.js';

const MOST = 1000;

/**
 * `conferences audit show`: the latest entries of a school, or of what ops did with the product as a whole, opened with
 * the keys at hand; newest first, one line of JSON each. Entries that have no place in the chain yet are not shown. That
 * somebody looked is written down, as it is for those who look through the API.
 */
export async function showAudit(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<number> {
  const { options } = readArgs('audit show', args, { values: ['school', 'limit'] });
  const [schoolId, typed] = [options.get('school') ?? '', options.get('limit') ?? '50'];
  const limit = /^[1-9]\d{0,3}$/.test(typed) ? Number(typed) : MOST + 1;
  if (limit > MOST) throw new WrongArguments([`audit show: --limit must be a whole number from 1 to ${MOST}.`]);
  const needed = neededSettings('audit show', env, 'DATABASE_URL', 'KEY_RING');
  const { wrapper, root } = await openKeys({ databaseUrl: needed.DATABASE_URL, keyRing: needed.KEY_RING });
  const clock = await openClock(needed.DATABASE_URL);
  const database = await Database.connect(needed.DATABASE_URL, 1);
  try {
    const deps = { keys: new DataKeys(wrapper, root), index: new BlindIndex(root), now: clock.now() };
    const entries = await database.transaction([schoolId], async (em) => {
      const found = await listAudit(em, deps, schoolId, {}, limit);
      // Nothing is written down of a school that is none.
      if (found.length > 0)
        await recordAudit(em, deps, [
          {
            schoolId,
            action: 'audit.looked-at',
            actor: { kind: 'system' },
            reason: 'conferences audit show',
            detail: { shown: found.length },
          },
        ]);
      return found;
    });
    for (const entry of entries) process.stdout.write(`${JSON.stringify(entry)}\n`);
    if (entries.length === 0) process.stderr.write('Nothing is written down there.\n');
    return 0;
  } finally {
    await database.close();
    await clock.close();
  }
}
