import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { StartupError } from '#libs/platform';

/** First line of a backup: what it is of. */
export interface BackupHeader {
  readonly format: 'conferences-backup-1';
  /** ISO instant of Postgres: everything committed by then is inside. */
  readonly at: string;
  readonly databaseId: string | null;
  readonly region: string | null;
  readonly version: string;
  /** Names of the migrations that its tables went through, in order. */
  readonly migrations: readonly string[];
}

/** Last line: what must have come before it. */
export interface BackupEnd {
  readonly rows: Readonly<Record<string, number>>;
  /** SHA-256 of all lines before, hex. */
  readonly sha256: string;
}

/** A line says by its first character what it is: `#` header, `>` name of a table, `{` one row of it, `=` end. */
export const MARK = { header: '#', table: '>', end: '=' } as const;

export const digest = () => createHash('sha256');

/** Personal data is sealed in it, and still it is nobody's but its owner's. */
const OTHERS = 0o077;

export async function* backupLines(path: string): AsyncGenerator<string> {
  const text = createReadStream(path).pipe(createGunzip());
  for await (const line of createInterface({ input: text, crlfDelay: Infinity })) yield line;
}

/**
 * Reads a backup from start to end. @returns what it holds
 * @throws StartupError where it is not whole, was changed, is no backup, or is one that others may read
 */
export async function checkBackup(path: string): Promise<{ header: BackupHeader; end: BackupEnd }> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) throw new StartupError([`${path} is no file.`]);
  if ((found.mode & OTHERS) !== 0) throw new StartupError([`Others than its owner may read ${path}: chmod 600.`]);
  const hash = digest();
  let header: BackupHeader | undefined;
  let end: BackupEnd | undefined;
  const rows: Record<string, number> = {};
  let table = '';
  try {
    for await (const line of backupLines(path)) {
      if (end) throw new Error('more after the end');
      if (!header) header = JSON.parse(line.slice(MARK.header.length)) as BackupHeader;
      else if (line.startsWith(MARK.end)) end = JSON.parse(line.slice(1)) as BackupEnd;
      else if (line.startsWith(MARK.table)) rows[(table = line.slice(1))] = 0;
      else rows[table]! += 1;
      if (!end) hash.update(`${line}\n`);
    }
  } catch {
    throw new StartupError([`${path} is no backup of ours, or is not whole.`]);
  }
  if (header?.format !== 'conferences-backup-1') throw new StartupError([`${path} is no backup of ours.`]);
  if (!end) throw new StartupError([`${path} ends in its midst: it is not whole.`]);
  if (hash.digest('hex') !== end.sha256 || JSON.stringify(rows) !== JSON.stringify(end.rows))
    throw new StartupError([`${path} is not as it was written: its SHA-256 differs.`]);
  return { header, end };
}
