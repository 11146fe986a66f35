import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LoginName } from '#libs/providers';
import { parseSetCookie } from 'cookie';
import type { Browser } from '../../apps/cli/src/evening/browser.js';
import { ASchool } from '../support/a-school.js';
import { Product, type ProblemBody } from '../support/product.js';
import { until } from '../support/until.js';

describe('R4 connecting an account', () => {
  let product: Product;
  beforeAll(async () => {
    product = await Product.start();
  });
  afterAll(() => product?.close());

  const me = async (browser: Browser) =>
    (await (await browser.fetch(`${product.appUrl}/v1/me`)).json()) as {
      logins: { login: string; account: string }[];
      needsOwner: number;
      school: { id: string };
    };
  const aTeacher = async () => {
    const school = new ASchool();
    await product.emit(school.slot());
    const browser = await product.browser('teacher', school, school.teacher());
    return { school, teacher: school.teacher(), browser };
  };
  /** The provider's own consent form, filled in by a person. */
  const decide = async (browser: Browser, consent: URL, fields: Record<string, string | string[]>) => {
    const form = new URLSearchParams([...consent.searchParams]);
    for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) form.append(name, one);
    const answered = await fetch(consent.origin + consent.pathname, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    });
    return answered;
  };
  const callback = (browser: Browser, location: string) =>
    browser.fetch(location, { headers: { accept: 'text/html' } });
  const loginCookies = (response: Response) =>
    response.headers.getSetCookie().filter((line) => line.startsWith('login-') && !/Max-Age=0/i.test(line));

  describe.each<[LoginName, 'google-meet' | 'microsoft-teams']>([
    ['google', 'google-meet'],
    ['microsoft', 'microsoft-teams'],
  ])('%s', (login, provider) => {
    it('ends where it began, with the login in a cookie of this browser and nowhere else', async () => {
      const { browser, teacher, school } = await aTeacher();
      const started = await browser.fetch(`${product.appUrl}/login/${login}?to=/evenings/${school.evening.id}`);
      const oauth = started.headers.getSetCookie().map((line) => parseSetCookie(line));
      expect(oauth).toEqual([
        expect.objectContaining({ name: 'oauth', httpOnly: true, sameSite: 'lax', path: '/', maxAge: 600 }),
      ]);
      const consent = new URL(started.headers.get('location')!);
      expect(consent.searchParams.get('redirect_uri')).toBe(`${product.appUrl}/login/${login}/callback`);
      expect(consent.searchParams.get('scope')).toBe(
        login === 'google'
          ? 'openid email https://www.googleapis.com/auth/calendar.app.created'
          : 'openid profile email offline_access https://graph.microsoft.com/OnlineMeetings.ReadWrite',
      );
      consent.searchParams.set('sandbox_account', teacher.email);
      const back = (await fetch(consent, { redirect: 'manual' })).headers.get('location')!;
      const done = await callback(browser, back);
      expect([done.status, done.headers.get('location')]).toEqual([303, `/evenings/${school.evening.id}`]);
      const cookies = done.headers.getSetCookie().map((line) => parseSetCookie(line));
      const kept = cookies.filter(({ maxAge }) => maxAge !== 0);
      expect(kept.map(({ name }) => name)).toEqual(
        kept.map((_, place) => `login-${login}${place === 0 ? '' : `-${place}`}`),
      );
      for (const cookie of kept) {
        expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'lax', path: '/' });
        expect(cookie.domain).toBeUndefined();
        expect(JSON.stringify(cookie).length).toBeLessThan(4_200);
      }
      expect(cookies.find(({ name }) => name === 'oauth')).toMatchObject({ maxAge: 0 });
      expect((await me(browser)).logins).toEqual([{ login, account: teacher.email }]);
      // Another browser of the same person knows nothing of it.
      expect((await me(await product.browser('teacher', school, teacher))).logins).toEqual([]);
    });

    it('counts only in the session of its person', async () => {
      const { browser, school } = await aTeacher();
      await product.connect(browser, login, school.teacher().email);
      const other = await product.browser('teacher', school, school.teacher(2));
      const host = new URL(product.appUrl).host;
      const jar = other['jars'].get(host)!;
      for (const [name, value] of browser['jars'].get(host)!) if (name.startsWith('login-')) jar.set(name, value);
      expect((await me(other)).logins).toEqual([]);
    });

    it('declined: a page that says why, and no cookie', async () => {
      const { browser } = await aTeacher();
      const consent = await product.consentUrl(browser, login);
      product.sandbox.autoConsent(false);
      const answer = await decide(browser, consent, { decision: 'deny' });
      product.sandbox.autoConsent(true);
      const page = await callback(browser, answer.headers.get('location')!);
      expect([page.status, page.headers.get('content-type')]).toEqual([403, 'text/html; charset=utf-8']);
      expect(loginCookies(page)).toEqual([]);
      expect(await page.text()).toMatch(/<h1/);
      expect((await me(browser)).logins).toEqual([]);
    });

    it('of another domain is refused where the school names its own', async () => {
      const { browser, school } = await aTeacher();
      await product.emit(school.changed({ accountDomains: ['regenboog.example'] }));
      const refused = await product.connect(browser, login, 'anne@elsewhere.example');
      expect(refused.status).toBe(403);
      expect((await me(browser)).logins).toEqual([]);
      const taken = await product.connect(browser, login, 'anne@regenboog.example');
      expect(taken.status).toBe(200);
      expect((await me(browser)).logins).toEqual([{ login, account: 'anne@regenboog.example' }]);
    });

    it('by a callback that is forged is refused; one that was used leads to where it led; the first login stays', async () => {
      const { browser, teacher, school } = await aTeacher();
      const consent = await product.consentUrl(browser, login);
      consent.searchParams.set('sandbox_account', teacher.email);
      const back = (await fetch(consent, { redirect: 'manual' })).headers.get('location')!;
      expect((await callback(browser, back)).status).toBe(303);
      const again = await callback(browser, back);
      expect([again.status, again.headers.get('location')]).toEqual([303, '/privacy']);
      expect(loginCookies(again)).toEqual([]);
      // To whom nothing is connected, as after forgetting it, a used one is of no use.
      expect((await callback(await product.browser('teacher', school, teacher), back)).status).toBe(400);
      expect((await me(browser)).logins).toEqual([{ login, account: teacher.email }]);
      const second = await product.consentUrl(browser, login);
      second.searchParams.set('sandbox_account', 'thief@elsewhere.example');
      const forged = new URL((await fetch(second, { redirect: 'manual' })).headers.get('location')!);
      forged.searchParams.set('state', 'forged');
      expect((await callback(browser, forged.href)).status).toBe(400);
      expect((await me(browser)).logins).toEqual([{ login, account: teacher.email }]);
    });

    it('two at once in two tabs finish each on its own, whichever is first, and beside the other provider', async () => {
      const { browser, teacher } = await aTeacher();
      const other = login === 'google' ? 'microsoft' : 'google';
      const backOf = async (one: LoginName, account: string) => {
        const consent = await product.consentUrl(browser, one, '/privacy');
        consent.searchParams.set('sandbox_account', account);
        return (await fetch(consent, { redirect: 'manual' })).headers.get('location')!;
      };
      // One after the other; then all at the same moment, with the same cookies.
      const inTurn = [
        await backOf(login, teacher.email),
        await backOf(login, teacher.email),
        await backOf(other, teacher.email),
      ];
      for (const back of inTurn) expect((await callback(browser, back)).status).toBe(303);
      const atOnce = await Promise.all(([login, login, other] as const).map((one) => backOf(one, teacher.email)));
      const answers = await Promise.all(atOnce.toReversed().map((back) => callback(browser, back)));
      expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
      expect((await me(browser)).logins).toHaveLength(2);
    });

    it('a callback that is loaded twice at the same moment connects once', async () => {
      const { browser, teacher } = await aTeacher();
      const consent = await product.consentUrl(browser, login);
      consent.searchParams.set('sandbox_account', teacher.email);
      const back = (await fetch(consent, { redirect: 'manual' })).headers.get('location')!;
      const answers = await Promise.all([callback(browser, back), callback(browser, back), callback(browser, back)]);
      expect(answers.map((answer) => [answer.status, answer.headers.get('location')])).toEqual(
        Array.from({ length: 3 }, () => [303, '/privacy']),
      );
      expect((await me(browser)).logins).toEqual([{ login, account: teacher.email }]);
    });

    it("begun by somebody else is refused: a stranger's code cannot be put under a teacher", async () => {
      const [thief, victim] = [await aTeacher(), await aTeacher()];
      const consent = await product.consentUrl(thief.browser, login);
      consent.searchParams.set('sandbox_account', thief.teacher.email);
      const back = (await fetch(consent, { redirect: 'manual' })).headers.get('location')!;
      expect((await callback(victim.browser, back)).status).toBe(400);
      expect((await me(victim.browser)).logins).toEqual([]);
    });

    it('is forgotten in this browser by DELETE, and nowhere else', async () => {
      const { browser, teacher, school } = await aTeacher();
      await product.connect(browser, login, teacher.email);
      const other = await product.browser('teacher', school, teacher);
      await product.connect(other, login, teacher.email);
      const forgotten = await product.send(browser, 'DELETE', `/login/${login}`);
      expect(forgotten.status).toBe(204);
      expect((await me(browser)).logins).toEqual([]);
      expect((await me(other)).logins).toEqual([{ login, account: teacher.email }]);
      // The grant lives on: the other browser's next visit still gets a token.
      await product.visit(other);
      expect((await me(other)).logins).toHaveLength(1);
    });

    it('P1 a token that the provider refuses is not lent again: a visit fetches another, or finds the login ended', async () => {
      const { browser, teacher, school } = await aTeacher();
      await product.connect(browser, login, teacher.email);
      product.sandbox[login].expireAccessTokens(teacher.email);
      await product.emit(school.slot(1, { wanting: provider }));
      await product.untilRow(school, 'parks', ({ status }) => status === 'needs_owner');
      expect((await product.visit(browser)).resumed).toBe(1);
      await product.untilReady(school);
      product.sandbox[login].revokeGrant(teacher.email);
      product.sandbox[login].expireAccessTokens(teacher.email);
      await product.emit(school.slot(2, { wanting: provider }));
      await product.untilRow(school, 'parks', ({ status }) => status === 'needs_owner', 2);
      await product.visit(browser);
      expect((await me(browser)).logins).toEqual([]);
    });

    it('P10 a token endpoint that says when to come back is left alone until then, however many visits there are', async () => {
      const { browser, teacher, school } = await aTeacher();
      await product.connect(browser, login, teacher.email);
      product.sandbox[login].expireAccessTokens(teacher.email);
      await product.emit(school.slot(1, { wanting: provider }));
      await product.untilRow(school, 'parks', ({ status }) => status === 'needs_owner');
      const asked = () =>
        product.sandbox.ledger.requests.filter(
          ({ account, operation }) => account === teacher.email && operation === 'token.refresh_token',
        );
      const fault = login === 'google' ? 'oauth.429.rate_limit_exceeded' : 'html.503';
      product.sandbox.faults.set({
        id: 'limit',
        match: { provider: login, operation: 'token' },
        fault,
        times: 1,
        retryAfter: 3,
      });
      for (let visits = 0; visits < 5; visits += 1) expect((await product.visit(browser)).resumed).toBe(0);
      expect(asked()).toHaveLength(1);
      expect((await me(browser)).logins).toEqual([{ login, account: teacher.email }]);
      await until('goes on by a visit', async () => (await product.visit(browser)).resumed === 1);
      const [first, second, ...more] = asked().map(({ at }) => Date.parse(at));
      expect(more).toEqual([]);
      expect(second! - first!).toBeGreaterThanOrEqual(2_900);
      await product.untilReady(school);
    });

    it('ended everywhere, no browser’s cookie of before is worth anything; connecting anew is', async () => {
      const { browser, teacher, school } = await aTeacher();
      await product.connect(browser, login, teacher.email);
      const other = await product.browser('teacher', school, teacher);
      await product.connect(other, login, teacher.email);
      expect((await product.send(browser, 'DELETE', `/login/${login}?everywhere=true`)).status).toBe(204);
      expect((await me(other)).logins).toEqual([]);
      const visit = await product.send(other, 'POST', '/v1/visits');
      expect(visit.headers.getSetCookie().join()).toMatch(new RegExp(`^login-${login}=;.*Max-Age=0`));
      await product.connect(other, login, teacher.email);
      expect((await me(other)).logins).toEqual([{ login, account: teacher.email }]);
    });

    it('is not forgotten by a mistyped switch: neither here nor everywhere', async () => {
      const { browser, teacher } = await aTeacher();
      await product.connect(browser, login, teacher.email);
      for (const query of ['everywhere=maybe', 'everywhere=', 'everywhere=TRUE', 'everywhere=true&everywhere=true']) {
        const refused = await product.send(browser, 'DELETE', `/login/${login}?${query}`);
        expect([query, refused.status]).toEqual([query, 400]);
        expect(((await refused.json()) as ProblemBody).errors).toEqual([
          { pointer: '/everywhere', detail: 'must be true or false' },
        ]);
      }
      const form = (body: string) =>
        browser.fetch(`${product.appUrl}/login/${login}/forget`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body,
        });
      for (const body of ['to=/&everywhere=1', 'to=//evil.example&everywhere=true'])
        expect([body, (await form(body)).status]).toEqual([body, 400]);
      expect((await me(browser)).logins).toEqual([{ login, account: teacher.email }]);
      expect((await product.send(browser, 'DELETE', `/login/${login}?everywhere=false`)).status).toBe(204);
      expect((await me(browser)).logins).toEqual([]);
    });

    it('does not go anywhere but to an own path', async () => {
      const { browser } = await aTeacher();
      for (const to of ['//evil.example', 'https://evil.example', '/\\evil.example']) {
        const refused = await browser.fetch(`${product.appUrl}/login/${login}?to=${encodeURIComponent(to)}`);
        expect([to, refused.status]).toEqual([to, 400]);
      }
    });
  });

  it('google with the box of the calendar not ticked: a page that says so, and no cookie', async () => {
    const { browser, teacher } = await aTeacher();
    const consent = await product.consentUrl(browser, 'google');
    const answer = await decide(browser, consent, { decision: 'allow', account: teacher.email });
    const page = await callback(browser, answer.headers.get('location')!);
    expect(page.status).toBe(403);
    expect(loginCookies(page)).toEqual([]);
    expect((await me(browser)).logins).toEqual([]);
  });

  it('microsoft with a personal account never comes back from Microsoft, and leaves no cookie', async () => {
    const { browser } = await aTeacher();
    const ended = await product.connect(browser, 'microsoft', 'anne@outlook.com');
    expect(new URL(ended.url).origin).toBe(new URL(product.sandbox.url).origin);
    expect((await me(browser)).logins).toEqual([]);
  });

  it('microsoft where the school must approve first says so; it works once the admin did', async () => {
    const { browser, teacher } = await aTeacher();
    const domain = teacher.email.split('@')[1]!;
    product.sandbox.microsoft.requireAdminConsent(domain);
    const refused = await product.connect(browser, 'microsoft', teacher.email);
    expect(refused.status).toBe(403);
    expect((await me(browser)).logins).toEqual([]);
    product.sandbox.microsoft.requireAdminConsent(domain, false);
    expect((await product.connect(browser, 'microsoft', teacher.email)).status).toBe(200);
  });

  it('everywhere: DELETE also ends the grant at Google, so that no other browser can go on', async () => {
    const { browser, teacher, school } = await aTeacher();
    await product.connect(browser, 'google', teacher.email);
    const other = await product.browser('teacher', school, teacher);
    await product.connect(other, 'google', teacher.email);
    expect((await product.send(browser, 'DELETE', '/login/google?everywhere=true')).status).toBe(204);
    await product.visit(other);
    expect((await me(other)).logins).toEqual([]);
  });

  it('an unknown login is 404', async () => {
    const { browser } = await aTeacher();
    expect((await browser.fetch(`${product.appUrl}/login/zoom`)).status).toBe(404);
  });

  it('a second account parks what the first one owns, and the first one resumes it', async () => {
    const { browser, teacher, school } = await aTeacher();
    await product.connect(browser, 'google', teacher.email);
    await product.emit(school.slot(1, { wanting: 'google-meet' }));
    await product.untilReady(school);
    const before = await product.row(school);
    await product.connect(browser, 'google', `second-${teacher.email}`);
    await product.emit(school.slot(1, { minutes: 20 }));
    const parked = await product.untilRow(school, 'parks', ({ status }) => status === 'needs_owner');
    expect(parked).toMatchObject({ reason: 'other-account', action: 'connect', joinable: true });
    expect(parked.meetingUrl).toBe(before.meetingUrl);
    expect((await me(browser)).needsOwner).toBe(1);
    expect(product.live(`second-${teacher.email}`)).toEqual([]);
    await product.connect(browser, 'google', teacher.email);
    const after = await product.untilRow(school, 'is ready again', ({ status }) => status === 'ready');
    expect(after.meetingUrl).toBe(before.meetingUrl);
    expect(product.live(teacher.email)).toHaveLength(1);
    expect(Date.parse(product.live(teacher.email)[0]!.end!)).toBe(Date.parse(after.end));
  });
});

