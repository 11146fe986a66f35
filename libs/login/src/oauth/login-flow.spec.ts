import { inspect } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import { Secret } from '#libs/encryption';
import { packLogin } from '../stored-login.js';
import type { LoginFlow } from './login-flow.js';
import { loginFlowsFrom } from './login-flows.js';
import { LoginRefused } from './login-refused.js';
import type { LoginTransaction } from './login-transaction.js';

const CALENDAR = 'https://www.googleapis.com/auth/calendar.app.created';
const now = new Date();
const PERSONAL = '9188040d-6c67-4c5b-b112-36a304b66dad';

/** What the provider in this test answers; each test changes what it is about. */
interface Provider {
  metadata: Record<string, unknown>;
  claims: Record<string, unknown>;
  tokens: Record<string, unknown>;
  answer: Response | null;
  signWith: CryptoKey | null;
  requests: { url: string; body: URLSearchParams; search: string }[];
}
let provider: Provider;
let key: { privateKey: CryptoKey; publicKey: CryptoKey };
let otherKey: { privateKey: CryptoKey; publicKey: CryptoKey };
let jwk: JWK;

const metadataOf = (issuer: string) => ({
  issuer,
  authorization_endpoint: 'https://id.example/authorize',
  token_endpoint: 'https://id.example/token',
  revocation_endpoint: 'https://id.example/revoke',
  jwks_uri: 'https://id.example/keys',
});

const respond = async (input: unknown, init?: RequestInit): Promise<Response> => {
  const url = new URL(String(input));
  const body = new URLSearchParams(init?.body as URLSearchParams | undefined);
  provider.requests.push({ url: url.pathname, body, search: url.search });
  if (url.pathname.endsWith('openid-configuration')) return Response.json(provider.metadata);
  if (url.pathname === '/keys') return Response.json({ keys: [{ ...jwk, kid: 'k', alg: 'RS256', use: 'sig' }] });
  if (provider.answer) return provider.answer.clone();
  if (url.pathname === '/revoke') return new Response(null, { status: 200 });
  const id_token = await new SignJWT(provider.claims)
    .setProtectedHeader({ alg: 'RS256', kid: 'k' })
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(provider.signWith ?? key.privateKey);
  return Response.json({
    access_token: 'planted-access-token',
    token_type: 'Bearer',
    expires_in: 3599,
    refresh_token: 'planted-refresh-token',
    id_token,
    ...provider.tokens,
  });
};

const flows = (issuers: { google?: string; microsoft?: string } = {}) => {
  const shared = { clientId: 'client', clientSecret: 'planted-secret', redirectUri: 'https://app.example/back' };
  return loginFlowsFrom(
    {
      google: { ...shared, issuer: issuers.google ?? 'https://id.example', scope: `openid email ${CALENDAR}` },
      microsoft: { ...shared, issuer: issuers.microsoft ?? 'https://id.example/organizations/v2.0' },
    },
    () => now,
  );
};
const back = (transaction: LoginTransaction, more: Record<string, string> = {}) => {
  const callbackUrl = new URL('http://internal:3000/back');
  callbackUrl.search = new URLSearchParams({ code: 'planted-code', state: transaction.state, ...more }).toString();
  return callbackUrl;
};
/** Starts, lets the provider give this nonce back, and finishes. */
const signIn = async (flow: LoginFlow, more: { accountDomains?: string[]; nonce?: string } = {}) => {
  const { transaction } = await flow.start({ personId: 'p-7', to: '/evenings/e-9' });
  provider.claims['nonce'] ??= more.nonce ?? transaction.nonce;
  const callbackUrl = back(transaction);
  return flow.finish({ callbackUrl, transaction, personId: 'p-7', accountDomains: more.accountDomains });
};
const refusalOf = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => new Error('A refusal was expected'),
    (thrown: unknown) => thrown,
  );
  const printed = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error);
  for (const secret of ['planted', 'eyJ']) expect(printed).not.toContain(secret);
  expect(error).toBeInstanceOf(LoginRefused);
  expect(error).not.toHaveProperty('cause');
  return (error as LoginRefused).reason;
};

