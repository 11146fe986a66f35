import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';

/** What a key ring's file holds: 32 bytes each, base64url. The order of `keys` is that in which they were added. */
export interface KeyRingFile {
  active: string;
  keys: Record<string, string>;
  /** Root of the blind indexes; never rotated by itself, since equality must hold over time. */
  index: string;
  /** Where the one database lives that may retire keys of this ring; missing before the first rotation. */
  home?: string;
}

const isKey = (value: unknown) => typeof value === 'string' && Buffer.from(value, 'base64url').length === 32;

/** @throws Error whose message says what to do */
export function parseKeyRing(text: string, name: string): KeyRingFile {
  let file: Partial<KeyRingFile>;
  try {
    file = (JSON.parse(text) ?? {}) as KeyRingFile;
  } catch {
    throw new Error(`${name} is not JSON. Make one with: npx conferences keys --key-ring PATH`);
  }
  const keys = file.keys ?? {};
  if (Object.keys(keys).length === 0 || !file.active || !Object.hasOwn(keys, file.active))
    throw new Error(`${name} has no active key. It needs "active" to name one of "keys".`);
  const faulty = Object.entries(keys).find(([, key]) => !isKey(key))?.[0];
  if (faulty !== undefined || !isKey(file.index))
    throw new Error(
      `${name}: ${faulty === undefined ? '"index"' : `key "${faulty}"`} must be base64url with 32 bytes.`,
    );
  const home = typeof file.home === 'string' ? { home: file.home } : {};
  return { active: file.active, keys, index: file.index!, ...home };
}

/** @throws Error whose message says what to do: also for a file that others than its owner may read */
export function readKeyRing(path: string): { file: KeyRingFile; stamp: string } {
  if (!existsSync(path))
    throw new Error(
      `KEY_RING names ${path}, which does not exist. Make it with: npx conferences keys --key-ring ${path}`,
    );
  if ((statSync(path).mode & 0o077) !== 0)
    throw new Error(`KEY_RING names ${path}, which others than its owner may read. Mend it with: chmod 600 ${path}`);
  // The stamp first: a file that is replaced in between is read again next time.
  const stamp = stampOf(path);
  return { file: parseKeyRing(readFileSync(path, 'utf8'), path), stamp };
}

/** Differs where another file lies there now, or none. */
export function stampOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? `${found.ino} ${found.size} ${found.mtimeNs}` : '';
}

export function freshKeyRing(): KeyRingFile {
  return { active: 'w1', keys: { w1: newKey() }, index: newKey() };
}

export const newKey = () => randomBytes(32).toString('base64url');

export const textOf = (file: KeyRingFile) => `${JSON.stringify(file, null, 2)}\n`;

/** Whole or not at all, also when the machine ends in between. */
export function replaceKeyRing(path: string, file: KeyRingFile): void {
  const next = `${path}.next`;
  writeFileSync(next, textOf(file), { mode: 0o600 });
  const handle = openSync(next, 'r');
  fsyncSync(handle);
  closeSync(handle);
  renameSync(next, path);
}
