import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as openid from 'openid-client';
import { startSandbox, type Sandbox } from '../../apps/sandbox/src/index.js';
import { location, submit, visit } from './support/browser.js';

const APP = 'http://127.0.0.1:4999';
const REDIRECT = `${APP}/login/google/callback`;
const CALENDAR = 'https://www.googleapis.com/auth/calendar.app.created';
const anne = 'anne@regenboog.example';

describe('The sandbox signs people in as Google does, for the real OpenID client', () => {
  let sandbox: Sandbox;
  let config: openid.Configuration;
  const verifier = openid.randomPKCECodeVerifier();
  const authorize = async (more: Record<string, string> = {}) =>
    openid.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT,
      scope: `openid email ${CALENDAR}`,
      state: 's1',
      nonce: 'n1',
      access_type: 'offline',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...more,
    });
  const redeem = (callback: URL, pkceCodeVerifier = verifier) =>
    openid.authorizationCodeGrant(config, callback, { pkceCodeVerifier, expectedState: 's1', expectedNonce: 'n1' });
  const allowed = async (account: string, more: Record<string, string> = {}) =>
    location(await submit(await visit(await authorize(more)), { account, decision: 'allow' }));

  beforeAll(async () => {
    sandbox = await startSandbox({ appUrl: APP });
    const { GOOGLE_ISSUER = '', GOOGLE_CLIENT_ID = '', GOOGLE_CLIENT_SECRET = '' } = sandbox.settings;
    config = await openid.discovery(
      new URL(GOOGLE_ISSUER),
      GOOGLE_CLIENT_ID,
      GOOGLE_CLIENT_SECRET,
      openid.ClientSecretPost(),
      {
        execute: [openid.allowInsecureRequests],
      },
    );
  });
  afterAll(() => sandbox.close());

  it('asks, and gives tokens, an owner and the granted scopes in their long form', async () => {
    const tokens = await redeem(await allowed(anne));
    expect(tokens.claims()).toMatchObject({ email: anne, email_verified: true, hd: 'regenboog.example', nonce: 'n1' });
    expect(tokens.scope).toBe(`openid https://www.googleapis.com/auth/userinfo.email ${CALENDAR}`);
    expect(tokens.refresh_token).toMatch(/^1\/\/0/u);
    const info = await openid.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? '');
    expect(info.email).toBe(anne);
  });

  it('gives a second refresh token only for prompt=consent', async () => {
    const account = 'bo@regenboog.example';
    expect((await redeem(await allowed(account))).refresh_token).toBeDefined();
    expect((await redeem(await allowed(account))).refresh_token).toBeUndefined();
    expect((await redeem(await allowed(account, { prompt: 'consent' }))).refresh_token).toBeDefined();
    const online = await redeem(await allowed('new@regenboog.example', { access_type: 'online' }));
    expect(online.refresh_token).toBeUndefined();
  });

  it('lets a teacher untick the calendar', async () => {
    const answer = await submit(await visit(await authorize()), {
      account: anne,
      granted_scope: null,
      decision: 'allow',
    });
    expect((await redeem(location(answer))).scope).toBe('openid https://www.googleapis.com/auth/userinfo.email');
  });

  it('goes back with access_denied when the teacher says no', async () => {
    const back = location(await submit(await visit(await authorize()), { account: anne, decision: 'deny' }));
    expect(Object.fromEntries(back.searchParams)).toEqual({ error: 'access_denied', state: 's1' });
  });

  it('takes a code once, with its own verifier and its own redirect_uri', async () => {
    const callback = await allowed(anne);
    await redeem(callback);
    await expect(redeem(callback)).rejects.toMatchObject({ error: 'invalid_grant', status: 400 });
    await expect(redeem(await allowed(anne), openid.randomPKCECodeVerifier())).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    const other = await allowed(anne);
    other.pathname = '/elsewhere';
    await expect(redeem(other)).rejects.toMatchObject({ error: 'redirect_uri_mismatch' });
  });

  it('keeps a wrong redirect_uri, a wrong client and a missing challenge on its own page', async () => {
    expect((await visit(await authorize({ redirect_uri: `${REDIRECT}/` }))).status).toBe(400);
    expect((await visit(await authorize({ client_id: 'other' }))).status).toBe(400);
    expect((await visit(await authorize({ code_challenge: '', code_challenge_method: 'plain' }))).status).toBe(400);
  });

  it('refreshes without a new refresh token, until the grant is revoked', async () => {
    const { refreshToken } = sandbox.google.grant({ email: anne });
    const again = await openid.refreshTokenGrant(config, refreshToken);
    expect(again.access_token).toMatch(/^ya29\./u);
    expect(again.refresh_token).toBeUndefined();
    await openid.tokenRevocation(config, refreshToken);
    await expect(openid.refreshTokenGrant(config, refreshToken)).rejects.toMatchObject({
      error: 'invalid_grant',
      status: 400,
    });
    await expect(openid.tokenRevocation(config, refreshToken)).rejects.toMatchObject({ error: 'invalid_token' });
  });

  it('says when a grant is limited in time', async () => {
    sandbox.google.limitGrants(604_799);
    const tokens = await redeem(await allowed('time@regenboog.example'));
    sandbox.google.limitGrants(null);
    expect(tokens.refresh_token_expires_in).toBe(604_799);
  });

  it('answers at once when automatic consent is on', async () => {
    await fetch(`${sandbox.url}/control/auto-consent`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ on: true }),
    });
    sandbox.google.nextAccount = 'next@regenboog.example';
    const first = await redeem(location(await visit(await authorize())));
    const hinted = await redeem(location(await visit(await authorize({ login_hint: 'hint@regenboog.example' }))));
    sandbox.autoConsent(false);
    expect([first.claims()?.email, hinted.claims()?.email]).toEqual([
      'next@regenboog.example',
      'hint@regenboog.example',
    ]);
    expect((await visit(await authorize())).status).toBe(200);
  });

  it('refuses another client secret, in the body and in the Basic header', async () => {
    const { GOOGLE_ISSUER = '', GOOGLE_CLIENT_ID = '', GOOGLE_CLIENT_SECRET = '' } = sandbox.settings;
    const { refreshToken } = sandbox.google.grant({ email: anne });
    const as = (secret: string, method: (secret: string) => openid.ClientAuth) =>
      openid.discovery(new URL(GOOGLE_ISSUER), GOOGLE_CLIENT_ID, undefined, method(secret), {
        execute: [openid.allowInsecureRequests],
      });
    const refresh = async (configuration: Promise<openid.Configuration>) =>
      openid.refreshTokenGrant(await configuration, refreshToken);
    await expect(refresh(as('wrong', openid.ClientSecretPost))).rejects.toMatchObject({
      error: 'invalid_client',
      status: 401,
    });
    expect((await refresh(as(GOOGLE_CLIENT_SECRET, openid.ClientSecretBasic))).access_token).toBeDefined();
  });
});
