import { createHash } from 'node:crypto';

const LETTERS_AND_DIGITS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/**
 * Deterministic pseudo-randomness: the n-th draw under a label is the same in every run with the same seed, whatever other
 * labels drew in between. So two requests that arrive in another order do not change each other's luck.
 */
export class Random {
  readonly #draws = new Map<string, number>();

  constructor(readonly seed: number) {}

  /** The next bytes under this label. */
  bytes(label: string, length: number): Buffer {
    const draw = (this.#draws.get(label) ?? 0) + 1;
    this.#draws.set(label, draw);
    return this.fixedBytes(`${label}\n${draw}`, length);
  }

  /** Always the same bytes for this label: for identities (a sub, a tenant id) that must survive a restart. */
  fixedBytes(label: string, length: number): Buffer {
    return createHash('shake256', { outputLength: length }).update(`${this.seed}\n${label}`).digest();
  }

  /** A number in [0, 1). */
  fraction(label: string): number {
    return this.bytes(label, 4).readUInt32BE() / 2 ** 32;
  }

  /** A word of the given length over the alphabet. */
  text(label: string, length: number, alphabet: string = LETTERS_AND_DIGITS): string {
    return spell(this.bytes(label, length), alphabet);
  }

  fixedText(label: string, length: number, alphabet: string = LETTERS_AND_DIGITS): string {
    return spell(this.fixedBytes(label, length), alphabet);
  }

  guid(label: string): string {
    return asGuid(this.bytes(label, 16));
  }

  fixedGuid(label: string): string {
    return asGuid(this.fixedBytes(label, 16));
  }
}

const spell = (bytes: Buffer, alphabet: string): string =>
  Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join('');

const asGuid = (bytes: Buffer): string => {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
