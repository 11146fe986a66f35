import { BlindIndex } from '#libs/encryption';
import { Database, openClock, openKeys, type DatabaseClock, type Keys } from '#libs/database';
import { ledgerDirOf } from '#libs/platform';
import { CheckpointWriter, ledgerFolder, signingKeysOf, type SigningKeys } from '#libs/privacy';
import { neededSettings } from './needed-settings.js';

/** What the commands about the audit work with. */
export interface OpenLedger {
  readonly database: Database;
  readonly clock: DatabaseClock;
  readonly keys: Keys;
  readonly index: BlindIndex;
  readonly folder: string;
  readonly signing: SigningKeys;
  readonly checkpoints: CheckpointWriter;
}

/** Opens the product's database and its ledger folder for one command. @throws StartupError naming the settings that are missing */
export async function withLedger<T>(
  command: string,
  env: NodeJS.ProcessEnv,
  work: (open: OpenLedger) => Promise<T>,
): Promise<T> {
  const needed = neededSettings(command, env, 'DATABASE_URL', 'KEY_RING', 'SIGNING_KEY');
  const databaseUrl = needed.DATABASE_URL;
  const keys = await openKeys({ databaseUrl, keyRing: needed.KEY_RING });
  const index = new BlindIndex(keys.root);
  const folder = await ledgerFolder(
    { ledgerDir: ledgerDirOf(env), production: env['NODE_ENV'] === 'production' },
    keys.databaseId,
    (sentence) => process.stderr.write(`${sentence}\n`),
  );
  const signing = signingKeysOf(Buffer.from(needed.SIGNING_KEY, 'base64url'));
  const clock = await openClock(databaseUrl);
  const database = await Database.connect(databaseUrl, 1);
  try {
    const checkpoints = new CheckpointWriter({ database, index, folder, signing });
    return await work({ database, clock, keys, index, folder, signing, checkpoints });
  } finally {
    await database.close();
    await clock.close();
  }
}
