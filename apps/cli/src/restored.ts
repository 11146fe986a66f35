import { StartupError } from '#libs/platform';
import { withLedger } from './ledger-of.js';
import { readArgs } from './read-args.js';

/**
 * `conferences restored --reason TEXT`: somebody says that this database was restored, where its server does not tell (a
 * dump put back into the same database). Signed, with the reason, and shown by every verification from then on.
 */
export async function restored(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<number> {
  const reason = readArgs('restored', args, { values: ['reason'] }).options.get('reason');
  if (!reason)
    throw new StartupError(['restored needs --reason "…": every verification of the audit shows it from then on.']);
  return withLedger('restored', env, async ({ checkpoints, clock }) => {
    const { restored: records } = await checkpoints.recordRestores(clock.now(), reason);
    await checkpoints.run(clock.now());
    const cut = records.reduce((sum, each) => sum + each.cut, 0);
    process.stdout.write(
      records.length === 0
        ? 'No school’s audit ends before the ledger says: there is nothing to record.\n'
        : `Recorded: restored, cut ${cut} entries of ${records.length} schools.\n`,
    );
    return 0;
  });
}
