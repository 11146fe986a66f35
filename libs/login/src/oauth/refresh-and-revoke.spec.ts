import { describe, expect, it } from '@jest/globals';
import { Secret } from '#libs/encryption';
import type { LoginRefused } from '#libs/login';
import {
  flows,
  now,
  provider,
  refusalOf,
  signIn,
  useIdentityProvider,
} from '../../../../test/support/identity-provider.js';

useIdentityProvider();

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

describe('P10 Retry-After of the token endpoint', () => {
  it.each<[number, string | null, number | null]>([
    [429, '30', 30],
    [503, '2.5', 2.5],
    [429, null, null],
    [503, 'planted', null],
    // It is about coming back, not about a grant that is over.
    [400, '30', null],
  ])('%i with %s: %s seconds', async (status, header, seconds) => {
    const { login } = await signIn(flows().google);
    provider.answer = Response.json(
      { error: status === 400 ? 'invalid_grant' : 'rate_limit_exceeded' },
      { status, headers: header === null ? {} : { 'retry-after': header } },
    );
    const refused = await flows()
      .google.refresh(login)
      .catch((thrown: unknown) => thrown as LoginRefused);
    const until = seconds === null ? undefined : new Date(now.getTime() + seconds * 1_000);
    expect((refused as LoginRefused).until).toEqual(until);
  });

  it('is read of an answer that is no JSON, too', async () => {
    const { login } = await signIn(flows().google);
    provider.answer = new Response('<html>planted</html>', { status: 503, headers: { 'Retry-After': '7' } });
    await expect(flows().google.refresh(login)).rejects.toMatchObject({
      reason: 'unavailable',
      until: new Date(now.getTime() + 7_000),
    });
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
