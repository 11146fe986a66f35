import { inspect } from 'node:util';
import { afterEach, beforeAll, beforeEach, expect, jest } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import { LoginRefused, loginFlowsFrom, type LoginFlow, type LoginTransaction } from '#libs/login';

// A provider's sign-in service, behind `fetch`. What it answers is data: each test changes what it is about.

export const CALENDAR = 'https://www.googleapis.com/auth/calendar.app.created';
/** What the flows take for the time. */
export const now = new Date();

interface IdentityProvider {
  metadata: Record<string, unknown>;
  claims: Record<string, unknown>;
  tokens: Record<string, unknown>;
  /** Instead of tokens. */
  answer: Response | null;
  /** Instead of the own key. */
  signWith: CryptoKey | null;
  requests: { url: string; body: URLSearchParams; search: string }[];
}
/** As it is in this test; made anew before each. */
export const provider = {} as IdentityProvider;
let key: { privateKey: CryptoKey; publicKey: CryptoKey };
let otherKey: { privateKey: CryptoKey; publicKey: CryptoKey };
let jwk: JWK;

/** A key that the provider's metadata do not know. */
export const strangersKey = (): CryptoKey => otherKey.privateKey;

export const metadataOf = (issuer: string) => ({
  issuer,
  authorization_endpoint: 'https://id.example/authorize',
  token_endpoint: 'https://id.example/token',
  revocation_endpoint: 'https://id.example/revoke',
  jwks_uri: 'https://id.example/keys',
});

export const respond = async (input: unknown, init?: RequestInit): Promise<Response> => {
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

/** Both flows; what a test may change of their settings is the issuers. */
export const flows = (issuers: { google?: string; microsoft?: string } = {}) => {
  const shared = { clientId: 'client', clientSecret: 'planted-secret', redirectUri: 'https://app.example/back' };
  return loginFlowsFrom(
    {
      google: { ...shared, issuer: issuers.google ?? 'https://id.example', scope: `openid email ${CALENDAR}` },
      microsoft: { ...shared, issuer: issuers.microsoft ?? 'https://id.example/organizations/v2.0' },
    },
    () => now,
  );
};
/** The way back from the provider. */
export const back = (transaction: LoginTransaction, more: Record<string, string> = {}) => {
  const callbackUrl = new URL('http://internal:3000/back');
  callbackUrl.search = new URLSearchParams({ code: 'planted-code', state: transaction.state, ...more }).toString();
  return callbackUrl;
};
/** Starts, lets the provider give this nonce back, and finishes. */
export const signIn = async (
  flow: LoginFlow,
  more: { accountDomains?: string[]; nonce?: string; iss?: string } = {},
) => {
  const { transaction } = await flow.start({ personId: 'p-7', to: '/evenings/e-9' });
  provider.claims['nonce'] ??= more.nonce ?? transaction.nonce;
  const callbackUrl = back(transaction, more.iss === undefined ? {} : { iss: more.iss });
  return flow.finish({ callbackUrl, transaction, personId: 'p-7', accountDomains: more.accountDomains });
};
/** The reason of a refusal that tells nothing else: no cause, no word of the provider, no secret. */
export const refusalOf = async (work: Promise<unknown>): Promise<string> => {
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

/** To be called once by a spec: the provider is Google, well and willing, before each of its tests. */
export function useIdentityProvider(): void {
  beforeAll(async () => {
    key = await generateKeyPair('RS256');
    otherKey = await generateKeyPair('RS256');
    jwk = await exportJWK(key.publicKey);
  });
  beforeEach(() => {
    Object.assign(provider, {
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
    } satisfies IdentityProvider);
    jest.spyOn(globalThis, 'fetch').mockImplementation(respond);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
}
