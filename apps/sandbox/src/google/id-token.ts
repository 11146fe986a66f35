import type { SigningKey } from '../world/signing-key.js';
import type { GoogleAccount } from './accounts.js';
import { longForm } from './scopes.js';

/** Google's id_token (providers.md §1.3): RS256, one hour, e-mail claims only when the scope was asked. */
export const googleIdToken = (
  key: SigningKey,
  issuer: string,
  audience: string,
  account: GoogleAccount,
  scopes: readonly string[],
  now: Date,
  nonce?: string,
): Promise<string> => {
  const seconds = Math.floor(now.getTime() / 1000);
  const asked = scopes.map(longForm);
  return key.sign({
    iss: issuer,
    azp: audience,
    aud: audience,
    sub: account.sub,
    ...(account.hd === undefined ? {} : { hd: account.hd }),
    ...(asked.includes(longForm('email')) ? { email: account.email, email_verified: true } : {}),
    ...(asked.includes(longForm('profile')) ? { name: account.name } : {}),
    ...(nonce === undefined ? {} : { nonce }),
    iat: seconds,
    exp: seconds + 3600,
  });
};
