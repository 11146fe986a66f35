import { Router } from 'express';
import { redirect } from '../http/answer.js';
import { bearerOf, formOf, pathParameter, queryParameter } from '../http/request.js';
import { serve } from '../http/serve.js';
import { adminConsent, askMicrosoft, decideMicrosoft, type MicrosoftAuthorizeParts } from './authorize.js';
import { withTraceIds } from './request-ids.js';
import { exchangeMicrosoftToken, microsoftUserinfo, type MicrosoftTokenParts } from './token.js';

/** Microsoft's sign-in under its own prefix, for any tenant in the path (providers.md §3.1). */
export const microsoftSignIn = (parts: MicrosoftAuthorizeParts & MicrosoftTokenParts): Router => {
  const { world, grants, key } = parts;
  const router = Router();
  const operation = (name: string, handle: Parameters<typeof serve>[2]['handle']) =>
    serve(world, 'microsoft', { name, handle, finish: withTraceIds(world) });
  router.get('/:tenant/v2.0/.well-known/openid-configuration', (request, response) => {
    response.json(metadata(world.url, pathParameter(request, 'tenant')));
  });
  router.get('/:tenant/discovery/v2.0/keys', (_request, response) => {
    response.json(key.jwks);
  });
  router.get('/:tenant/oauth2/v2.0/authorize', operation('authorize', askMicrosoft(parts)));
  router.post('/:tenant/oauth2/v2.0/authorize', operation('authorize', decideMicrosoft(parts)));
  router.get('/:tenant/v2.0/adminconsent', operation('adminconsent', adminConsent(parts)));
  router.post('/:tenant/v2.0/adminconsent', operation('adminconsent', adminConsent(parts)));
  router.get(
    '/:tenant/oauth2/v2.0/logout',
    operation('logout', (request) => redirect(queryParameter(request, 'post_logout_redirect_uri') ?? world.url)),
  );
  router.post(
    '/:tenant/oauth2/v2.0/token',
    serve(world, 'microsoft', {
      name: (request) => `token.${formOf(request).grant_type ?? 'unknown'}`,
      account: (request) => grants.ownerOf(formOf(request).refresh_token ?? formOf(request).code),
      handle: exchangeMicrosoftToken(parts),
      finish: withTraceIds(world),
    }),
  );
  router.get(
    '/oidc/userinfo',
    serve(world, 'microsoft', {
      name: 'userinfo',
      account: (request) => grants.ownerOf(bearerOf(request)),
      handle: microsoftUserinfo(parts),
    }),
  );
  return router;
};

/** `issuer` keeps the placeholder for organizations and common: the client fills in the token's tid. */
const metadata = (url: string, tenant: string) => {
  const base = `${url}/microsoft/${tenant}`;
  const isShared = ['organizations', 'common', 'consumers'].includes(tenant);
  return {
    issuer: `${url}/microsoft/${isShared ? '{tenantid}' : tenant}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    userinfo_endpoint: `${url}/microsoft/oidc/userinfo`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ['query'],
    response_types_supported: ['code'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'nonce', 'preferred_username', 'name', 'tid', 'oid', 'email'],
  };
};
