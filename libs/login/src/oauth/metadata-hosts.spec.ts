import { describe, expect, it } from '@jest/globals';
import {
  CALENDAR,
  now,
  metadataOf,
  provider,
  useIdentityProvider,
} from '../../../../test/support/identity-provider.js';
import type { LoginFlow } from './login-flow.js';
import { loginFlowsFrom } from './login-flows.js';
import { LoginRefused } from './login-refused.js';

useIdentityProvider();

describe('R10 R11 the provider’s metadata sends us nowhere else', () => {
  const ELSEWHERE = ['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'revocation_endpoint'] as const;
  const flow = (allowedHosts: readonly string[] | null, allowHttp = false) =>
    loginFlowsFrom(
      {
        google: {
          clientId: 'client',
          clientSecret: 'planted-secret',
          redirectUri: 'https://app.example/back',
          issuer: 'https://id.example',
          scope: `openid email ${CALENDAR}`,
          allowedHosts,
          allowHttp,
        },
        microsoft: {
          clientId: 'client',
          clientSecret: 'planted-secret',
          redirectUri: 'https://app.example/back',
          issuer: 'https://id.example/organizations/v2.0',
        },
      },
      () => now,
    ).google;
  const start = (one: LoginFlow) =>
    one.start({ personId: 'p-7', to: '/' }).then(
      () => 'started',
      (error: unknown) => (error instanceof LoginRefused ? error.reason : error),
    );

  it.each(ELSEWHERE)('refuses a %s outside ALLOWED_HOSTS, or without TLS, before anything is sent', async (name) => {
    for (const wrong of [
      'https://elsewhere.example/x',
      'https://id.example.elsewhere.example/x',
      'http://id.example/x',
      'x',
    ]) {
      provider.metadata = { ...metadataOf('https://id.example'), [name]: wrong };
      expect(await start(flow(['id.example']))).toBe('configuration');
    }
    expect(provider.requests.every(({ url }) => url.endsWith('openid-configuration'))).toBe(true);
    provider.metadata = { ...metadataOf('https://id.example'), [name]: 'https://elsewhere.example/x' };
    expect(await start(flow(['id.example', 'elsewhere.example']))).toBe('started');
    expect(await start(flow(null))).toBe('started');
  });

  it('takes plain http where sandboxes may be, and no other scheme', async () => {
    provider.metadata = { ...metadataOf('https://id.example'), token_endpoint: 'http://id.example/token' };
    expect(await start(flow(null, true))).toBe('started');
    provider.metadata = { ...metadataOf('https://id.example'), authorization_endpoint: 'javascript:alert(1)' };
    expect(await start(flow(null, true))).toBe('configuration');
  });
});
