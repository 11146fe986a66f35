import { writeFileSync } from 'node:fs';
import { FlattenedEncrypt, flattenedDecrypt } from 'jose';
import { indexRootFrom } from './index-root.js';
import {
  freshKeyRing,
  newKey,
  parseKeyRing,
  readKeyRing,
  replaceKeyRing,
  stampOf,
  textOf,
  type KeyRingFile,
} from './key-ring-file.js';
import { WrappingFailed, kidOf, type IndexRoot, type KeyWrapper } from './key-wrapper.js';

/**
 * Wrapping keys by id, and the root of the blind indexes, from a file that only its owner may read.
 * Shape: `{"active":"w1","keys":{"w1":"<base64url, 32 bytes>"},"index":"<base64url, 32 bytes>"}`.
 * A running process takes up a file that was replaced: before it wraps, and where it meets a key that it does not know.
 */
export class KeyRing implements KeyWrapper {
  readonly index: IndexRoot;

  private constructor(
    private file: KeyRingFile,
    private readonly path: string | null,
    private stamp: string,
  ) {
    this.index = indexRootFrom(Buffer.from(file.index, 'base64url'));
  }

  /** @param setting `file:PATH` @throws Error whose message says what to do */
  static fromSetting(setting: string): KeyRing {
    const path = setting.replace(/^file:/, '');
    const { file, stamp } = readKeyRing(path);
    return new KeyRing(file, path, stamp);
  }

  static parse(text: string, name = 'the key ring'): KeyRing {
    return new KeyRing(parseKeyRing(text, name), null, '');
  }

  /** A fresh ring in memory: for tests and the demo's first start. */
  static generate(): { ring: KeyRing; text: string } {
    const text = textOf(freshKeyRing());
    return { ring: KeyRing.parse(text), text };
  }

  /** Writes a fresh ring, readable by its owner only; an existing file is never overwritten. */
  static writeNew(path: string): void {
    writeFileSync(path, textOf(freshKeyRing()), { mode: 0o600, flag: 'wx' });
  }

  activeKid(): string {
    this.takeUp();
    return this.file.active;
  }

  kids(): readonly string[] {
    this.takeUp();
    return Object.keys(this.file.keys);
  }

  async wrap(key: Uint8Array, owner: readonly string[]): Promise<string> {
    const kid = this.activeKid();
    const jwe = await new FlattenedEncrypt(key)
      .setProtectedHeader(header(kid))
      .setAdditionalAuthenticatedData(aad(owner))
      .encrypt(this.keyOf(kid)!);
    return `w1.${Buffer.from(kid).toString('base64url')}.${jwe.iv}.${jwe.ciphertext}.${jwe.tag}`;
  }

  async unwrap(wrapped: string, owner: readonly string[]): Promise<Uint8Array> {
    const [version, , iv, ciphertext, tag, more] = wrapped.split('.');
    const kid = kidOf(wrapped);
    if (version !== 'w1' || !iv || !ciphertext || !tag || more !== undefined)
      throw new WrappingFailed('refused', 'This is no key that a key ring wrapped.');
    if (!this.keyOf(kid)) this.takeUp();
    const key = this.keyOf(kid);
    if (!key)
      throw new WrappingFailed(
        'unknown-key',
        `The key ring has no key "${kid}". Add it again: rows are still sealed with it.`,
      );
    try {
      const { plaintext } = await flattenedDecrypt(
        {
          protected: Buffer.from(JSON.stringify(header(kid))).toString('base64url'),
          iv,
          ciphertext,
          tag,
          aad: Buffer.from(aad(owner)).toString('base64url'),
        },
        key,
      );
      return plaintext;
    } catch {
      throw new WrappingFailed('refused', `A key that "${kid}" wrapped does not open: another key, or not its owner.`);
    }
  }

  /** A key of its own for each purpose, so that an index of one kind says nothing about another. */
  derive(purpose: string): Buffer {
    return this.index.derive(purpose);
  }

  /** Puts a new wrapping key into the file, which nothing is wrapped with yet. @returns its id */
  add(): string {
    const file = this.read();
    const numbers = Object.keys(file.keys).map((kid) => Number(/^w(\d+)$/.exec(kid)?.[1] ?? 0));
    const kid = `w${Math.max(...numbers) + 1}`;
    this.write({ ...file, keys: { ...file.keys, [kid]: newKey() } });
    return kid;
  }

  /** From now on data keys are wrapped with this one. */
  activate(kid: string): void {
    this.write({ ...this.read(), active: kid });
  }

  /** A wrapping key that was added after the active one: it waits to be used. */
  waiting(): string | null {
    const { keys, active } = this.read();
    const kids = Object.keys(keys);
    return kids.at(-1) === active ? null : (kids.at(-1) ?? null);
  }

  /** Takes a wrapping key out of the file for good. The caller knows that nothing is wrapped with it. */
  drop(kid: string): void {
    const file = this.read();
    const keys = Object.fromEntries(Object.entries(file.keys).filter(([id]) => id !== kid));
    this.write({ ...file, keys });
  }

  /** Where the database lives that this ring's keys may be retired from. */
  home(): string | null {
    return this.read().home ?? null;
  }

  bindTo(home: string): void {
    this.write({ ...this.read(), home });
  }

  private read(): KeyRingFile {
    this.takeUp();
    return this.file;
  }

  private write(file: KeyRingFile): void {
    if (this.path === null) this.file = file;
    else replaceKeyRing(this.path, file);
    this.takeUp();
  }

  /** A ring of a file that was replaced by one with another index root is not taken up: equality would end. */
  private takeUp(): void {
    if (this.path === null || stampOf(this.path) === this.stamp) return;
    const { file, stamp } = readKeyRing(this.path);
    if (file.index !== this.file.index)
      throw new WrappingFailed('refused', `KEY_RING: ${this.path} was replaced by another ring. Put the old one back.`);
    this.file = file;
    this.stamp = stamp;
  }

  private keyOf(kid: string): Uint8Array | null {
    return Object.hasOwn(this.file.keys, kid) ? Buffer.from(this.file.keys[kid]!, 'base64url') : null;
  }
}

const header = (kid: string) => ({ alg: 'dir', enc: 'A256GCM', kid });
const aad = (owner: readonly string[]) => new TextEncoder().encode(JSON.stringify(owner));
