export { Secret } from './secret.js';
export { KeyRing } from './key-ring.js';
export { BlindIndex } from './blind-index.js';
export { open, seal, type SealContext, type Sealed } from './sealed.js';
export * from './erased-person.js';
