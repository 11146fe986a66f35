import { describe, expect, it, jest } from '@jest/globals';
import {
  back,
  flows,
  metadataOf,
  provider,
  refusalOf,
  respond,
  signIn,
  strangersKey,
  useIdentityProvider,
} from '../../../../test/support/identity-provider.js';

useIdentityProvider();

describe('R4 a login is refused in our own words', () => {
  it.each([
    ['scope-missing', () => (provider.tokens['scope'] = 'openid email')],
    ['scope-missing', () => (provider.tokens['refresh_token'] = undefined)],
    ['email-not-verified', () => (provider.claims['email_verified'] = false)],
    ['state-mismatch', () => (provider.claims['nonce'] = 'another')],
    ['state-mismatch', () => (provider.claims['aud'] = 'another')],
    ['state-mismatch', () => (provider.claims['iss'] = 'https://evil.example')],
    ['state-mismatch', () => (provider.claims['iss'] = 'accounts.google.com')],
    ['state-mismatch', () => (provider.signWith = strangersKey())],
    ['unavailable', () => (provider.answer = Response.json({ keys: [{}], error: 'x' }))],
    ['unavailable', () => (provider.answer = Response.json({}))],
    ['unavailable', () => (provider.answer = Response.json([1]))],
    ['state-mismatch', () => (provider.answer = Response.json({ error: 'invalid_grant' }, { status: 400 }))],
    ['configuration', () => (provider.answer = Response.json({ error: 'invalid_client' }, { status: 401 }))],
    [
      'configuration',
      () => (provider.answer = new Response(null, { status: 401, headers: { 'www-authenticate': 'Basic' } })),
    ],
    ['unavailable', () => (provider.answer = new Response('planted <html>', { status: 503 }))],
    ['unavailable', () => (provider.answer = Response.json({ error: 'planted' }, { status: 500 }))],
    ['unavailable', () => (provider.answer = Response.json({ error: 'invalid_grant' }, { status: 429 }))],
  ])('%s (%#)', async (reason, change) => {
    change();
    expect(await refusalOf(signIn(flows().google))).toBe(reason);
  });

  it('a scope that the answer leaves out is the one that was asked for (RFC 6749)', async () => {
    delete provider.tokens['scope'];
    expect((await signIn(flows().google)).login.account.email).toBe('anne@regenboog.example');
  });

  it('other-domain, unless the account is of the school', async () => {
    expect(await refusalOf(signIn(flows().google, { accountDomains: ['other.example'] }))).toBe('other-domain');
    delete provider.claims['nonce'];
    const { login } = await signIn(flows().google, { accountDomains: ['other.example', 'Regenboog.EXAMPLE'] });
    expect(login.account.domain).toBe('regenboog.example');
  });

  it('state-mismatch without the sealed memory, for another person, another login, another state', async () => {
    const { google, microsoft } = flows();
    const { transaction } = await google.start({ personId: 'p-7', to: '/' });
    const callbackUrl = back(transaction);
    const cases = [
      { flow: google, transaction: null, personId: 'p-7', callbackUrl },
      { flow: google, transaction, personId: 'p-8', callbackUrl },
      { flow: microsoft, transaction, personId: 'p-7', callbackUrl },
      { flow: google, transaction, personId: 'p-7', callbackUrl: back(transaction, { state: 'forged' }) },
      { flow: google, transaction, personId: 'p-7', callbackUrl: new URL('https://app.example/back?code=c') },
      {
        flow: google,
        transaction,
        personId: 'p-7',
        callbackUrl: new URL(`https://app.example/?state=${transaction.state}`),
      },
    ];
    for (const { flow, ...given } of cases) expect(await refusalOf(flow.finish(given))).toBe('state-mismatch');
    expect(provider.requests.filter(({ url }) => url === '/token')).toEqual([]);
  });

  it('declined at the provider, with nothing of its text', async () => {
    const { google } = flows();
    const { transaction } = await google.start({ personId: 'p-7', to: '/' });
    const callbackUrl = new URL(`https://app.example/?state=${transaction.state}&error=access_denied`);
    callbackUrl.searchParams.set('error_description', 'planted');
    expect(await refusalOf(google.finish({ callbackUrl, transaction, personId: 'p-7' }))).toBe('declined');
    callbackUrl.searchParams.set('error_description', 'AADSTS90094: planted');
    expect(await refusalOf(google.finish({ callbackUrl, transaction, personId: 'p-7' }))).toBe('admin-consent-needed');
  });

  it('unavailable while the metadata cannot be had, and no longer', async () => {
    const { google } = flows();
    jest.spyOn(globalThis, 'fetch').mockRejectedValueOnce(new TypeError('planted'));
    expect(await refusalOf(google.start({ personId: 'p-7', to: '/' }))).toBe('unavailable');
    jest.spyOn(globalThis, 'fetch').mockImplementation(respond);
    expect((await google.start({ personId: 'p-7', to: '/' })).url.host).toBe('id.example');
    await google.start({ personId: 'p-7', to: '/' });
    expect(provider.requests).toHaveLength(1);
  });

  it('configuration where the metadata is of another issuer, unavailable on http', async () => {
    provider.metadata = metadataOf('https://evil.example');
    expect(await refusalOf(flows().google.start({ personId: 'p-7', to: '/' }))).toBe('configuration');
    expect(await refusalOf(flows({ google: 'http://id.example' }).google.start({ personId: 'p', to: '/' }))).toBe(
      'unavailable',
    );
  });
});
