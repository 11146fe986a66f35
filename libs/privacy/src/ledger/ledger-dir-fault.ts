import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

const OTHERS_WRITE = 0o002;

/**
 * Would a start be able to keep its ledger here? Only looks: a folder that somebody else's doctor made would be theirs. One that is
 * not there is well where the start can make it.
 * @returns null where it is well, else one sentence that names the setting and the mend
 */
export async function ledgerDirFault(dir: string): Promise<string | null> {
  const folder = resolve(dir);
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => error.code ?? 'unknown');
  if (found === 'ENOENT') return parentFault(folder);
  if (typeof found === 'string')
    return `LEDGER_DIR: ${folder} cannot be reached (${found}). Name a folder on a disk that is not the database's.`;
  if (!found.isDirectory())
    return `LEDGER_DIR: ${folder} is no folder. Name one, on a disk that is not the database's.`;
  if (!(await mayWrite(folder)))
    return `LEDGER_DIR: this user may not write in ${folder}. Make it belong to the user that runs api and worker: chown, then chmod 700.`;
  if ((found.mode & OTHERS_WRITE) !== 0)
    return `LEDGER_DIR: everybody may write in ${folder}, and so cut the ledger off: chmod 700.`;
  return null;
}

async function parentFault(folder: string): Promise<string | null> {
  const parent = dirname(folder);
  const found = await stat(parent).catch((error: NodeJS.ErrnoException) => error.code ?? 'unknown');
  if (found === 'ENOENT' && dirname(parent) !== parent) return parentFault(parent);
  if (typeof found !== 'string' && found.isDirectory() && (await mayWrite(parent))) return null;
  return `LEDGER_DIR: ${folder} is not there, and this user cannot make it in ${parent}. Make it, owned by the user that runs api and worker, with mode 700.`;
}

const mayWrite = (folder: string) =>
  access(folder, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
