import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { Secret } from '#libs/encryption';
import type { StoredLogin } from '../stored-login.js';
import type { CookieInstruction } from './cookie-instruction.js';
import { CookieSealer } from './cookie-sealer.js';
import { LoginCookies } from './login-cookies.js';
import { OauthCookies } from './oauth-cookies.js';

let now = new Date('2026-11-24T18:00:00Z');
const sealer = new CookieSealer([{ kid: 'k1', key: new Uint8Array(32).fill(1) }], () => now);
const cookies = new LoginCookies({ sealer, secure: true });
const aLogin = (more: Partial<StoredLogin> = {}): StoredLogin => ({
  login: 'google',
  personId: 'p-7',
  account: { subject: '1122', email: 'anne@regenboog.example', domain: 'regenboog.example' },
  refreshToken: new Secret('planted-refresh-token'),
  connectedAt: new Date('2026-11-24T18:00:00Z'),
  epoch: 2,
  ...more,
});
const long = (length: number, letter = 'x') => aLogin({ refreshToken: new Secret(letter.repeat(length)) });
const jar = (written: CookieInstruction[]) =>
  Object.fromEntries(written.filter(({ attributes }) => attributes.maxAge > 0).map(({ name, value }) => [name, value]));
const written = async (login: StoredLogin) => jar(await cookies.write(login));

describe('R4 a login lives in its teacher’s browser', () => {
  it('comes back whole, with no access token in it', async () => {
    const login = aLogin({ endsAt: new Date('2026-12-01T00:00:00Z') });
    const back = await cookies.read('google', 'p-7', await written(login));
    expect(back).toEqual(login);
    expect(back?.refreshToken.reveal()).toBe('planted-refresh-token');
  });

  it('is HttpOnly, Secure, Lax, for this host, for 30 days at most', async () => {
    const [first] = await cookies.write(aLogin());
    expect(first).toMatchObject({
      name: '__Host-login-google',
      attributes: { httpOnly: true, secure: true, sameSite: 'lax', path: '/', maxAge: 2_592_000 },
    });
    expect(JSON.stringify(await cookies.write(aLogin()))).not.toContain('planted');
  });

  it('lasts no longer than the teacher allowed', async () => {
    const [first] = await cookies.write(aLogin({ endsAt: new Date('2026-11-24T19:00:00Z') }));
    expect(first?.attributes.maxAge).toBe(3600);
    const [over] = await cookies.write(aLogin({ endsAt: new Date('2026-11-24T17:00:00Z') }));
    expect(over?.attributes.maxAge).toBe(0);
  });

  it('has no prefix on http, where browsers would drop it', async () => {
    const [first] = await new LoginCookies({ sealer, secure: false }).write(aLogin({ login: 'microsoft' }));
    expect(first).toMatchObject({ name: 'login-microsoft', attributes: { secure: false } });
  });

  it('is cut into chunks that every browser keeps', async () => {
    for (const length of [10, 2_600, 2_700, 5_000, 7_500]) {
      const parts = await written(long(length));
      for (const [name, value] of Object.entries(parts)) {
        expect(value.length).toBeLessThan(3_800);
        expect(name).toMatch(/^__Host-login-google(-[12])?$/);
      }
      expect((await cookies.read('google', 'p-7', parts))?.refreshToken.reveal()).toHaveLength(length);
    }
    await expect(cookies.write(long(20_000))).rejects.toThrow(RangeError);
  });

  it('forgets the chunks that a longer login left behind', async () => {
    const before = await written(long(5_000));
    const names = (await cookies.write(aLogin(), before)).map(({ name, attributes }) => [name, attributes.maxAge]);
    expect(names).toEqual([
      ['__Host-login-google', 2_592_000],
      ['__Host-login-google-1', 0],
    ]);
    expect(await cookies.write(aLogin())).toHaveLength(3);
    expect(await cookies.read('google', 'p-7', { ...before, ...(await written(aLogin())) })).toEqual(aLogin());
  });

  it('clears what this browser sent, and nothing of the other login', async () => {
    const both = { ...(await written(long(5_000))), '__Host-login-microsoft': 'x' };
    expect(
      cookies.clear('google', both).map(({ name, value, attributes }) => [name, value, attributes.maxAge]),
    ).toEqual([
      ['__Host-login-google', '', 0],
      ['__Host-login-google-1', '', 0],
    ]);
  });
});

