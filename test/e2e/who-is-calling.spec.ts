import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT, exportSPKI, generateKeyPair, importJWK } from 'jose';
import { Browser } from '../../apps/cli/src/evening/browser.js';
import { ASchool } from '../support/a-school.js';
import { Product, bare, type ProblemBody, type Role } from '../support/product.js';

const seconds = () => Math.floor(Date.now() / 1000);

describe('R12 who is calling', () => {
  let product: Product;
  let school: ASchool;
  beforeAll(async () => {
    product = await Product.start();
    school = new ASchool();
    await product.emit(school.slot());
  });
  afterAll(() => product?.close());

  const claims = (more: Record<string, unknown> = {}) => ({
    iss: product.sandbox.module.issuer,
    aud: 'video-conferences',
    sub: school.teacher().id,
    school: school.id,
    roles: ['teacher'],
    name: 'Docent',
    email: 'docent@school.example',
    locale: 'nl',
    iat: seconds(),
    exp: seconds() + 300,
    jti: randomUUID(),
    ...more,
  });
  /** Signed by the parent-meetings module's own key. */
  const sign = (more: Record<string, unknown> = {}) => product.sandbox.module['key'].sign(claims(more));
  const me = (token: string, headers: Record<string, string> = {}) =>
    bare(`${product.appUrl}/v1/me`, { headers: { authorization: `Bearer ${token}`, ...headers } });

  describe('a bearer', () => {
    it('is taken from the module for ten minutes at most, with five seconds of skew', async () => {
      expect((await me(await sign())).status).toBe(200);
      expect((await me(await sign({ exp: seconds() + 600 }))).status).toBe(200);
      expect((await me(await sign({ iat: seconds() - 100, exp: seconds() - 2 }))).status).toBe(200);
      expect((await me(await sign({ iat: seconds() + 3 }))).status).toBe(200);
    });

    it.each<[string, Record<string, unknown>]>([
      ['for another audience', { aud: 'parent-meetings' }],
      ['for the door', { aud: 'video-conferences/enter' }],
      ['for the door too', { aud: ['video-conferences', 'video-conferences/enter'] }],
      ['by another issuer', { iss: 'https://elsewhere.example' }],
      ['that is over', { exp: -10 }],
      ['that lasts eleven minutes', { exp: 660 }],
      ['from ahead', { iat: 60 }],
      ['without jti', { jti: undefined }],
      ['without iat', { iat: undefined }],
      ['without exp', { exp: undefined }],
      ['without sub', { sub: undefined }],
      ['without roles', { roles: undefined }],
      ['with a role that is no list', { roles: 'teacher' }],
      ['with one role that is unknown', { roles: ['teacher', 'root'] }],
      ['without roles and without a school', { roles: [], school: undefined }],
      ['with roles that are unknown', { roles: ['root'] }],
      ['of a teacher without a school', { school: undefined }],
    ])('%s is refused', async (_name, more) => {
      const relative = Object.fromEntries(
        Object.entries(more).map(([name, value]) => [name, typeof value === 'number' ? seconds() + value : value]),
      );
      const response = await me(await sign(relative));
      expect(response.status).toBe(401);
      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    });

    it('signed with a shared secret, with nothing, or by a stranger is refused', async () => {
      const [jwk] = product.sandbox.module.jwks.keys;
      const spki = await exportSPKI((await importJWK(jwk!, 'ES256', { extractable: true })) as CryptoKey);
      const header = (alg: string) => ({ alg, typ: 'JWT', kid: jwk!.kid! });
      for (const secret of [JSON.stringify(jwk), spki]) {
        const shared = await new SignJWT(claims())
          .setProtectedHeader(header('HS256'))
          .sign(new TextEncoder().encode(secret));
        expect((await me(shared)).status).toBe(401);
      }
      const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
      for (const alg of ['none', 'None']) {
        expect((await me(`${part(header(alg))}.${part(claims())}.`)).status).toBe(401);
        expect((await me(`${part(header(alg))}.${part(claims())}.AAAA`)).status).toBe(401);
      }
      const { privateKey } = await generateKeyPair('ES256');
      expect((await me(await new SignJWT(claims()).setProtectedHeader(header('ES256')).sign(privateKey))).status).toBe(
        401,
      );
      const good = await sign();
      const forged = createHmac('sha256', spki).update(good).digest('base64url');
      expect((await me(`${good.slice(0, good.lastIndexOf('.'))}.${forged}`)).status).toBe(401);
    });

    it('with no role is somebody signed in: what all may use, and no more', async () => {
      const token = await sign({ roles: [] });
      const answer = await me(token);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ person: { id: school.teacher().id }, roles: [], logins: [] });
      for (const [method, path, status] of [
        ['GET', '/v1/me/conferences', 403],
        ['GET', `/v1/evenings/${school.evening.id}/conferences`, 403],
        ['POST', '/v1/conferences', 403],
        ['GET', '/v1/audit', 403],
        ['GET', '/ops', 403],
        ['GET', `/v1/people/${school.teacher().id}/data`, 200],
        ['GET', `/v1/people/${school.parent().id}/data`, 404],
        ['POST', '/v1/visits', 200],
        ['GET', '/', 200],
        ['GET', '/me/data', 200],
      ] as const)
        expect([path, (await product.call(token, method, path)).status]).toEqual([path, status]);
    });

    it('wins over the session, also when it is wrong', async () => {
      const browser = await product.browser('teacher', school, school.teacher());
      const url = `${product.appUrl}/v1/me`;
      const other = await product.bearer('admin', school, { id: 'p-other' });
      const asOther = await browser.fetch(url, { headers: { authorization: `Bearer ${other}` } });
      expect(await asOther.json()).toMatchObject({ person: { id: 'p-other' }, roles: ['admin'], logins: [] });
      expect((await browser.fetch(url, { headers: { authorization: 'Bearer nonsense' } })).status).toBe(401);
      expect((await browser.fetch(url, { headers: { authorization: 'Basic YTpi' } })).status).toBe(401);
    });

    it('names in it never change stored data', async () => {
      const person = { ...school.teacher(), name: 'Renamed By Token', email: 'renamed@elsewhere.example' };
      const asked = await product.get<{ person: { name: string } }>(
        await product.bearer('teacher', school, person),
        '/v1/me',
      );
      expect(asked.person.name).toBe('Renamed By Token');
      const progress = await product.get<{ perTeacher: unknown[] }>(
        await product.bearer('teacher', school, person),
        `/v1/evenings/${school.evening.id}/progress`,
      );
      expect(JSON.stringify(progress)).not.toContain('Renamed');
    });
  });

  describe('a ticket', () => {
    const ticket = (more: Record<string, unknown> = {}) =>
      sign({ aud: 'video-conferences/enter', exp: seconds() + 60, ...more });
    const enter = (browser: Browser, value: string, to?: string) =>
      browser.fetch(
        `${product.appUrl}/enter?ticket=${value}${to === undefined ? '' : `&to=${encodeURIComponent(to)}`}`,
        { headers: { accept: 'text/html' } },
      );
    const isSignedIn = async (browser: Browser) => (await browser.fetch(`${product.appUrl}/v1/me`)).status === 200;

    it('signs a browser in, once', async () => {
      const [browser, thief] = [new Browser(), new Browser()];
      const value = await ticket();
      const first = await enter(browser, value, '/evenings/e-1?x=1');
      expect([first.status, first.headers.get('location')]).toEqual([303, '/evenings/e-1?x=1']);
      expect(await isSignedIn(browser)).toBe(true);
      const second = await enter(thief, value);
      expect(second.status).toBe(401);
      expect(second.headers.get('content-type')).toMatch(/^text\/html/);
      expect(second.headers.getSetCookie()).toEqual([]);
      expect(await isSignedIn(thief)).toBe(false);
    });

    it('used by many at once signs exactly one in', async () => {
      const value = await ticket();
      const answers = await Promise.all(Array.from({ length: 8 }, () => enter(new Browser(), value)));
      expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 401)).toHaveLength(7);
    });

    it('goes to the front page unless told otherwise', async () => {
      expect((await enter(new Browser(), await ticket())).headers.get('location')).toBe('/');
    });

    it('is refused at 66 seconds, for another audience, and by another issuer; taken at 60', async () => {
      expect((await enter(new Browser(), await ticket({ iat: seconds() - 60 }))).status).toBe(303);
      expect((await enter(new Browser(), await ticket({ iat: seconds() - 67, exp: seconds() + 300 }))).status).toBe(
        401,
      );
      expect((await enter(new Browser(), await ticket({ aud: 'video-conferences' }))).status).toBe(401);
      expect((await enter(new Browser(), await ticket({ iss: 'https://elsewhere.example' }))).status).toBe(401);
      expect((await bare(`${product.appUrl}/enter`)).status).toBe(401);
    });

    it('is no bearer', async () => {
      expect((await me(await ticket())).status).toBe(401);
    });

    it.each([
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      '\\\\evil.example',
      '/\t/evil.example',
      'evil',
      '',
      'javascript:alert(1)',
      '/..//evil.example',
      '/%0d/\r\nx',
      '/.//evil.example',
    ])('does not go to %j (400), and is not used up by it', async (to) => {
      const value = await ticket();
      const refused = await enter(new Browser(), value, to);
      expect([refused.status, refused.headers.get('location'), refused.headers.getSetCookie()]).toEqual([
        400,
        null,
        [],
      ]);
      expect((await enter(new Browser(), value, '/privacy')).status).toBe(303);
    });

    it('does not make somebody another person by a link: a form asks, and only it uses the ticket up', async () => {
      const browser = await product.browser('teacher', school, school.teacher());
      const value = await ticket({ sub: 'p-other', name: 'Somebody Else' });
      for (let time = 0; time < 2; time += 1) {
        const asked = await enter(browser, value, '/privacy');
        expect(asked.status).toBe(200);
        expect(asked.headers.getSetCookie()).toEqual([]);
        const page = await asked.text();
        expect(page).toContain('Somebody Else');
        expect(page).toMatch(
          /<form[^>]*action="\/enter"[^>]*method="post"|<form[^>]*method="post"[^>]*action="\/enter"/,
        );
      }
      const post = () =>
        product.send(browser, 'POST', '/enter', undefined, {}).then(() =>
          browser.fetch(`${product.appUrl}/enter`, {
            method: 'POST',
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: new URLSearchParams({ ticket: value, to: '/privacy' }).toString(),
          }),
        );
      const changed = await post();
      expect([changed.status, changed.headers.get('location')]).toEqual([303, '/privacy']);
      const now = (await (await browser.fetch(`${product.appUrl}/v1/me`)).json()) as { person: { id: string } };
      expect(now.person.id).toBe('p-other');
      expect((await post()).status).toBe(401);
    });

    it('of the same person again signs in without asking', async () => {
      const browser = await product.browser('teacher', school, school.teacher());
      expect((await enter(browser, await ticket())).status).toBe(303);
    });
  });

  describe('a session', () => {
    it.each([
      ['tr', 'nl'],
      ['en-GB', 'en'],
      ['nl-BE', 'nl'],
    ])('pages speak the own language, else the school’s: a reader of %s reads %s', async (locale, spoken) => {
      const own = new ASchool();
      const reader = { ...own.parent(1), locale };
      await product.emit(own.slot(1, { parents: [reader] }));
      const browser = await product.browser('parent', own, reader);
      for (const path of ['/', '/me/data', '/privacy'])
        expect(await (await browser.fetch(`${product.appUrl}${path}`)).text()).toContain(`<html lang="${spoken}"`);
    });

    it('is one sealed cookie, HttpOnly, Lax, for the whole site, twelve hours at most', async () => {
      const url = await product.sandbox.module.enterUrl({
        sub: school.teacher().id,
        school: school.id,
        roles: ['teacher'],
        name: 'Docent Canarissen-1',
      });
      const cookies = (await bare(url)).headers.getSetCookie();
      expect(cookies).toHaveLength(1);
      const [pair, ...attributes] = cookies[0]!.split('; ');
      expect(pair).toMatch(/^session=eyJ/);
      expect(attributes.sort()).toEqual(['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Lax']);
      const clear = Buffer.from(pair!.split('=')[1]!.replaceAll('.', ''), 'base64url').toString('latin1');
      expect(pair + clear).not.toContain('Canarissen');
    });

    it('ends for good by POST /leave, a copy of the cookie too', async () => {
      const browser = await product.browser('teacher', school, school.teacher());
      const copy = await product.browser('teacher', school, school.teacher());
      Object.assign(copy, { jars: structuredClone(browser['jars']) });
      const left = await product.send(browser, 'POST', '/leave');
      expect([left.status, left.headers.get('location')]).toEqual([303, '/']);
      for (const one of [browser, copy]) expect((await one.fetch(`${product.appUrl}/v1/me`)).status).toBe(401);
    });

    it('that was tampered with is none', async () => {
      const browser = await product.browser('teacher', school, school.teacher());
      const jar = browser['jars'].get(new URL(product.appUrl).host)!;
      const value = jar.get('session')!;
      jar.set('session', value.slice(0, -3) + (value.endsWith('AAA') ? 'BBB' : 'AAA'));
      expect((await browser.fetch(`${product.appUrl}/v1/me`)).status).toBe(401);
    });

    it('a change with a cookie of ours needs an Origin that is ours', async () => {
      const browser = await product.browser('teacher', school, school.teacher());
      const visit = (headers: Record<string, string>) =>
        browser.fetch(`${product.appUrl}/v1/visits`, { method: 'POST', headers });
      expect((await visit({})).status).toBe(200);
      for (const origin of ['https://evil.example', 'null', `${product.appUrl}.evil.example`, ''])
        expect([origin, (await visit({ origin })).status]).toEqual([origin, 403]);
      const jar = browser['jars'].get(new URL(product.appUrl).host)!;
      const noOrigin = await bare(`${product.appUrl}/v1/visits`, {
        method: 'POST',
        headers: { cookie: `session=${jar.get('session')}` },
      });
      expect(noOrigin.status).toBe(403);
      expect(((await noOrigin.json()) as ProblemBody).detail).toContain('Open the page again');
      // A person reads what happened, and nothing of roles.
      const page = async (path: string, origin: string) => {
        const headers = { origin, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' };
        const answer = await browser.fetch(`${product.appUrl}${path}`, { method: 'POST', headers, body: '' });
        return [answer.status, /<h1>(.*?)<\/h1>/.exec(await answer.text())?.[1]];
      };
      for (const origin of ['https://evil.example', 'null'])
        expect(await page('/me/data/erasure', origin)).toEqual([403, 'Dit kwam niet van een van onze pagina’s']);
      const bearer = await product.bearer('teacher', school, school.teacher());
      const program = await product.call(bearer, 'POST', '/v1/visits', undefined, { origin: 'https://evil.example' });
      expect(program.status).toBe(200);
    });

    it('asks with a page where people are, and with a problem where programs are', async () => {
      const page = await bare(`${product.appUrl}/evenings/${school.evening.id}`, {
        headers: { accept: 'text/html,*/*' },
      });
      expect([page.status, page.headers.get('content-type')]).toEqual([401, 'text/html; charset=utf-8']);
      const problem = await bare(`${product.appUrl}/v1/evenings/${school.evening.id}/conferences`, {
        headers: { accept: 'text/html,*/*' },
      });
      expect(problem.status).toBe(401);
      expect(problem.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    });
  });

  describe('a role', () => {
    const ROUTES: readonly (readonly [string, string, readonly Role[], unknown?])[] = [
      ['GET', '/v1/evenings/none/conferences', ['teacher', 'admin']],
      ['GET', '/v1/evenings/none/progress', ['teacher', 'admin']],
      ['GET', '/v1/evenings/none/progress/stream', ['teacher', 'admin']],
      ['GET', '/v1/timeslots/none/conference', ['teacher', 'admin']],
      ['DELETE', '/v1/timeslots/none/conference', ['teacher', 'admin']],
      ['POST', '/v1/timeslots/none/conference/retry', ['teacher', 'admin']],
      ['POST', '/v1/timeslots/none/conference/take-over', ['teacher'], { from: 'p-1', provider: 'google-meet' }],
      ['POST', '/v1/evenings/none/take-over', ['teacher'], { from: 'p-1', provider: 'google-meet' }],
      ['POST', '/v1/conferences', ['teacher'], { eveningId: 'none', provider: 'google-meet' }],
      ['GET', '/login/google', ['teacher']],
      ['GET', '/login/google/callback', ['teacher']],
      ['DELETE', '/login/google', ['teacher']],
      ['GET', '/v1/me/conferences', ['parent']],
      ['GET', '/v1/me', ['teacher', 'parent', 'admin', 'privacy', 'support', 'ops']],
      ['POST', '/v1/visits', ['teacher', 'parent', 'admin', 'privacy', 'support', 'ops']],
      ['GET', '/v1/events/none/none', ['support', 'ops']],
      ['GET', '/ops', ['ops']],
      ['GET', '/ops/queues', ['ops']],
    ];
    const ROLES: readonly Role[] = ['teacher', 'parent', 'admin', 'privacy', 'support', 'ops'];

    it('P14 the queue dashboard is read-only, and asks nothing of another host', async () => {
      const headers = { authorization: `Bearer ${await product.bearer('ops', null)}`, accept: 'text/html' };
      const page = await fetch(`${product.appUrl}/ops/queues`, { headers });
      const html = await page.text();
      expect(page.status).toBe(200);
      expect(html).toContain('<base href="/ops/queues/"');
      expect(html).not.toMatch(/(href|src)="(https?:)?\/\//);
      const change = await fetch(`${product.appUrl}/ops/queues/api/queues/google-meet/empty`, {
        method: 'PUT',
        headers,
      });
      expect(change.status).toBe(403);
    });

    it.each(ROUTES)('%s %s is for %j alone, and 401 for nobody', async (method, path, allowed, ...[body]) => {
      const outcome: Record<string, boolean> = {};
      for (const role of ROLES) {
        const token = await product.bearer(role, role === 'ops' ? null : school);
        const ending = new AbortController();
        const response = await bare(`${product.appUrl}${path}`, {
          method,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          signal: ending.signal,
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        outcome[role] = response.status !== 403;
        expect([role, response.status]).not.toEqual([role, 401]);
        if (response.status === 403) {
          // By route alone: it must not tell whether the thing is there.
          const known = path.replace('/none/conference', `/${school.slotId()}/conference`);
          const again = await product.call(token, method, known, body);
          expect(again.status).toBe(403);
        }
        ending.abort();
      }
      expect(Object.keys(outcome).filter((role) => outcome[role])).toEqual(ROLES.filter((r) => allowed.includes(r)));
      expect((await bare(`${product.appUrl}${path}`, { method })).status).toBe(401);
    });
  });

  describe('a body', () => {
    const send = async (method: string, path: string, type: string | null, body: string, token: string) =>
      bare(`${product.appUrl}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(type !== null && { 'content-type': type }) },
        // Bytes, so that fetch adds no content type of its own.
        body: new TextEncoder().encode(body),
      });
    const wish = () => JSON.stringify({ provider: 'google-meet', timeslotIds: [school.slotId()] });
    const routes = (): [string, string, string][] => [
      ['POST', '/v1/conferences', wish()],
      ['POST', `/v1/timeslots/${school.slotId()}/conference/take-over`, '{"from":"p","provider":"google-meet"}'],
      ['POST', `/v1/evenings/${school.evening.id}/take-over`, '{"from":"p","provider":"google-meet"}'],
      ['PATCH', `/v1/people/${school.teacher().id}`, '{"locale":"nl"}'],
      ['POST', `/v1/people/${school.teacher().id}/erasure`, '{"everywhere":"no"}'],
      ['POST', '/v1/visits', '{}'],
    ];

    it('of another type than JSON is refused under /v1, whatever it holds, with what to send', async () => {
      const token = await product.bearer('teacher', school, school.teacher());
      for (const [method, path, body] of routes())
        for (const type of ['text/plain', null, 'application/x-www-form-urlencoded', 'text/json', 'application/xml']) {
          const response = await send(method, path, type, body, token);
          expect([path, type, response.status]).toEqual([path, type, 415]);
          expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
          const problem = (await response.json()) as ProblemBody;
          expect(problem).toMatchObject({ title: 'Unsupported Media Type', status: 415 });
          expect(problem.detail).toContain('application/json');
        }
      const rows = await product.rows(school);
      expect(rows.map(({ status }) => status)).toEqual([null]);
    });

    it('that is JSON is read, by any of its names; none at all is told what is missing', async () => {
      const token = await product.bearer('teacher', school, school.teacher());
      const path = `/v1/people/${school.teacher().id}`;
      for (const type of ['application/json', 'Application/JSON; charset=utf-8', 'application/merge-patch+json'])
        expect([type, (await send('PATCH', path, type, '{"locale":"nl"}', token)).status]).toEqual([type, 200]);
      expect((await send('PATCH', path, 'application/json; charset=latin1', '{}', token)).status).toBe(415);
      for (const [method, where] of routes().slice(0, 4))
        expect([where, (await product.call(token, method, where)).status]).toEqual([where, 422]);
    });

    it('that is JSON and no object is refused under /v1, in words of our own', async () => {
      const token = await product.bearer('teacher', school, school.teacher());
      for (const [method, path] of routes())
        for (const body of ['[]', '[{"everywhere":true}]', '"x"', '1', 'null', 'true']) {
          const response = await send(method, path, 'application/json', body, token);
          const { detail, errors } = (await response.json()) as ProblemBody;
          expect([path, body, response.status, detail, errors]).toEqual([
            path,
            body,
            422,
            'The body holds what cannot be.',
            [{ pointer: '', detail: 'must be a JSON object' }],
          ]);
        }
    });

    it('that is broken is told to those who are let in, and to nobody else', async () => {
      const teacher = await product.bearer('teacher', school, school.teacher());
      const parent = await product.bearer('parent', school, school.parent());
      const broken = [
        ['application/json', '{"a":'],
        ['application/json; charset=latin1', '{}'],
      ] as const;
      for (const [type, body] of broken) {
        const refusals = await Promise.all(
          ['none', parent].map(async (token) => (await send('POST', '/v1/conferences', type, body, token)).status),
        );
        expect([type, refusals]).toEqual([type, [401, 403]]);
      }
      const told = await send('POST', '/v1/conferences', 'application/json', '{"a":', teacher);
      expect([told.status, ((await told.json()) as ProblemBody).detail]).toEqual([
        400,
        'The body is not JSON in UTF-8.',
      ]);
      const large = `{"a":"${'x'.repeat(300_000)}"}`;
      for (const [token, status] of [
        ['none', 401],
        [parent, 403],
        [teacher, 413],
      ] as const)
        expect((await send('POST', '/v1/conferences', 'application/json', large, token)).status).toBe(status);
    });

    it('is judged after the caller: who may not use the route hears that', async () => {
      const parent = await product.bearer('parent', school, school.parent());
      expect((await send('POST', '/v1/conferences', 'text/plain', wish(), parent)).status).toBe(403);
      const browser = await product.browser('teacher', school, school.teacher());
      const foreign = await browser.fetch(`${product.appUrl}/v1/conferences`, {
        method: 'POST',
        headers: { origin: 'https://evil.example', 'content-type': 'text/plain' },
        body: wish(),
      });
      expect(foreign.status).toBe(403);
    });
  });

  describe('R6 what is foreign and what is unknown', () => {
    const told = async (response: Response) => {
      const headers = Object.fromEntries(
        [...response.headers].filter(([name]) => !['date', 'x-request-id'].includes(name)),
      );
      const { requestId, ...body } = (await response.json()) as ProblemBody & { requestId: string };
      expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
      return { status: response.status, headers, body };
    };

    it.each<[string, (id: string, evening: string) => string, unknown?]>([
      ['GET', (id) => `/v1/timeslots/${id}/conference`],
      ['DELETE', (id) => `/v1/timeslots/${id}/conference`],
      ['POST', (id) => `/v1/timeslots/${id}/conference/retry`],
      ['POST', (id) => `/v1/timeslots/${id}/conference/take-over`, { from: 'p-1', provider: 'google-meet' }],
      ['GET', (_, evening) => `/v1/evenings/${evening}/conferences`],
      ['GET', (_, evening) => `/v1/evenings/${evening}/progress`],
      ['GET', (_, evening) => `/v1/evenings/${evening}/progress/stream`],
      ['POST', (_, evening) => `/v1/evenings/${evening}/take-over`, { from: 'p-1', provider: 'google-meet' }],
    ])('answer alike: %s %s', async (method, path, ...[body]) => {
      const foreign = new ASchool();
      await product.emit(foreign.slot(1, { wanting: 'google-meet' }));
      const token = await product.bearer('teacher', school, school.teacher());
      const ask = async (id: string, evening: string) =>
        told(await product.call(token, method, path(id, evening), body));
      const unknown = await ask('t-none', 'e-none');
      expect(unknown.status).toBe(404);
      expect(await ask(foreign.slotId(), foreign.evening.id)).toEqual(unknown);
    });

    it("a colleague's slot is told like an unknown one where only its teacher may wish", async () => {
      const own = new ASchool();
      await product.emit(own.slot(1), own.slot(2, { teacher: own.teacher(2) }));
      const token = await product.bearer('teacher', own, own.teacher());
      const want = async (timeslotIds: string[]) =>
        told(await product.call(token, 'POST', '/v1/conferences', { provider: 'google-meet', timeslotIds }));
      expect(await want([own.slotId(2)])).toEqual(await want(['t-none']));
    });
  });
});
