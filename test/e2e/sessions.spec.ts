import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from '../../apps/cli/src/evening/browser.js';
import { ASchool } from '../support/a-school.js';
import { Product, type Role } from '../support/product.js';
import { until } from '../support/until.js';

describe('R7 R12 R14 a session ends with the rights of its person', () => {
  let product: Product;
  beforeAll(async () => {
    product = await Product.start();
  });
  afterAll(() => product?.close());

  const statusOf = async (browser: Browser, path: string) => (await browser.fetch(`${product.appUrl}${path}`)).status;
  /** A school with a colleague whose account a teacher may see. */
  const aSchool = async () => {
    const school = new ASchool();
    await product.emit(school.slot(1), school.slot(2, { teacher: school.teacher(2) }));
    return school;
  };
  const enter = (school: ASchool, role: Role, person: { id: string }) => product.browser(role, school, person);
  const left = (school: ASchool, person: { id: string }) => product.emit(school.left(person as never));
  const paths = (school: ASchool) => [
    '/v1/me',
    `/v1/evenings/${school.evening.id}/conferences`,
    `/evenings/${school.evening.id}`,
    '/me/data',
  ];
  /** @param mustBeOut signed in before; out as soon as the erasure is asked for, whether or not a worker is there */
  const erase = async (school: ASchool, personId: string, ...mustBeOut: Browser[]) => {
    const officer = await product.bearer('privacy', school);
    const asked = await product.call(officer, 'POST', `/v1/people/${personId}/erasure`, {});
    expect(asked.status).toBe(202);
    for (const browser of mustBeOut) expect(await statusOf(browser, '/v1/me')).toBe(401);
    const { id } = (await asked.json()) as { id: string };
    await until('the erasure is carried out', async () => {
      const { erasedAt } = await product.get<{ erasedAt: string | null }>(officer, `/v1/erasures/${id}`);
      return erasedAt !== null;
    });
  };

  /** A stream in this browser, and how it ended. */
  async function stream(fetchIt: (path: string) => Promise<Response>, school: ASchool) {
    const response = await fetchIt(`/v1/evenings/${school.evening.id}/progress/stream`);
    expect(response.status).toBe(200);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await reader.read()).value ?? '';
    const ended = (async () => {
      for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value;
      return text;
    })();
    return { ended };
  }
  const within = <T>(promise: Promise<T>) =>
    Promise.race([
      promise,
      new Promise<never>((_, reject) => setTimeout(() => reject(new Error('the stream goes on')), 8_000).unref()),
    ]);

  it('with person.left, on every path, also of whom no event named before; signing in again begins a new one', async () => {
    const school = await aSchool();
    for (const person of [school.teacher(), { id: `p-unnamed-${school.id}` }]) {
      const browser = await enter(school, 'teacher', person);
      for (const path of paths(school).slice(0, 1)) expect([path, await statusOf(browser, path)]).toEqual([path, 200]);
      await left(school, person);
      for (const path of paths(school)) expect([path, await statusOf(browser, path)]).toEqual([path, 401]);
      const again = await enter(school, 'teacher', person);
      expect(await statusOf(again, '/v1/me')).toBe(200);
      expect(await statusOf(browser, '/v1/me')).toBe(401);
    }
  });

  it('with person.left at that school only, and not where a later event named the person again', async () => {
    const [school, other] = [await aSchool(), await aSchool()];
    const teacher = school.teacher();
    const elsewhere = await enter(other, 'teacher', teacher);
    const here = await enter(school, 'teacher', teacher);
    const stale = school.left(teacher);
    await product.emit(school.named(teacher));
    await product.emit({ ...stale, time: new Date(Date.now() - 3_600_000).toISOString() });
    expect(await statusOf(here, '/v1/me')).toBe(200);
    await left(school, teacher);
    expect(await statusOf(here, '/v1/me')).toBe(401);
    expect(await statusOf(elsewhere, '/v1/me')).toBe(200);
  });

  it('with erasure, on every path, and for those who leave after they were erased and signed in again', async () => {
    const school = await aSchool();
    const browser = await enter(school, 'teacher', school.teacher());
    expect(await statusOf(browser, '/v1/me')).toBe(200);
    await erase(school, school.teacher().id, browser);
    for (const path of paths(school)) expect([path, await statusOf(browser, path)]).toEqual([path, 401]);
    const again = await enter(school, 'teacher', school.teacher());
    expect(await statusOf(again, '/v1/me')).toBe(200);
    await left(school, school.teacher());
    expect(await statusOf(again, '/v1/me')).toBe(401);
  });

  it('streams end with sign-out, person.left, erasure and the end of the token', async () => {
    const school = await aSchool();
    const open = (browser: Browser) => (path: string) => browser.fetch(`${product.appUrl}${path}`);
    const ways: [string, (browser: Browser) => Promise<unknown>, (n: number) => { id: string }][] = [
      ['sign-out', (browser) => product.send(browser, 'POST', '/leave'), () => school.teacher(1)],
      ['end of all sessions', (browser) => product.send(browser, 'POST', '/me/sessions/end'), () => school.teacher(1)],
      ['person.left', () => left(school, school.teacher(1)), () => school.teacher(1)],
      ['erasure', () => erase(school, school.teacher(2).id), () => school.teacher(2)],
    ];
    for (const [what, end, person] of ways) {
      const browser = await enter(school, 'teacher', person(0));
      const { ended } = await stream(open(browser), school);
      await end(browser);
      expect([what, await within(ended)]).toEqual([
        what,
        expect.stringContaining('event: ended\ndata: {"reason":"signed-out"}'),
      ]);
    }
    const seconds = Math.floor(Date.now() / 1000);
    const token = await product.sandbox.module['key'].sign({
      iss: product.sandbox.module.issuer,
      aud: 'video-conferences',
      sub: 'p-admin',
      school: school.id,
      roles: ['admin'],
      name: 'Admin',
      email: 'admin@school.example',
      locale: 'nl',
      iat: seconds - 10,
      exp: seconds - 3,
      jti: 'short',
    });
    const { ended } = await stream((path) => product.call(token, 'GET', path), school);
    expect(await within(ended)).toContain('signed-out');
  });

  it('a person ends all own sessions, at all schools, by the page or by the API', async () => {
    const [school, other] = [await aSchool(), await aSchool()];
    for (const end of [
      (browser: Browser) => product.send(browser, 'POST', '/me/sessions/end'),
      (browser: Browser) => product.send(browser, 'DELETE', `/v1/people/${school.teacher().id}/sessions`),
    ]) {
      const browsers = await Promise.all([
        enter(school, 'teacher', school.teacher()),
        enter(school, 'teacher', school.teacher()),
        enter(other, 'teacher', school.teacher()),
      ]);
      const bystander = await enter(school, 'teacher', school.teacher(2));
      expect(await (await browsers[0]!.fetch(`${product.appUrl}/me/data`)).text()).toContain('/me/sessions/end');
      expect([204, 303]).toContain((await end(browsers[0]!)).status);
      for (const browser of browsers) expect(await statusOf(browser, '/v1/me')).toBe(401);
      expect(await statusOf(bystander, '/v1/me')).toBe(200);
      expect(await statusOf(await enter(school, 'teacher', school.teacher()), '/v1/me')).toBe(200);
    }
  });

  it('a privacy officer ends those at the own school, of anybody; it is in the audit log; nobody else can', async () => {
    const [school, other] = [await aSchool(), await aSchool()];
    const officer = await enter(school, 'privacy', { id: `p-officer-${school.id}` });
    const unheard = { id: `p-admin-${school.id}` };
    for (const [role, person, at] of [
      ['teacher', school.teacher(), `/v1/people/${school.teacher().id}/sessions`],
      ['admin', unheard, `/people/${unheard.id}/sessions/end`],
    ] as const) {
      const [here, elsewhere] = [await enter(school, role, person), await enter(other, role, person)];
      // What an admin does is in the audit log, which is how the officer's school knows of one that no event names.
      await here.fetch(`${product.appUrl}/v1/evenings/${school.evening.id}/conferences`);
      const method = at.startsWith('/v1/') ? 'DELETE' : 'POST';
      for (const stranger of [
        await product.bearer('teacher', school, school.teacher(2)),
        await product.bearer('support', school),
      ])
        expect([403, 404]).toContain((await product.call(stranger, method, at)).status);
      expect(await statusOf(here, '/v1/me')).toBe(200);
      expect([204, 303]).toContain((await product.send(officer, method, at)).status);
      expect(await statusOf(here, '/v1/me')).toBe(401);
      expect(await statusOf(elsewhere, '/v1/me')).toBe(200);
    }
    const page = await officer.fetch(`${product.appUrl}/v1/people/${school.teacher().id}/data`, {
      headers: { accept: 'text/html' },
    });
    expect(await page.text()).toContain(`/people/${school.teacher().id}/sessions/end`);
    const audit = await product.get<{ rows: { action: string }[] }>(
      await product.bearer('privacy', school),
      `/v1/audit?subject=${school.teacher().id}`,
    );
    expect(audit.rows.map(({ action }) => action)).toContain('sessions.ended');
  });
});