describe('R4 a login cookie is worth nothing to anybody else', () => {
  it('another person, another login, nobody', async () => {
    const parts = await written(aLogin());
    expect(await cookies.read('google', 'p-8', parts)).toBeNull();
    expect(
      await cookies.read('microsoft', 'p-7', { '__Host-login-microsoft': parts['__Host-login-google'] }),
    ).toBeNull();
    expect(await cookies.read('google', 'p-7', {})).toBeNull();
  });

  it('gaps, mixed and swapped chunks', async () => {
    const [a, b] = [await written(long(5_000, 'a')), await written(long(5_000, 'b'))];
    const name = '__Host-login-google';
    expect(Object.keys(a)).toHaveLength(2);
    expect(await cookies.read('google', 'p-7', { [name]: a[name] })).toBeNull();
    expect(await cookies.read('google', 'p-7', { [`${name}-1`]: a[`${name}-1`] })).toBeNull();
    expect(await cookies.read('google', 'p-7', { [name]: a[name], [`${name}-1`]: b[`${name}-1`] })).toBeNull();
    expect(await cookies.read('google', 'p-7', { [name]: a[`${name}-1`], [`${name}-1`]: a[name] })).toBeNull();
    expect(await cookies.read('google', 'p-7', { [name]: a[name]?.replace('2.', '1.') })).toBeNull();
    expect(await cookies.read('google', 'p-7', { [name]: a[name]?.replace('2.', '9.') })).toBeNull();
    expect(await cookies.read('google', 'p-7', { [name]: `0.${a[name]}` })).toBeNull();
  });

  it('each character of a long one changed, left out or doubled, at least 11,000 times: all refused', async () => {
    const whole = await written(long(3_200));
    expect(Object.keys(whole)).toHaveLength(2);
    expect(await cookies.read('google', 'p-7', whole)).not.toBeNull();
    let attempts = 0;
    let taken = 0;
    for (const [name, value] of Object.entries(whole) as [string, string][])
      for (let at = 0; at < value.length; at += 1) {
        const old = value[at]!;
        const other = [old === 'A' ? 'B' : 'A', String.fromCharCode(old.charCodeAt(0) ^ 1)];
        const changed = [...other, '', old + old].map((put) => value.slice(0, at) + put + value.slice(at + 1));
        for (const chunk of changed) {
          attempts += 1;
          if (await cookies.read('google', 'p-7', { ...whole, [name]: chunk })) taken += 1;
        }
      }
    process.stdout.write(`login cookies: ${attempts} changed ones, ${taken} taken\n`);
    expect(taken).toBe(0);
    expect(attempts).toBeGreaterThan(11_000);
  }, 60_000);

  it('after its end', async () => {
    const parts = await written(aLogin());
    now = new Date('2026-12-25T18:00:00Z');
    expect(await cookies.read('google', 'p-7', parts)).toBeNull();
    now = new Date('2026-11-24T18:00:00Z');
  });

  it('sealed for something else, or holding something else', async () => {
    const value = `1.${await sealer.seal('oauth', { login: 'google', person: 'p-7' }, 60)}`;
    expect(await cookies.read('google', 'p-7', { '__Host-login-google': value })).toBeNull();
    const odd = `1.${await sealer.seal('login-google', { login: 'google', person: 'p-7' }, 60)}`;
    expect(await cookies.read('google', 'p-7', { '__Host-login-google': odd })).toBeNull();
  });

  it('shows nothing when printed', () => {
    expect(inspect(aLogin(), { depth: 9, showHidden: true }) + JSON.stringify(aLogin())).not.toContain('planted');
  });
});

describe('R4 a sign-in under way is remembered in the browser for ten minutes', () => {
  const oauth = new OauthCookies({ sealer, secure: true });
  const transaction = {
    login: 'google' as const,
    personId: 'p-7',
    to: '/evenings/e-9',
    state: 's',
    nonce: 'n',
    verifier: new Secret('planted-verifier'),
  };

  it('comes back whole, once written', async () => {
    const { name, value, attributes } = await oauth.write(transaction, {});
    expect([name, attributes.maxAge]).toEqual(['__Host-oauth', 600]);
    const back = await oauth.read({ [name]: value }, 's');
    expect(back).toEqual({ name, transaction });
    expect(back?.transaction.verifier.reveal()).toBe('planted-verifier');
    expect(oauth.clear(name)).toMatchObject({ name, value: '', attributes: { maxAge: 0 } });
  });

  it('each sign-in has a cookie of its own; a sixth takes the place of the oldest', async () => {
    const browser: Record<string, string> = {};
    for (let n = 0; n < 7; n += 1) {
      now = new Date(now.getTime() + 1_000);
      const { name, value } = await oauth.write({ ...transaction, state: `s${n}` }, browser);
      browser[name] = value;
    }
    now = new Date('2026-11-24T18:00:00Z');
    expect(Object.keys(browser).sort()).toEqual(['', '-1', '-2', '-3', '-4'].map((end) => `__Host-oauth${end}`));
    const found = await Promise.all([0, 1, 2, 3, 4, 5, 6].map((n) => oauth.read(browser, `s${n}`)));
    expect(found.map((one) => one !== null)).toEqual([false, false, true, true, true, true, true]);
    const { name } = await oauth.write(transaction, {}, new Set(['__Host-oauth']));
    expect(name).toBe('__Host-oauth-1');
  });

  it('is nothing after ten minutes, with another state, without a cookie, or from another one', async () => {
    const { name, value } = await oauth.write(transaction, {});
    const state = await oauth.state(transaction);
    expect(await oauth.signInOf(state)).toEqual({ login: 'google', personId: 'p-7', to: '/evenings/e-9' });
    expect(await oauth.signInOf(value)).toBeNull();
    expect(await oauth.read({ [name]: state }, 's')).toBeNull();
    expect(await oauth.read({ [name]: value }, 'other')).toBeNull();
    expect(await oauth.read({}, 's')).toBeNull();
    expect(await oauth.read({ [name]: await sealer.seal('login-google', { ...transaction }, 60) }, 's')).toBeNull();
    expect(
      await oauth.read({ [name]: await sealer.seal('oauth', { login: 'google', state: 's' }, 60) }, 's'),
    ).toBeNull();
    now = new Date('2026-11-24T18:10:00Z');
    expect(await oauth.read({ [name]: value }, 's')).toBeNull();
    expect(await oauth.signInOf(state)).toBeNull();
    now = new Date('2026-11-24T18:00:00Z');
  });
});
