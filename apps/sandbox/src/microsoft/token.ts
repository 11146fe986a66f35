import type { Request } from 'express';
import { json, Refusal, type Answer } from '../http/answer.js';
import { bearerOf, clientOf, formOf } from '../http/request.js';
import type { SigningKey } from '../world/signing-key.js';
import type { World } from '../world/world.js';
import type { MicrosoftAccount, MicrosoftAccounts } from './accounts.js';
import type { MicrosoftGrants, MicrosoftTokenSet } from './grants.js';

export interface MicrosoftTokenParts {
  world: World;
  key: SigningKey;
  accounts: MicrosoftAccounts;
  grants: MicrosoftGrants;
  clientId: string;
  clientSecret: string;
}

/** POST /{tenant}/oauth2/v2.0/token (providers.md §3.3). */
export const exchangeMicrosoftToken =
  (parts: MicrosoftTokenParts) =>
  async (request: Request): Promise<Answer> => {
    const client = clientOf(request);
    if (client.id !== parts.clientId) throw new Refusal('oauth.400.unauthorized_client');
    if (client.secret !== parts.clientSecret) throw new Refusal('oauth.401.invalid_client.secret');
    return json(200, await asBody(parts, tokensFor(parts.grants, formOf(request))));
  };

const tokensFor = (grants: MicrosoftGrants, form: Record<string, string | undefined>): MicrosoftTokenSet => {
  if (form.grant_type === 'authorization_code') {
    if (form.code === undefined) throw new Refusal('oauth.400.invalid_request.missing');
    return grants.redeem(form.code, form.redirect_uri, form.code_verifier);
  }
  if (form.grant_type !== 'refresh_token') throw new Refusal('oauth.400.unsupported_grant_type.unknown');
  if (form.refresh_token === undefined) throw new Refusal('oauth.400.invalid_request.missing');
  return grants.refresh(form.refresh_token);
};

const asBody = async (parts: MicrosoftTokenParts, set: MicrosoftTokenSet) => ({
  token_type: 'Bearer',
  scope: set.scopes.filter((scope) => scope !== 'offline_access').join(' '),
  expires_in: set.expiresInSeconds,
  ext_expires_in: set.expiresInSeconds,
  access_token: set.accessToken,
  ...(set.refreshToken === undefined ? {} : { refresh_token: set.refreshToken }),
  ...(set.scopes.includes('openid') ? { id_token: await idToken(parts, parts.accounts.at(set.email), set) } : {}),
});

/** The issuer holds the account's own tenant id, whatever tenant was in the address. */
const idToken = (
  { world, key, clientId }: MicrosoftTokenParts,
  account: MicrosoftAccount,
  { scopes, nonce }: MicrosoftTokenSet,
): Promise<string> => {
  const seconds = Math.floor(world.now().getTime() / 1000);
  return key.sign({
    iss: `${world.url}/microsoft/${account.tid}/v2.0`,
    aud: clientId,
    sub: world.random.fixedText(`microsoft sub ${account.oid} ${clientId}`, 43),
    oid: account.oid,
    tid: account.tid,
    ver: '2.0',
    ...(scopes.includes('profile') ? { name: account.name, preferred_username: account.email } : {}),
    ...(scopes.includes('email') ? { email: account.email } : {}),
    ...(nonce === undefined ? {} : { nonce }),
    iat: seconds,
    nbf: seconds,
    exp: seconds + 3600,
  });
};

export const microsoftUserinfo =
  ({ accounts, grants }: MicrosoftTokenParts) =>
  (request: Request): Answer => {
    const token = grants.access(bearerOf(request));
    if (!token) throw new Refusal('401.InvalidAuthenticationToken');
    const { oid, name, email } = accounts.at(token.email);
    return json(200, { sub: oid, name, email });
  };
