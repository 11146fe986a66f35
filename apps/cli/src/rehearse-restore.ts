import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replayLedger } from '#libs/conferences';
import {
  DataKeys,
  Database,
  EVERY_SCHOOL,
  openClock,
  openKeys,
  ownerWords,
  rows,
  sql,
  type BackupHeader,
  type Em,
} from '#libs/database';
import { BlindIndex, type KeyWrapper } from '#libs/encryption';
import { NoticePlanner } from '#libs/notifications';
import { ledgerDirOf } from '#libs/platform';
import {
  CheckpointWriter,
  ErasureLedger,
  PERIODS,
  auditedSchools,
  daysBefore,
  signingKeysOf,
  strayCheckpoints,
  verifyAudit,
} from '#libs/privacy';
import { neededSettings } from './needed-settings.js';

const PAGE = 500;

/**
 * All that the first start after a restore does, on the scratch database and on a copy of the ledger: opens the keys, records
 * the restore, erases again, verifies the audit. @returns what is wrong
 */
export async function rehearse(
  env: NodeJS.ProcessEnv,
  scratchUrl: string,
  header: BackupHeader,
  say: (line: string) => void,
): Promise<string[]> {
  const needed = neededSettings('restore --check', env, 'KEY_RING', 'SIGNING_KEY');
  const faults: string[] = [];
  const { wrapper, root, databaseId } = await openKeys({ databaseUrl: scratchUrl, keyRing: needed.KEY_RING });
  const index = new BlindIndex(root);
  const signing = signingKeysOf(Buffer.from(needed.SIGNING_KEY, 'base64url'));
  const clock = await openClock(scratchUrl);
  const database = await Database.connect(scratchUrl, 2);
  const ledgerFolder = join(ledgerDirOf(env), databaseId);
  const folder = mkdtempSync(join(tmpdir(), 'conferences-check-'));
  try {
    if (existsSync(ledgerFolder)) cpSync(ledgerFolder, folder, { recursive: true });
    else faults.push(`LEDGER_DIR: ${ledgerFolder} is not there. Who was erased since the backup would come back.`);
    const now = () => clock.now();
    if (new Date(header.at) < daysBefore(now(), PERIODS.backupDays))
      faults.push(`It is older than ${PERIODS.backupDays} days: delete it.`);

    const { opened, closed } = await openEveryKey(database, wrapper);
    say(`Data keys that the key ring opens: ${opened} of ${opened + closed}.`);
    if (closed > 0) faults.push(`KEY_RING does not open ${closed} data keys: use the ring of that time.`);

    const checkpoints = new CheckpointWriter({ database, index, folder, signing });
    const { restored, cutOff } = await checkpoints.recordRestores(now());
    const cut = restored.reduce((sum, each) => sum + each.cut, 0);
    say(`A restore costs ${cut} audit entries of ${restored.length} schools, and what was done since ${header.at}.`);
    if (cutOff > 0)
      faults.push(
        `The audit of ${cutOff} schools is not the one of the ledger, and the ledger does not know of what database: after the restore, conferences restored --reason TEXT.`,
      );

    const ledger = new ErasureLedger(folder, signing);
    const planNotices = new NoticePlanner({ index, hasWebhook: false }).plan;
    const deps = { keys: new DataKeys(wrapper, root), index, now, planNotices };
    say(`People that the first start erases again: ${await replayLedger(database, deps, ledger)}.`);

    const schools = await database.transaction(EVERY_SCHOOL, auditedSchools);
    let wrong = 0;
    for (const schoolId of schools) {
      const verdict = await database.transaction([schoolId], (em) =>
        verifyAudit(em, { index, now: now() }, schoolId, { folder, signing }),
      );
      if (!verdict.ok) wrong += 1;
    }
    say(`Audits that verify: ${schools.length - wrong} of ${schools.length}.`);
    if (wrong > 0) faults.push(`The audit of ${wrong} schools does not verify.`);
    if ((await strayCheckpoints(index, schools, { folder, signing })) > 0)
      faults.push('The ledger knows of schools of which nothing is left.');
    return faults;
  } finally {
    await database.close();
    await clock.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function openEveryKey(database: Database, wrapper: KeyWrapper): Promise<{ opened: number; closed: number }> {
  const count = { opened: 0, closed: 0 };
  let after: { schoolId: string; personId: string } | null = null;
  for (;;) {
    const page = await database.transaction(EVERY_SCHOOL, (em: Em) =>
      rows(
        em,
        sql<{ schoolId: string; personId: string; wrapped: string }>`select school_id, person_id, wrapped from data_keys
          ${after ? sql`where (school_id, person_id) > (${after.schoolId}, ${after.personId})` : sql``} order by school_id, person_id limit ${PAGE}`,
      ),
    );
    for (const { schoolId, personId, wrapped } of page)
      await wrapper.unwrap(wrapped, ownerWords({ school: schoolId, person: personId })).then(
        () => (count.opened += 1),
        () => (count.closed += 1),
      );
    if (page.length < PAGE) return count;
    after = page.at(-1)!;
  }
}