describe('R4 where the site is reached by https', () => {
  it('every cookie has the __Host- prefix and is Secure', async () => {
    const product = await Product.start({ settings: { APP_URL: 'https://conferences.example' } });
    try {
      const school = new ASchool();
      const ticket = await product.sandbox.module.ticket({
        sub: 'p-1',
        school: school.id,
        roles: ['teacher'],
        name: 'Docent',
      });
      const entered = await fetch(`http://127.0.0.1:${product.port}/enter?ticket=${ticket}`, {
        redirect: 'manual',
      });
      const session = parseSetCookie(entered.headers.getSetCookie()[0]!);
      expect(session).toMatchObject({
        name: '__Host-session',
        secure: true,
        httpOnly: true,
        sameSite: 'lax',
        path: '/',
      });
      expect(session.domain).toBeUndefined();
      const started = await fetch(`http://127.0.0.1:${product.port}/login/google`, {
        redirect: 'manual',
        headers: { cookie: `__Host-session=${session.value}` },
      });
      expect(parseSetCookie(started.headers.getSetCookie()[0]!)).toMatchObject({
        name: '__Host-oauth',
        secure: true,
        httpOnly: true,
        maxAge: 600,
      });
      expect(started.headers.get('strict-transport-security')).toContain('max-age=');
    } finally {
      await product.close();
    }
  });
});
