/**
 * Wraps data keys: seals them with a wrapping key that is at rest elsewhere than the rows. Two kinds: a file that only
 * its owner may read, and AWS KMS. One suite of tests holds both to the same promises.
 */
export interface KeyWrapper {
  /** The wrapping key that new data keys are sealed with. */
  activeKid(): string;
  /** The wrapping keys that this wrapper opens with. */
  kids(): readonly string[];
  /**
   * Seals a key of 32 bytes under the active wrapping key.
   * @param owner whose key it is; only with the same words does it open, so that one that was swapped does not
   * @throws WrappingFailed
   */
  wrap(key: Uint8Array, owner: readonly string[]): Promise<string>;
  /** @throws WrappingFailed unknown-key where no wrapping key of this id is here, refused where it does not open */
  unwrap(wrapped: string, owner: readonly string[]): Promise<Uint8Array>;
  /** The root of the blind indexes, where the wrapper keeps one itself; null: the database keeps it, wrapped. */
  readonly index: IndexRoot | null;
}

/** Where the keys of blind indexes come from: one of its own for each purpose. */
export interface IndexRoot {
  derive(purpose: string): Buffer;
}

/** Why a key could not be wrapped or unwrapped. The message holds no key and tells what to do. */
export class WrappingFailed extends Error {
  override readonly name = 'WrappingFailed';

  constructor(
    /** `unknown-key`: not in this ring. `refused`: another key, another owner, or damaged. `unavailable`: ask again. `denied`: no permission. */
    readonly code: 'unknown-key' | 'refused' | 'unavailable' | 'denied',
    message: string,
  ) {
    super(message);
  }
}

/** The id of the wrapping key that sealed this: second part of every form. */
export function kidOf(wrapped: string): string {
  return Buffer.from(wrapped.split('.')[1] ?? '', 'base64url').toString('utf8');
}
