import { StartupError } from '#libs/platform';
import { ledgerFault } from './ledger-fault.js';

/**
 * Is the ledger folder there to write in? Production does not start without. Elsewhere one is warned: nothing is then
 * written down outside the database.
 * @throws StartupError that names LEDGER_DIR
 */
export async function openLedger(
  settings: { readonly ledgerDir: string; readonly production: boolean },
  warn: (sentence: string) => void,
): Promise<boolean> {
  const fault = await ledgerFault(settings.ledgerDir);
  if (fault === null) return true;
  if (settings.production) throw new StartupError([fault]);
  warn(`${fault} Until then no audit checkpoints are written.`);
  return false;
}
