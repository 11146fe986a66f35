import { createHash } from 'node:crypto';

/** Whether this verifier belongs to the S256 challenge of the authorization request (RFC 7636 §4.6). */
export const matchesChallenge = (verifier: string | undefined, challenge: string): boolean =>
  verifier !== undefined && createHash('sha256').update(verifier).digest('base64url') === challenge;