beforeAll(async () => {
  key = await generateKeyPair('RS256');
  otherKey = await generateKeyPair('RS256');
  jwk = await exportJWK(key.publicKey);
});
beforeEach(() => {
  provider = {
    metadata: metadataOf('https://id.example'),
    claims: {
      iss: 'https://id.example',
      aud: 'client',
      sub: '1122',
      email: 'anne@regenboog.example',
      email_verified: true,
      hd: 'regenboog.example',
    },
    tokens: { scope: `openid ${CALENDAR} https://www.googleapis.com/auth/userinfo.email` },
    answer: null,
    signWith: null,
    requests: [],
  };
  jest.spyOn(globalThis, 'fetch').mockImplementation(respond);
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('R3 signing in at Google asks for the narrowest thing that works', () => {
  it('one code with PKCE, offline, for the calendars of our own', async () => {
    const { url, transaction } = await flows().google.start({ personId: 'p-7', to: '/x' });
    const asked = Object.fromEntries(url.searchParams);
    expect(asked).toEqual({
      client_id: 'client',
      response_type: 'code',
      redirect_uri: 'https://app.example/back',
      scope: `openid email ${CALENDAR}`,
      access_type: 'offline',
      prompt: 'consent select_account',
      state: transaction.state,
      nonce: transaction.nonce,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/u),
      code_challenge_method: 'S256',
    });
    expect(url.href).not.toContain(transaction.verifier.reveal());
  });

  it('gives a login, a grant, and the way back', async () => {
    const { login, grant, to } = await signIn(flows().google);
    expect(login).toMatchObject({
      login: 'google',
      personId: 'p-7',
      account: { subject: '1122', email: 'anne@regenboog.example', domain: 'regenboog.example' },
      connectedAt: now,
      epoch: 0,
    });
    expect(login).not.toHaveProperty('endsAt');
    expect(JSON.stringify(packLogin(login))).not.toContain('planted-access-token');
    expect(grant.accessToken.reveal()).toBe('planted-access-token');
    expect(grant.expiresAt.getTime()).toBe(now.getTime() + 3_599_000);
    expect(to).toBe('/evenings/e-9');
    expect(inspect([login, grant], { depth: 9, showHidden: true })).not.toContain('planted');
    const trade = provider.requests.find((request) => request.url === '/token');
    expect(trade?.body.get('redirect_uri')).toBe('https://app.example/back');
  });

  it('knows the end of a grant that is limited in time', async () => {
    provider.tokens['refresh_token_expires_in'] = 3600;
    const { login } = await signIn(flows().google);
    expect(login.endsAt?.getTime()).toBe(now.getTime() + 3_600_000);
    const later = loginFlowsFrom(
      {
        google: { issuer: 'https://id.example', clientId: 'c', clientSecret: 's', redirectUri: 'r', scope: CALENDAR },
        microsoft: { issuer: 'x', clientId: 'c', clientSecret: 's', redirectUri: 'r' },
      },
      () => new Date(now.getTime() + 3_600_000),
    );
    expect(await refusalOf(later.google.refresh(login))).toBe('login-ended');
  });
});

describe('R4 a login is refused in our own words', () => {
  it.each([
    ['scope-missing', () => (provider.tokens['scope'] = 'openid email')],
    ['scope-missing', () => (provider.tokens['refresh_token'] = undefined)],
    ['email-not-verified', () => (provider.claims['email_verified'] = false)],
    ['state-mismatch', () => (provider.claims['nonce'] = 'another')],
    ['state-mismatch', () => (provider.claims['aud'] = 'another')],
    ['state-mismatch', () => (provider.claims['iss'] = 'https://evil.example')],
    ['state-mismatch', () => (provider.claims['iss'] = 'accounts.google.com')],
    ['state-mismatch', () => (provider.signWith = otherKey.privateKey)],
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

describe('R4 Google may leave the scheme of its issuer out, and nobody else may', () => {
  it('accounts.google.com', async () => {
    provider.metadata = metadataOf('https://accounts.google.com');
    for (const iss of ['https://accounts.google.com', 'accounts.google.com']) {
      Object.assign(provider.claims, { iss, nonce: undefined });
      expect((await signIn(flows({ google: 'https://accounts.google.com' }).google)).login.account.subject).toBe(
        '1122',
      );
    }
    Object.assign(provider.claims, { iss: 'accounts.google.com', nonce: undefined });
    provider.signWith = otherKey.privateKey;
    const forged = signIn(flows({ google: 'https://accounts.google.com' }).google);
    expect(await refusalOf(forged)).toBe('state-mismatch');
  });
});

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
    provider.signWith = otherKey.privateKey;
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

describe('P1 a grant is kept fresh', () => {
  const stored = () => signIn(flows().google).then(({ login }) => login);

  it('Google gives no new refresh token: the old one stays', async () => {
    const login = await stored();
    provider.tokens['refresh_token'] = undefined;
    const fresh = await flows().google.refresh(login);
    expect([fresh.rotated, fresh.login.refreshToken.reveal()]).toEqual([false, 'planted-refresh-token']);
    expect(fresh.grant.accessToken).toBeInstanceOf(Secret);
  });

  it.each([
    ['login-ended', 400, 'invalid_grant'],
    ['login-ended', 400, 'admin_policy_enforced'],
    ['configuration', 401, 'invalid_client'],
    ['unavailable', 503, 'temporarily_unavailable'],
    ['unavailable', 400, 'planted'],
  ])('%s on %i %s', async (reason, status, error) => {
    const login = await stored();
    provider.answer = Response.json({ error, error_description: 'planted' }, { status });
    expect(await refusalOf(flows().google.refresh(login))).toBe(reason);
  });
});

describe('R4 forgetting a login at Google', () => {
  it('revokes by a form body, never in the address', async () => {
    const { login } = await signIn(flows().google);
    expect(await flows().google.revoke(login)).toBe('revoked');
    expect(provider.requests.at(-1)).toMatchObject({ url: '/revoke', search: '' });
    expect(provider.requests.at(-1)?.body.get('token')).toBe('planted-refresh-token');
  });

  it('a grant that is over already counts as revoked; a provider that is down does not', async () => {
    const { login } = await signIn(flows().google);
    provider.answer = Response.json({ error: 'invalid_token' }, { status: 400 });
    expect(await flows().google.revoke(login)).toBe('revoked');
    provider.answer = new Response('planted', { status: 503 });
    expect(await refusalOf(flows().google.revoke(login))).toBe('unavailable');
  });
});

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
