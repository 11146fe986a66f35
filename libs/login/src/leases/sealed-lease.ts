import { randomUUID } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import { Secret } from '#libs/encryption';
import { LOGINS } from '#libs/providers';
import type { LoginName } from '#libs/providers';
import type { Lease } from './lease.js';

/** What a worker is told, for its eyes only. */
export type LeaseWord =
  | { readonly kind: 'lent'; readonly lease: Lease }
  | { readonly kind: 'withdrawn'; readonly personId: string; readonly login: LoginName };

/** A message lives as long as a slow network may need. */
const LIFETIME_SECONDS = 30;
export const SKEW_SECONDS = 5;

/** Seals a word to one worker's ephemeral key (ECDH-ES over X25519, A256GCM). */
export async function sealLease(word: LeaseWord, worker: { id: string; key: JWK }, now: Date): Promise<string> {
  const iat = Math.floor(now.getTime() / 1000);
  const data =
    word.kind === 'withdrawn'
      ? { ...word }
      : {
          kind: word.kind,
          personId: word.lease.personId,
          login: word.lease.login,
          subject: word.lease.account.subject,
          email: word.lease.account.email,
          token: word.lease.accessToken.reveal(),
          until: word.lease.expiresAt.getTime(),
        };
  return new EncryptJWT({ data })
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' })
    .setAudience(worker.id)
    .setJti(randomUUID())
    .setIssuedAt(iat)
    .setExpirationTime(iat + LIFETIME_SECONDS)
    .encrypt(worker.key);
}

/** The word and its serial number, or null where it is for somebody else, too old or not whole. */
export async function openLease(
  sealed: string,
  worker: { id: string; privateKey: CryptoKey },
  now: Date,
): Promise<{ word: LeaseWord; jti: string; goodUntil: number } | null> {
  try {
    const { payload } = await jwtDecrypt(sealed, worker.privateKey, {
      audience: worker.id,
      currentDate: now,
      clockTolerance: SKEW_SECONDS,
      requiredClaims: ['iat', 'exp', 'jti'],
      keyManagementAlgorithms: ['ECDH-ES'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    const word = wordOf(payload['data']);
    if (!word || payload.jti === undefined || payload.exp === undefined) return null;
    return { word, jti: payload.jti, goodUntil: (payload.exp + SKEW_SECONDS) * 1000 };
  } catch {
    return null;
  }
}

function wordOf(data: unknown): LeaseWord | null {
  if (typeof data !== 'object' || data === null) return null;
  const { kind, personId, login: name, subject, email, token, until } = data as Record<string, unknown>;
  const login = LOGINS.find((one) => one === name);
  if (!login || typeof personId !== 'string') return null;
  if (kind === 'withdrawn') return { kind, personId, login };
  if (kind !== 'lent' || typeof subject !== 'string' || typeof email !== 'string') return null;
  if (typeof token !== 'string' || typeof until !== 'number') return null;
  const account = { subject, email };
  return { kind, lease: { personId, login, account, accessToken: new Secret(token), expiresAt: new Date(until) } };
}
