import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CookieSealer, LoginCookies, loginFlowsFrom } from '#libs/login';
import type { LoginFlows } from '#libs/login';
import type { LoginName } from '#libs/providers';
import { startSandbox } from '../../apps/sandbox/src/index.js';
import type { Sandbox } from '../../apps/sandbox/src/index.js';
import { location, submit, visit } from './support/browser.js';

const APP = 'http://127.0.0.1:43900';
const CALENDAR = 'https://www.googleapis.com/auth/calendar.app.created';
const anne = 'anne@regenboog.example';

describe('R1 R2 R4 the sign-in against Google and Microsoft as they run here', () => {
  let sandbox: Sandbox;
  let flows: LoginFlows;
  const asked = { personId: 'p-7', to: '/evenings/e-9' };
  /** Signs in as this account; `fields` are what the person changes on the consent page. */
  const signIn = async (name: LoginName, account = anne, fields: Record<string, string | null> = {}) => {
    const { url, transaction } = await flows[name].start(asked);
    const answer = await submit(await visit(url), { account, decision: 'allow', ...fields });
    return flows[name].finish({ callbackUrl: location(answer), transaction, personId: 'p-7' });
  };
  const refusal = (reason: string) => expect.objectContaining({ name: 'LoginRefused', reason });

  beforeAll(async () => {
    sandbox = await startSandbox({ appUrl: APP });
    const { google, microsoft } = sandbox;
    const of = ({ issuer, clientId, clientSecret }: typeof google | typeof microsoft, name: LoginName) => ({
      issuer,
      clientId,
      clientSecret,
      redirectUri: `${APP}/login/${name}/callback`,
      allowHttp: true,
    });
    flows = loginFlowsFrom({
      google: { ...of(google, 'google'), scope: `openid email ${CALENDAR}` },
      microsoft: of(microsoft, 'microsoft'),
    });
  });
  afterAll(() => sandbox.close());

  it.each(['google', 'microsoft'] as const)('%s: signs in, keeps the login in cookies, refreshes', async (name) => {
    const { login, to } = await signIn(name);
    expect(login.account.email).toBe(anne);
    expect(to).toBe('/evenings/e-9');
    const sealer = new CookieSealer([{ kid: 'k1', key: new Uint8Array(32).fill(1) }], () => new Date());
    const cookies = new LoginCookies({ sealer, secure: true });
    const jar = Object.fromEntries((await cookies.write(login)).map((cookie) => [cookie.name, cookie.value]));
    const kept = await cookies.read(name, 'p-7', jar);
    if (!kept) throw new Error('The login was not kept');
    const fresh = await flows[name].refresh(kept);
    expect(fresh.grant.expiresAt.getTime()).toBeGreaterThan(Date.now() + 60_000);
    expect(fresh.rotated).toBe(name === 'microsoft');
    expect(fresh.login.account).toEqual(login.account);
  });

  it.each(['google', 'microsoft'] as const)('%s: a grant that was revoked ends the login', async (name) => {
    const account = `gone-${name}@regenboog.example`;
    const { login } = await signIn(name, account);
    sandbox[name].revokeGrant(account);
    await expect(flows[name].refresh(login)).rejects.toEqual(refusal('login-ended'));
  });

  it.each(['google', 'microsoft'] as const)('%s: a teacher who says no', async (name) => {
    const { url, transaction } = await flows[name].start(asked);
    const answer = await submit(await visit(url), { account: anne, decision: 'deny' });
    const finishing = flows[name].finish({ callbackUrl: location(answer), transaction, personId: 'p-7' });
    await expect(finishing).rejects.toEqual(refusal('declined'));
  });

  it.each(['google', 'microsoft'] as const)('%s: a callback works once', async (name) => {
    const { url, transaction } = await flows[name].start(asked);
    const callbackUrl = location(await submit(await visit(url), { account: anne, decision: 'allow' }));
    await flows[name].finish({ callbackUrl, transaction, personId: 'p-7' });
    const again = flows[name].finish({ callbackUrl, transaction, personId: 'p-7' });
    await expect(again).rejects.toEqual(refusal('state-mismatch'));
  });

  it('google: the calendar unticked', async () => {
    await expect(signIn('google', anne, { granted_scope: null })).rejects.toEqual(refusal('scope-missing'));
  });

  it('google: revokes when asked to', async () => {
    const { login } = await signIn('google', 'leaves@regenboog.example');
    expect(await flows.google.revoke(login)).toBe('revoked');
    await expect(flows.google.refresh(login)).rejects.toEqual(refusal('login-ended'));
    expect(await flows.google.revoke(login)).toBe('revoked');
  });

  it.each(['google', 'microsoft'] as const)('%s: down is said to be down', async (name) => {
    const { login } = await signIn(name);
    sandbox.faults.set({ id: 'down', fault: 'html.503', match: { provider: name, operation: 'token' }, times: 1 });
    await expect(flows[name].refresh(login)).rejects.toEqual(refusal('unavailable'));
    sandbox.faults.clear();
  });
});
