import { Router } from 'express';
import { bearerOf } from '../http/request.js';
import { serve } from '../http/serve.js';
import { askForConsent, decideConsent, type AuthorizeParts } from './authorize.js';
import { exchangeToken, revokeToken, tokenAccount, tokenOperation, userinfo, type TokenParts } from './token.js';

/** Google's sign-in under its own prefix: metadata, consent page, token, revoke, keys, userinfo (providers.md §1). */
export const googleSignIn = (parts: AuthorizeParts & TokenParts): Router => {
  const { world, grants, key } = parts;
  const router = Router();
  router.get('/.well-known/openid-configuration', (_request, response) => {
    response.json(metadata(parts.issuer()));
  });
  router.get('/oauth2/v3/certs', (_request, response) => {
    response.json(key.jwks);
  });
  router.get('/o/oauth2/v2/auth', serve(world, 'google', { name: 'authorize', handle: askForConsent(parts) }));
  router.post('/o/oauth2/v2/auth', serve(world, 'google', { name: 'authorize', handle: decideConsent(parts) }));
  const account = tokenAccount(grants);
  router.post('/token', serve(world, 'google', { name: tokenOperation, account, handle: exchangeToken(parts) }));
  router.post('/revoke', serve(world, 'google', { name: 'revoke', account, handle: revokeToken(parts) }));
  router.get(
    '/v1/userinfo',
    serve(world, 'google', {
      name: 'userinfo',
      account: (request) => grants.ownerOf(bearerOf(request)),
      handle: userinfo(parts),
    }),
  );
  return router;
};

const metadata = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/o/oauth2/v2/auth`,
  token_endpoint: `${issuer}/token`,
  userinfo_endpoint: `${issuer}/v1/userinfo`,
  revocation_endpoint: `${issuer}/revoke`,
  jwks_uri: `${issuer}/oauth2/v3/certs`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  scopes_supported: ['openid', 'email', 'profile'],
  token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
  claims_supported: ['aud', 'email', 'email_verified', 'exp', 'iat', 'iss', 'name', 'sub'],
  code_challenge_methods_supported: ['plain', 'S256'],
  grant_types_supported: ['authorization_code', 'refresh_token'],
});
