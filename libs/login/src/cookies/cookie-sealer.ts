import { EncryptJWT, jwtDecrypt } from 'jose';
import type { CookieKey } from './cookie-keys.js';

/** How far ahead another server's clock may be. */
const SKEW_SECONDS = 60;
/** A login in all its chunks has less. */
const LONGEST = 12_000;
const seconds = (date: Date) => Math.floor(date.getTime() / 1000);

/**
 * Seals what only we may read into a cookie: JWE compact, dir + A256GCM (providers.md §6.3). What it is for, when it was
 * made and when it ends are inside. The first key seals, any key opens, so keys can be changed without signing anybody out.
 */
export class CookieSealer {
  private readonly first: CookieKey;

  constructor(
    private readonly keys: readonly CookieKey[],
    readonly now: () => Date,
  ) {
    const first = keys[0];
    if (!first) throw new Error('A CookieSealer needs at least one key.');
    this.first = first;
  }

  /** @param payload plain JSON. */
  async seal(purpose: string, payload: Readonly<Record<string, unknown>>, lifetimeSeconds: number): Promise<string> {
    const iat = seconds(this.now());
    return new EncryptJWT({ data: payload })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: this.first.kid })
      .setAudience(purpose)
      .setIssuedAt(iat)
      .setExpirationTime(iat + lifetimeSeconds)
      .encrypt(this.first.key);
  }

  /** The payload, or null for anything that is not wholly right: a cookie is the visitor's to change. */
  async open(purpose: string, value: string): Promise<Record<string, unknown> | null> {
    if (value.length > LONGEST || !isCanonical(value)) return null;
    try {
      const { payload } = await jwtDecrypt(
        value,
        ({ kid }) => {
          const found = this.keys.find((key) => key.kid === kid);
          if (!found) throw new Error('No key goes by that name.');
          return found.key;
        },
        {
          audience: purpose,
          currentDate: this.now(),
          requiredClaims: ['iat', 'exp'],
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
        },
      );
      const data = payload['data'];
      if ((payload.iat ?? Infinity) > seconds(this.now()) + SKEW_SECONDS) return null;
      return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : null;
    } catch {
      return null;
    }
  }
}

/** Base64url has several spellings of the same bytes (unused bits of the last character). We write one and take only that one. */
const isCanonical = (value: string): boolean =>
  value.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
