import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Can this process write down what must outlive the database? Makes the folder if it is not there.
 * @returns null where it can, else one sentence that names the setting and the mend
 */
export async function ledgerFault(folder: string): Promise<string | null> {
  const trial = join(folder, `.trial-${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    await writeFile(trial, '', { mode: 0o600, flag: 'wx' });
    await rm(trial);
    return null;
  } catch {
    return `LEDGER_DIR: nothing can be written in ${folder}. Make the folder, owned by the user that runs this, on a disk that is not the database's, or name another one.`;
  }
}
