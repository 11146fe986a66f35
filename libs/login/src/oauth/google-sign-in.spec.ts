import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  CALENDAR,
  flows,
  metadataOf,
  now,
  provider,
  refusalOf,
  signIn,
  strangersKey,
  useIdentityProvider,
} from '../../../../test/support/identity-provider.js';
import { packLogin } from '../stored-login.js';
import { loginFlowsFrom } from './login-flows.js';

useIdentityProvider();

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

  it('times beyond all reason are years', async () => {
    Object.assign(provider.tokens, { expires_in: 1e300, refresh_token_expires_in: 1e300 });
    const { login, grant } = await signIn(flows().google);
    for (const end of [login.endsAt!, grant.expiresAt])
      expect(end.getFullYear() - now.getFullYear()).toBeLessThanOrEqual(10);
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
    // The callback may name the issuer too (RFC 9207), as the metadata does: with the scheme.
    const google = () => flows({ google: 'https://accounts.google.com' }).google;
    Object.assign(provider.claims, { iss: 'accounts.google.com', nonce: undefined });
    expect((await signIn(google(), { iss: 'https://accounts.google.com' })).login.account.subject).toBe('1122');
    for (const iss of ['accounts.google.com', 'https://evil.example']) {
      Object.assign(provider.claims, { nonce: undefined });
      expect(await refusalOf(signIn(google(), { iss }))).toBe('state-mismatch');
    }
    Object.assign(provider.claims, { iss: 'accounts.google.com', nonce: undefined });
    provider.signWith = strangersKey();
    const forged = signIn(flows({ google: 'https://accounts.google.com' }).google);
    expect(await refusalOf(forged)).toBe('state-mismatch');
  });
});
