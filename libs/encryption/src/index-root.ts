import { hkdfSync } from 'node:crypto';
import type { IndexRoot } from './key-wrapper.js';

/** @param root 32 bytes that never change: equality must hold over time */
export const indexRootFrom = (root: Uint8Array): IndexRoot => ({
  derive: (purpose) => Buffer.from(hkdfSync('sha256', root, new Uint8Array(), `conferences/${purpose}`, 32)),
});
