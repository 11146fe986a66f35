import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openApi } from '../../apps/api/src/docs/openapi.js';
import { ASchool } from '../support/a-school.js';
import { openWindow, startChromium } from '../support/chromium.js';
import { Product, type Role } from '../support/product.js';

/** Every route that a form can post to. Signed intake takes no media type that a form can send. */
const FORMS = Object.entries(openApi('https://conferences.example').paths).flatMap(([path, methods]) =>
  methods.post && path !== '/v1/events' ? [path] : [],
);

const FIELDS = {
  to: '/',
  sure: 'true',
  provider: 'google-meet',
  from: 'p-somebody',
  everywhere: 'true',
  name: 'Attacked',
  email: 'attacked@elsewhere.example',
  locale: 'en',
};

describe('R12 a page of somebody else changes nothing, with or without a cookie', () => {
  let product: Product;
  let chromium: Browser;
  let stranger: Server;
  let html = '';
  const school = new ASchool();
  const victim = school.teacher();
  const attacker = { id: `p-attacker-${school.id}`, name: 'Attacker' };
  let port: number;

  beforeAll(async () => {
    stranger = createServer((_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(html));
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    port = (stranger.address() as AddressInfo).port;
    [product, chromium] = await Promise.all([Product.start(), startChromium()]);
    await product.emit(school.slot(1, { wanting: 'google-meet' }));
    await product.untilRow(school, 'waits for its owner', ({ status }) => status === 'needs_owner');
  }, 40_000);
  afterAll(async () => {
    await chromium?.close();
    await product?.close();
    await new Promise((resolve) => stranger.close(resolve));
  });

  const ticket = (sub: string, name: string, roles: Role[]) =>
    product.sandbox.module.enterUrl({ sub, school: school.id, roles, name });
  const ticketOf = async (sub: string, name: string) =>
    new URL(await ticket(sub, name, ['teacher'])).searchParams.get('ticket')!;

  /** The path of a route with the victim's own things in it. A placeholder that is not known here fails the test. */
  const filled = (path: string): string => {
    const values: Record<string, string> = {
      '/v1/evenings/{id}': school.evening.id,
      '/evenings/{id}': school.evening.id,
      '/v1/timeslots/{id}': school.slotId(),
      '/v1/people/{id}': victim.id,
      '/people/{id}': victim.id,
      '{slot}': school.slotId(),
      '{login}': 'google',
      '{token}': 'A'.repeat(43),
    };
    let result = path;
    for (const [pattern, value] of Object.entries(values))
      result = result.replace(pattern, pattern.replace(/\{\w+\}/, encodeURIComponent(value)));
    if (result.includes('{'))
      throw new Error(`Say in foreign-origin.spec.ts what stands for the placeholders of ${path}.`);
    return result;
  };

  const TABLES = ['conferences', 'meetings', 'people', 'erasures', 'spent_tokens', 'login_epochs', 'timeslots'];
  /** All that a form could change. */
  const stored = () =>
    Promise.all(
      TABLES.map((table) => product.db.query(`select md5(string_agg(t::text, '' order by t::text)) from ${table} t`)),
    );

  async function signedIn(): Promise<BrowserContext> {
    const { context, page } = await openWindow(chromium, [new URL(product.appUrl).host, `localhost:${port}`]);
    await page.goto(await ticket(victim.id, victim.name, ['teacher']));
    await page.close();
    return context;
  }
  const whoIs = async (context: BrowserContext) => {
    const answer = await context.request.get(`${product.appUrl}/v1/me`);
    return answer.status() === 200 ? ((await answer.json()) as { person: { id: string } }).person.id : null;
  };

  it('knows forms that could be posted to', () => {
    expect(FORMS).toEqual(expect.arrayContaining(['/enter', '/leave', '/j/{token}', '/me/data', '/me/sessions/end']));
  });

  // `localhost` is another site than 127.0.0.1, to which no cookie goes; another port of 127.0.0.1 is a neighbour, with cookies.
  describe.each([
    ['localhost', true],
    ['localhost', false],
    ['127.0.0.1', true],
    ['127.0.0.1', false],
  ])('on %s, signed in: %s', (host, isSignedIn) => {
    let context: BrowserContext;
    let page: Page;
    beforeAll(async () => {
      context = isSignedIn ? await signedIn() : (await openWindow(chromium, [])).context;
      page = await context.newPage();
    });
    afterAll(() => context?.close());

    /** What the foreign page's requests are answered. */
    async function answersTo(path: string) {
      const ticket = await ticketOf(attacker.id, attacker.name);
      const url = `${product.appUrl}${filled(path)}`;
      const fields = Object.entries({ ...FIELDS, ticket });
      html = `<form method="post" action="${url}">${fields.map(([name, value]) => `<input name="${name}" value="${value}">`).join('')}</form>`;
      await page.goto(`http://${host}:${port}/`);
      const post = () => page.waitForResponse((response) => response.request().method() === 'POST');
      const [scripted] = await Promise.all([
        post(),
        page.evaluate(
          ([to, body]) =>
            fetch(to, { method: 'POST', mode: 'no-cors', credentials: 'include', body: new URLSearchParams(body) }),
          [url, new URLSearchParams(fields).toString()] as const,
        ),
      ]);
      const [submitted] = await Promise.all([
        post(),
        page.waitForURL(url),
        page.evaluate(() => document.forms[0]!.submit()),
      ]);
      return { script: scripted.status(), form: submitted.status() };
    }

    it.each(FORMS)('POST %s is refused (403), as a form and as a script', async (path) => {
      const before = await stored();
      expect(await answersTo(path)).toEqual({ script: 403, form: 403 });
      expect(await stored()).toEqual(before);
      expect(await whoIs(context)).toBe(isSignedIn ? victim.id : null);
    });
  });

  it('entering as somebody else by a link asks, and only the own form goes through', async () => {
    const context = await signedIn();
    const page = await context.newPage();
    html = `<a id="go" href="${await ticket(attacker.id, attacker.name, ['teacher'])}">go</a>`;
    await page.goto(`http://localhost:${port}/`);
    await page.click('#go');
    expect(await whoIs(context)).toBe(victim.id);
    expect(await page.textContent('main')).toContain(attacker.name);
    await page.click('main button');
    expect(await whoIs(context)).toBe(attacker.id);
    await context.close();
  });
});
