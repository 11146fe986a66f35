import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartupError } from '#libs/platform';
import { ledgerFault } from './ledger-fault.js';

/**
 * The folder that this process writes its ledger to: one for each database below LEDGER_DIR, so that a fresh database
 * beside an old key ring is not held to what was erased in another one. Outside of production a folder that cannot be written is replaced by
 * one among the temporary files, so that a try-out starts: what is erased there is then lost with them.
 * @throws StartupError in production
 */
export async function ledgerFolder(
  settings: { readonly ledgerDir: string; readonly production: boolean },
  databaseId: string,
  warn: (sentence: string) => void,
): Promise<string> {
  const folder = join(settings.ledgerDir, databaseId);
  const fault = await ledgerFault(folder);
  if (fault === null) return folder;
  if (settings.production) throw new StartupError([fault]);
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  const instead = join(tmpdir(), `conferences-ledger-${name}`);
  const second = await ledgerFault(instead);
  if (second !== null) throw new StartupError([fault]);
  warn(`${fault} Until then the ledger is kept among the temporary files; production would not start.`);
  return instead;
}
