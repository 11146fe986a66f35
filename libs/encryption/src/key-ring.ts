import { hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync, existsSync, statSync } from 'node:fs';
import { CompactEncrypt, compactDecrypt } from 'jose';

interface KeyRingFile {
  active: string;
  keys: Record<string, string>;
  /** Root of the blind indexes; never rotated by itself, since equality must hold over time. */
  index: string;
}

/**
 * Key-wrapping keys by id, and the root of the blind indexes, from a file that only its owner may read.
 * Shape: `{"active":"w1","keys":{"w1":"<base64url, 32 bytes>"},"index":"<base64url, 32 bytes>"}`.
 */
export class KeyRing {
  private constructor(
    private readonly activeId: string,
    private readonly keys: ReadonlyMap<string, Uint8Array>,
    private readonly index: Uint8Array,
  ) {}

  /** @throws Error whose message says what to do. */
  static fromSetting(setting: string): KeyRing {
    const path = setting.replace(/^file:/, '');
    if (!existsSync(path))
      throw new Error(
        `KEY_RING names ${path}, which does not exist. Make it with: npx conferences keys --key-ring ${path}`,
      );
    if ((statSync(path).mode & 0o077) !== 0)
      throw new Error(`KEY_RING names ${path}, which others than its owner may read. Mend it with: chmod 600 ${path}`);
    return KeyRing.parse(readFileSync(path, 'utf8'), path);
  }

  static parse(text: string, name = 'the key ring'): KeyRing {
    let file: KeyRingFile;
    try {
      file = (JSON.parse(text) ?? {}) as KeyRingFile;
    } catch {
      throw new Error(`${name} is not JSON. Make one with: npx conferences keys --key-ring PATH`);
    }
    const keys = new Map(
      Object.entries(file.keys ?? {}).map(([kid, key]) => [kid, new Uint8Array(Buffer.from(key, 'base64url'))]),
    );
    const index = new Uint8Array(Buffer.from(file.index ?? '', 'base64url'));
    const faulty = [...keys].find(([, key]) => key.length !== 32)?.[0];
    if (keys.size === 0 || !keys.has(file.active))
      throw new Error(`${name} has no active key. It needs "active" to name one of "keys".`);
    if (faulty !== undefined || index.length !== 32)
      throw new Error(
        `${name}: ${faulty === undefined ? '"index"' : `key "${faulty}"`} must be base64url with 32 bytes.`,
      );
    return new KeyRing(file.active, keys, index);
  }

  /** A fresh ring in memory: for tests and the demo's first start. */
  static generate(): { ring: KeyRing; text: string } {
    const file: KeyRingFile = {
      active: 'w1',
      keys: { w1: randomBytes(32).toString('base64url') },
      index: randomBytes(32).toString('base64url'),
    };
    const text = `${JSON.stringify(file, null, 2)}\n`;
    return { ring: KeyRing.parse(text), text };
  }

  /** Writes a fresh ring, readable by its owner only; an existing file is never overwritten. */
  static writeNew(path: string): void {
    writeFileSync(path, KeyRing.generate().text, { mode: 0o600, flag: 'wx' });
  }

  /** Seals a data key under the active wrapping key; the result names the key that opens it. */
  async wrap(dataKey: Uint8Array): Promise<string> {
    return new CompactEncrypt(dataKey)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: this.activeId })
      .encrypt(this.keys.get(this.activeId)!);
  }

  /** @throws Error when the ring has not the key that wrapped it. */
  async unwrap(wrapped: string): Promise<Uint8Array> {
    const { plaintext } = await compactDecrypt(
      wrapped,
      (header) => {
        const key = this.keys.get(header.kid ?? '');
        if (!key)
          throw new Error(`The key ring has no key "${header.kid}". Add it again: rows are still sealed with it.`);
        return key;
      },
      { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] },
    );
    return plaintext;
  }

  /** A key of its own for each purpose, so that an index of one kind says nothing about another. */
  derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.index, new Uint8Array(), `conferences/${purpose}`, 32));
  }
}
