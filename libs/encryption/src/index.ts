export { Secret } from './secret.js';
export { KeyRing } from './key-ring.js';
export { indexRootFrom } from './index-root.js';
export { WrappingFailed, kidOf, type IndexRoot, type KeyWrapper } from './key-wrapper.js';
export { keyWrapperFrom } from './key-wrapper-from.js';
export { BlindIndex } from './blind-index.js';
export { open, seal, type SealContext, type Sealed } from './sealed.js';
export * from './erased-person.js';
export { isAway as isKeyServiceAway, reportingWrapper } from './reporting-wrapper.js';
