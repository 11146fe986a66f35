import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { KeyRing } from '#libs/encryption';

/** The settings that hold keys, by name. An existing key ring is kept: rows are sealed with it. */
export function makeKeys(keyRingPath: string): Record<'KEY_RING' | 'COOKIE_KEYS' | 'SIGNING_KEY', string> {
  const path = resolve(keyRingPath);
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true });
    KeyRing.writeNew(path);
  }
  return {
    KEY_RING: `file:${path}`,
    COOKIE_KEYS: `k1:${randomBytes(32).toString('base64url')}`,
    SIGNING_KEY: randomBytes(32).toString('base64url'),
  };
}
