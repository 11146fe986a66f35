import { lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkBackup, openClock, writeBackup } from '#libs/database';
import { StartupError, checkedSetting } from '#libs/platform';
import { PERIODS, daysBefore } from '#libs/privacy';
import { ownerUrl } from './owner-url.js';
import { readArgs } from './read-args.js';

const NAME = /^conferences-\d{8}T\d{6}Z\.backup\.gz$/;
const OTHERS = 0o077;

/**
 * `conferences backup --out DIR`: every row of the database as of one moment, in one file; takes away those of the folder that
 * are as old as P11 lets a backup be. @returns the exit code
 */
export async function backup(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<number> {
  const folder = readArgs('backup', args, { values: ['out'] }).options.get('out');
  if (!folder) throw new StartupError(['backup needs --out DIR: a folder for backups, on another machine’s disk.']);
  const url = ownerUrl('backup', env);
  await ownFolder(folder);
  const clock = await openClock(url);
  try {
    const now = clock.now();
    const path = join(folder, `conferences-${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}.backup.gz`);
    const { header, end } = await writeBackup(url, path, {
      region: checkedSetting(env, 'REGION') ?? null,
      version: await versionHere(),
    });
    const rows = Object.values(end.rows).reduce((sum, count) => sum + count, 0);
    say(`${path}: ${rows} rows of ${Object.keys(end.rows).length} tables, as of ${header.at}.`);
    for (const old of await olderThanAllowed(folder, header.databaseId, now)) {
      await rm(old);
      say(`${old} was ${PERIODS.backupDays} days old and is gone.`);
    }
    say('The key ring and LEDGER_DIR are not in it, and must not lie beside it.');
    return 0;
  } finally {
    await clock.close();
  }
}

const say = (line: string) => process.stdout.write(`${line}\n`);

async function ownFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  if (!found.isDirectory()) throw new StartupError([`${folder} is no folder.`]);
  if ((found.mode & OTHERS) !== 0)
    throw new StartupError([`Others than its owner may look into ${folder}: chmod 700. Nothing was written.`]);
}

/** Only backups of this very database, and whole ones: what else lies there is somebody else's concern. */
async function olderThanAllowed(folder: string, databaseId: string | null, now: Date): Promise<string[]> {
  const old: string[] = [];
  for (const name of (await readdir(folder)).filter((each) => NAME.test(each))) {
    const path = join(folder, name);
    const { header } = await checkBackup(path).catch(() => ({ header: null }));
    if (header && header.databaseId === databaseId && new Date(header.at) < daysBefore(now, PERIODS.backupDays))
      old.push(path);
  }
  return old;
}

export async function versionHere(): Promise<string> {
  const text = await readFile(join(import.meta.dirname, '../../../../package.json'), 'utf8').catch(() => '{}');
  return (JSON.parse(text) as { version?: string }).version ?? 'unknown';
}
