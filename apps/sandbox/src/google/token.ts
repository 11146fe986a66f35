import type { Request } from 'express';
import { empty, json, Refusal, type Answer } from '../http/answer.js';
import { bearerOf, clientOf, formOf } from '../http/request.js';
import type { SigningKey } from '../world/signing-key.js';
import type { World } from '../world/world.js';
import type { GoogleAccounts } from './accounts.js';
import type { GoogleGrants, TokenSet } from './grants.js';
import { googleIdToken } from './id-token.js';
import { longForm } from './scopes.js';

export interface TokenParts {
  world: World;
  key: SigningKey;
  issuer: () => string;
  clientId: string;
  clientSecret: string;
  accounts: GoogleAccounts;
  grants: GoogleGrants;
}

/** POST /token: a code or a refresh token for tokens (providers.md §1.3). A refresh brings no new refresh token. */
export const exchangeToken =
  (parts: TokenParts) =>
  async (request: Request): Promise<Answer> => {
    const client = clientOf(request);
    if (client.id !== parts.clientId || client.secret !== parts.clientSecret) {
      throw new Refusal('oauth.401.invalid_client');
    }
    const form = formOf(request);
    return json(200, await asBody(parts, tokensFor(parts.grants, form)));
  };

const tokensFor = (grants: GoogleGrants, form: Record<string, string | undefined>): TokenSet => {
  if (form.grant_type === 'authorization_code') {
    if (form.code === undefined) throw new Refusal('oauth.400.invalid_request');
    return grants.redeem(form.code, form.redirect_uri, form.code_verifier);
  }
  if (form.grant_type !== 'refresh_token') throw new Refusal('oauth.400.unsupported_grant_type');
  if (form.refresh_token === undefined) throw new Refusal('oauth.400.invalid_request');
  return grants.refresh(form.refresh_token);
};

const asBody = async (parts: TokenParts, set: TokenSet) => {
  const { world, key, accounts, clientId } = parts;
  const account = accounts.at(set.email);
  return {
    access_token: set.accessToken,
    expires_in: set.expiresInSeconds,
    ...(set.refreshToken === undefined ? {} : { refresh_token: set.refreshToken }),
    scope: set.scopes.map(longForm).join(' '),
    token_type: 'Bearer',
    ...(set.scopes.includes('openid')
      ? { id_token: await googleIdToken(key, parts.issuer(), clientId, account, set.scopes, world.now(), set.nonce) }
      : {}),
    ...(set.refreshTokenExpiresInSeconds === undefined
      ? {}
      : { refresh_token_expires_in: set.refreshTokenExpiresInSeconds }),
  };
};

/** POST /revoke with the token in the form body; the query string works at Google too, and would be in logs. */
export const revokeToken =
  ({ grants }: TokenParts) =>
  (request: Request): Answer => {
    const { token } = formOf(request);
    if (token === undefined || !grants.revoke(token)) throw new Refusal('oauth.400.invalid_token');
    return empty(200);
  };

export const userinfo =
  ({ grants, accounts }: TokenParts) =>
  (request: Request): Answer => {
    const token = grants.access(bearerOf(request));
    if (!token) throw new Refusal('401.authError');
    const { sub, email, name, hd } = accounts.at(token.email);
    return json(200, { sub, email, email_verified: true, name, ...(hd === undefined ? {} : { hd }) });
  };

/** `token.refresh_token` and `token.authorization_code`, so that a fault can hit one and spare the other. */
export const tokenOperation = (request: Request): string => `token.${formOf(request).grant_type ?? 'unknown'}`;

/** The account behind a token request, before anything is used up. */
export const tokenAccount =
  (grants: { ownerOf(token: string | undefined): string | undefined }) =>
  (request: Request): string | undefined => {
    const form = formOf(request);
    return grants.ownerOf(form.refresh_token ?? form.code ?? form.token);
  };
