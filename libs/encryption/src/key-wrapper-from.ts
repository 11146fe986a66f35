import { isKmsSetting } from '#libs/platform';
import { KeyRing } from './key-ring.js';
import type { KeyWrapper } from './key-wrapper.js';
import { KmsKeyRing } from './kms-key-ring.js';

/** Opens what `KEY_RING` names. @throws Error whose message says what to do */
export const keyWrapperFrom = (setting: string): KeyWrapper =>
  isKmsSetting(setting) ? KmsKeyRing.fromSetting(setting) : KeyRing.fromSetting(setting);
