import { createHmac } from 'node:crypto';
import type { IndexRoot } from './key-wrapper.js';

/**
 * Keyed hashes for equality and uniqueness of what is stored sealed. Without the key ring nobody can tell which value
 * stands behind one, or try values out.
 */
export class BlindIndex {
  private readonly keys = new Map<string, Buffer>();

  constructor(private readonly root: IndexRoot) {}

  /** 32 bytes. `parts` are joined unambiguously, so that ("a","bc") and ("ab","c") differ. */
  of(purpose: string, ...parts: readonly string[]): Buffer {
    let key = this.keys.get(purpose);
    if (!key) this.keys.set(purpose, (key = this.root.derive(purpose)));
    const mac = createHmac('sha256', key);
    for (const part of parts) mac.update(`${Buffer.byteLength(part)}:`).update(part);
    return mac.digest();
  }
}
