import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as openid from 'openid-client';
import { startSandbox, type Sandbox } from '../../apps/sandbox/src/index.js';
import { location, submit, visit } from './support/browser.js';

const APP = 'http://127.0.0.1:4998';
const REDIRECT = `${APP}/login/microsoft/callback`;
const SCOPE = 'openid profile email offline_access https://graph.microsoft.com/OnlineMeetings.ReadWrite';
const anne = 'anne@regenboog.example';

describe('The sandbox signs people in as Microsoft does, for the real OpenID client', () => {
  let sandbox: Sandbox;
  let config: openid.Configuration;
  const verifier = openid.randomPKCECodeVerifier();
  const authorize = async (more: Record<string, string> = {}) =>
    openid.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT,
      scope: SCOPE,
      state: 's1',
      nonce: 'n1',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...more,
    });
  const redeem = (callback: URL) =>
    openid.authorizationCodeGrant(config, callback, {
      pkceCodeVerifier: verifier,
      expectedState: 's1',
      expectedNonce: 'n1',
    });
  const answered = async (account: string, decision = 'allow') =>
    submit(await visit(await authorize()), { account, decision });

  beforeAll(async () => {
    sandbox = await startSandbox({ appUrl: APP });
    const { MICROSOFT_ISSUER = '', MICROSOFT_CLIENT_ID = '', MICROSOFT_CLIENT_SECRET = '' } = sandbox.settings;
    const answer = await fetch(`${MICROSOFT_ISSUER}/.well-known/openid-configuration`);
    const metadata = (await answer.json()) as openid.ServerMetadata;
    expect(metadata.issuer).toBe(`${sandbox.url}/microsoft/{tenantid}/v2.0`);
    const issuer = metadata.issuer.replace('{tenantid}', sandbox.microsoft.account(anne, 'Anne de Vries').tid);
    config = new openid.Configuration({ ...metadata, issuer }, MICROSOFT_CLIENT_ID, MICROSOFT_CLIENT_SECRET);
    openid.allowInsecureRequests(config);
  });
  afterAll(() => sandbox.close());

  it('asks, and gives tokens whose issuer is the tenant of the account', async () => {
    const tokens = await redeem(location(await answered(anne)));
    const { tid, oid } = sandbox.microsoft.account(anne);
    expect(tokens.claims()).toMatchObject({ tid, oid, preferred_username: anne, name: 'Anne de Vries', nonce: 'n1' });
    expect(tokens.scope).toBe(SCOPE.replace('offline_access ', ''));
    expect(tokens.expires_in).toBeGreaterThanOrEqual(3600);
  });

  it('replaces the refresh token at each use, and the old one keeps working', async () => {
    const { refreshToken } = sandbox.microsoft.grant({ email: anne });
    const once = await openid.refreshTokenGrant(config, refreshToken);
    const twice = await openid.refreshTokenGrant(config, refreshToken);
    expect(new Set([refreshToken, once.refresh_token, twice.refresh_token]).size).toBe(3);
    expect((await openid.refreshTokenGrant(config, once.refresh_token ?? '')).access_token).toBeDefined();
  });

  it('refuses a revoked grant with the body that Microsoft sends', async () => {
    const { refreshToken } = sandbox.microsoft.grant({ email: 'gone@regenboog.example' });
    sandbox.microsoft.revokeGrant('gone@regenboog.example');
    const refusal: unknown = await openid.refreshTokenGrant(config, refreshToken).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      error: 'invalid_grant',
      status: 400,
      cause: {
        error_codes: [50173],
        trace_id: expect.stringMatching(/^[0-9a-f-]{36}$/u),
        correlation_id: expect.stringMatching(/^[0-9a-f-]{36}$/u),
        timestamp: expect.stringMatching(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}Z$/u),
      },
    });
  });

  it('takes a code once, with its own verifier', async () => {
    const callback = location(await answered(anne));
    await redeem(callback);
    await expect(redeem(callback)).rejects.toMatchObject({ error: 'invalid_grant', cause: { error_codes: [54005] } });
    const other = location(await answered(anne));
    const wrong = { pkceCodeVerifier: openid.randomPKCECodeVerifier(), expectedState: 's1', expectedNonce: 'n1' };
    await expect(openid.authorizationCodeGrant(config, other, wrong)).rejects.toMatchObject({
      cause: { error_codes: [501481] },
    });
  });

  it('refuses a personal account on its own page', async () => {
    const answer = await answered('anne@outlook.com');
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('AADSTS500208');
  });

  it('goes back with access_denied when the teacher cancels', async () => {
    const { searchParams } = location(await answered(anne, 'deny'));
    expect([searchParams.get('error'), searchParams.get('state')]).toEqual(['access_denied', 's1']);
  });

  it('sends teachers back until the admin of their school has approved', async () => {
    sandbox.microsoft.requireAdminConsent('regenboog.example');
    const refused = location(await answered(anne)).searchParams;
    expect(refused.get('error')).toBe('consent_required');
    expect(refused.get('error_description')).toContain('AADSTS90094');
    const page = new URL(`${sandbox.url}/microsoft/organizations/v2.0/adminconsent`);
    page.search = new URLSearchParams({
      client_id: sandbox.microsoft.clientId,
      redirect_uri: `${APP}/login/microsoft/callback`,
      scope: SCOPE,
      state: 'a1',
    }).toString();
    const approved = await submit(await visit(page), { domain: 'regenboog.example', decision: 'allow' });
    expect(Object.fromEntries(location(approved).searchParams)).toMatchObject({
      admin_consent: 'True',
      tenant: sandbox.microsoft.account(anne).tid,
      state: 'a1',
    });
    expect(location(await answered(anne)).searchParams.get('code')).toBeTruthy();
  });

  it('follows a script without a person when automatic consent is on', async () => {
    sandbox.autoConsent(true);
    const url = await authorize();
    url.searchParams.set('sandbox_account', anne);
    const tokens = await redeem(location(await visit(url)));
    sandbox.autoConsent(false);
    expect(tokens.claims()?.preferred_username).toBe(anne);
  });
});
