import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  flows,
  metadataOf,
  provider,
  refusalOf,
  signIn,
  strangersKey,
  useIdentityProvider,
} from '../../../../test/support/identity-provider.js';

/** The tenant of all personal accounts. */
const PERSONAL = '9188040d-6c67-4c5b-b112-36a304b66dad';

useIdentityProvider();

describe('R2 signing in at Microsoft', () => {
  beforeEach(() => {
    provider.metadata = { ...metadataOf('https://id.example/{tenantid}/v2.0'), revocation_endpoint: undefined };
    provider.claims = {
      iss: 'https://id.example/t-1/v2.0',
      aud: 'client',
      sub: 'pairwise',
      tid: 't-1',
      oid: 'o-1',
      preferred_username: 'anne@regenboog.example',
    };
    provider.tokens = { scope: 'openid profile email https://graph.microsoft.com/OnlineMeetings.ReadWrite' };
  });

  it('asks for exactly one permission', async () => {
    const { url } = await flows().microsoft.start({ personId: 'p-7', to: '/' });
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      scope: 'openid profile email offline_access https://graph.microsoft.com/OnlineMeetings.ReadWrite',
      prompt: 'select_account',
      response_mode: 'query',
      code_challenge_method: 'S256',
    });
  });

  it('believes the tenant that the token names, compared exactly, and trades the code once', async () => {
    const { login } = await signIn(flows().microsoft);
    expect(login.account).toEqual({
      subject: 't-1.o-1',
      email: 'anne@regenboog.example',
      domain: 'regenboog.example',
    });
    expect(provider.requests.filter(({ url }) => url === '/token')).toHaveLength(1);
  });

  it.each([
    ['state-mismatch', { iss: 'https://id.example/t-2/v2.0' }],
    ['state-mismatch', { iss: 'https://id.example/{tenantid}/v2.0' }],
    ['state-mismatch', { iss: 'https://evil.example/t-1/v2.0' }],
    ['state-mismatch', { tid: undefined }],
    ['state-mismatch', { tid: 'a/../t-1' }],
    ['personal-account', { tid: PERSONAL, iss: `https://id.example/${PERSONAL}/v2.0` }],
    ['unavailable', { oid: undefined }],
  ])('%s: %j', async (reason, claims) => {
    Object.assign(provider.claims, claims);
    expect(await refusalOf(signIn(flows().microsoft))).toBe(reason);
  });

  it('does not believe a token that somebody else signed', async () => {
    provider.signWith = strangersKey();
    expect(await refusalOf(signIn(flows().microsoft))).toBe('state-mismatch');
  });

  it('the domain is that of the sign-in name, since any tenant can set the address', async () => {
    Object.assign(provider.claims, { preferred_username: 'eve@evil.example', email: 'anne@regenboog.example' });
    const signing = signIn(flows().microsoft, { accountDomains: ['regenboog.example'] });
    expect(await refusalOf(signing)).toBe('other-domain');
  });

  it('keeps the new refresh token of each refresh', async () => {
    const { login } = await signIn(flows().microsoft);
    provider.tokens['refresh_token'] = 'planted-second';
    const fresh = await flows().microsoft.refresh(login);
    expect(fresh.rotated).toBe(true);
    expect(fresh.login.refreshToken.reveal()).toBe('planted-second');
    expect(fresh.login.account).toEqual(login.account);
    expect(provider.requests.at(-1)?.url === '/keys' || provider.requests.at(-1)?.body.has('scope')).toBe(true);
  });

  it('ends the login when a refresh speaks for somebody else', async () => {
    const { login } = await signIn(flows().microsoft);
    Object.assign(provider.claims, { oid: 'o-2' });
    expect(await refusalOf(flows().microsoft.refresh(login))).toBe('login-ended');
  });

  it('cannot be revoked', async () => {
    const { login } = await signIn(flows().microsoft);
    expect(await flows().microsoft.revoke(login)).toBe('not-possible');
  });
});
