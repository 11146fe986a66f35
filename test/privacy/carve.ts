import { ownerWords, type KeyOwner } from '#libs/database';
import { createDecipheriv, createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyRing } from '#libs/encryption';

/** Every file below a folder, as text in which each byte is one character. */
export function* filesBelow(folder: string): Generator<{ path: string; text: string }> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
    if (isFolder) yield* filesBelow(path);
    else if (isFolder === false) yield { path, text: readFileSync(path).toString('latin1') };
  }
}

/** How many of these words stand in the files of a folder, raw or as hex. Words are in ASCII. */
export function wordsIn(folder: string, words: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (const { text } of filesBelow(folder))
    for (const word of words) if (!found.has(word) && text.includes(word)) found.add(word);
  return found;
}

/**
 * What somebody could read who has all wrapping keys and the raw files of a database, free space and write-ahead log
 * included: every wrapped key and every ciphertext that can be cut out of them, each tried with each, without asking
 * whether they belong together.
 * @returns those of `words` that come out
 */
export async function recoverable(
  folder: string,
  ring: KeyRing,
  owners: readonly KeyOwner[],
  words: readonly string[],
): Promise<Set<string>> {
  const wrapped = new Set<string>();
  const sealed = new Set<string>();
  for (const { text } of filesBelow(folder)) {
    for (const [jwe] of text.matchAll(/w1\.[\w-]{1,100}\.[\w-]{16}\.[\w-]{43}\.[\w-]{22}/g)) wrapped.add(jwe);
    for (const [value] of text.matchAll(/s1\.[\w-]{16}\.[\w-]{1,2000}\.[\w-]{22}/g)) sealed.add(value);
  }
  const keys: Uint8Array[] = [];
  for (const jwe of wrapped)
    // A wrapped key opens under its owner's name alone; whoever has the files knows the names, too.
    for (const owner of owners) {
      const key = await ring.unwrap(jwe, ownerWords(owner)).catch(() => null);
      if (key === null) continue;
      keys.push(key);
      break;
    }
  const found = new Set<string>();
  const wanted = words.map((word) => ({ word, bytes: Buffer.from(word) }));
  const seen = new Set<string>();
  for (const value of sealed) {
    const [, iv, ciphertext] = value.split('.');
    const id = createHash('sha256').update(value).digest('base64url');
    if (seen.has(id)) continue;
    seen.add(id);
    const counter = Buffer.concat([Buffer.from(iv!, 'base64url'), Buffer.from([0, 0, 0, 2])]);
    const body = Buffer.from(ciphertext!, 'base64url');
    for (const key of keys) {
      // The counter mode below GCM: no tag is asked, so nothing need fit.
      const plain = createDecipheriv('aes-256-ctr', key, counter).update(body);
      if (plain[0] !== 0x7b && plain[0] !== 0x5b) continue;
      for (const { word, bytes } of wanted) if (plain.includes(bytes)) found.add(word);
    }
  }
  return found;
}
