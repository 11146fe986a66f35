import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { SESSION_SECONDS } from '#libs/privacy';
import { METHODS } from '../../apps/api/src/docs/openapi-types.js';
import { openApi } from '../../apps/api/src/docs/openapi.js';
import { ASchool } from '../support/a-school.js';
import { Product, bare } from '../support/product.js';
import { until } from '../support/until.js';

// Requirements of OWASP ASVS 5.0 that no other test holds: docs/asvs.md names each of these tests. Real: HTTP, Postgres.
// Fake: the module and the providers (sandbox).

const NOWHERE = { write: () => undefined };

/** Sends bytes as they are, and gives all that comes back until the other side closes. */
const sendRaw = (port: number, bytes: string) =>
  new Promise<string>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    socket.on('close', () => resolve(text)).on('error', reject);
  });

/** What a policy says of one kind of content: its own directive, else the default. */
function directive(policy: string, name: string, fallback = 'default-src'): string | undefined {
  const parts = new Map(
    policy.split(';').map((part) => [part.trim().split(/\s+/)[0]!, part.trim().split(/\s+/).slice(1).join(' ')]),
  );
  return parts.get(name) ?? parts.get(fallback);
}

describe('ASVS where the site is reached by https', () => {
  let product: Product;
  let ahead = 0;
  beforeAll(async () => {
    const clock = { now: () => new Date(Date.now() + ahead) };
    product = await Product.start({ settings: { APP_URL: 'https://conferences.example' }, clock });
  });
  afterAll(() => product?.close());
  const local = (path: string) => `http://127.0.0.1:${product.port}${path}`;

  it('every answer has the security headers, names its content type, and lets no other origin read it', async () => {
    const routes = Object.entries(openApi('https://conferences.example').paths).flatMap(([path, methods]) =>
      METHODS.flatMap((method) => (methods[method] ? [[method.toUpperCase(), path] as const] : [])),
    );
    const others = [
      ['GET', '/none'],
      ['GET', '/ops/queues'],
      ['OPTIONS', '/v1/me'],
      ['GET', '/assets/site.css'],
      ['GET', '/assets/live.js'],
      ['GET', '/enter?to=//evil.example'],
      ['GET', `/j/${'A'.repeat(43)}`],
    ] as const;
    for (const [method, path] of [...routes, ...others])
      for (const accept of ['text/html', 'application/json']) {
        const origin = 'https://evil.example';
        const answer = await bare(local(path), { method, headers: { accept, origin } });
        const said = (name: string) => answer.headers.get(name) ?? '';
        const policy = said('content-security-policy');
        const body = await answer.text();
        expect({
          path: `${method} ${path}`,
          scripts: directive(policy, 'script-src'),
          objects: directive(policy, 'object-src'),
          base: directive(policy, 'base-uri', 'none'),
          frames: directive(policy, 'frame-ancestors', 'none'),
          transport: said('strict-transport-security'),
          sniffing: said('x-content-type-options'),
          referrer: ['same-origin', 'no-referrer'].includes(said('referrer-policy')),
          shared: [...answer.headers.keys()].filter((name) => name.startsWith('access-control-')),
          typed: body === '' || /^(application\/[\w.+-]+|text\/\w+; charset=utf-8)/.test(said('content-type')),
          software: said('server') + said('x-powered-by'),
        }).toEqual({
          path: `${method} ${path}`,
          scripts: "'self'",
          objects: "'none'",
          base: "'none'",
          frames: "'none'",
          transport: 'max-age=31536000; includeSubDomains',
          sniffing: 'nosniff',
          referrer: true,
          shared: [],
          typed: true,
          software: '',
        });
      }
  });

  it('a session ends twelve hours after it began, whatever its browser says', async () => {
    const ticket = await product.sandbox.module.ticket({ sub: 'p-1', school: 's-1', roles: ['teacher'], name: 'A' });
    const entered = await bare(local(`/enter?ticket=${ticket}`));
    const cookie = entered.headers.getSetCookie()[0]!.split(';')[0]!;
    const status = async () => (await bare(local('/v1/me'), { headers: { cookie } })).status;
    ahead = (SESSION_SECONDS - 60) * 1000;
    expect(await status()).toBe(200);
    ahead = (SESSION_SECONDS + 60) * 1000;
    expect(await status()).toBe(401);
    ahead = 0;
  });
});

describe('ASVS over HTTP', () => {
  let product: Product;
  let school: ASchool;
  let teacher: string;
  const lines: string[] = [];
  // What pino makes of each line; kept here, and not printed among the results.
  const silence = (call: unknown) =>
    void Object.assign((call as { instance: object }).instance, { [pino.symbols.streamSym]: NOWHERE });
  const keep = (call: unknown) => void lines.push((call as { result: string }).result);
  beforeAll(async () => {
    process.env['LOG_LEVEL'] = 'info';
    subscribe('tracing:pino_asJson:start', silence);
    subscribe('tracing:pino_asJson:end', keep);
    product = await Product.start();
    school = new ASchool();
    await product.emit(school.slot());
    teacher = await product.bearer('teacher', school, school.teacher());
  });
  afterAll(async () => {
    await product?.close();
    unsubscribe('tracing:pino_asJson:start', silence);
    unsubscribe('tracing:pino_asJson:end', keep);
  });

  it('nothing is served but the routes: no file, folder, metric, or source control', async () => {
    for (const path of [
      '/assets/',
      '/assets/..%2f..%2fpackage.json',
      '/assets/%2e%2e/package.json',
      '/assets/constructor',
      '/.git/config',
      '/.env',
      '/package.json',
      '/metrics',
      '/v1/',
    ])
      expect([path, (await bare(`${product.appUrl}${path}`)).status]).toEqual([path, 404]);
  });

  it('TRACE is no method here', async () => {
    const answer = await new Promise<{ status: number; body: string }>((resolve, reject) => {
      const asked = request(`${product.appUrl}/v1/me`, { method: 'TRACE', headers: { 'x-planted': 'planted' } });
      asked.on('response', (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => resolve({ status: response.statusCode!, body }));
      });
      asked.on('error', reject).end();
    });
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('planted');
  });

  it.each([
    ['two lengths', 'Content-Length: 4\r\nContent-Length: 0\r\n'],
    ['a length and chunks', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n'],
    ['chunks under another name', 'Transfer-Encoding: xchunked\r\n'],
    ['a header that goes on in the next line', 'X-One: a\r\n b\r\nTransfer-Encoding\t: chunked\r\n'],
  ])('a message whose end is not clear is refused, and no second one is read out of it: %s', async (_, headers) => {
    const hidden = 'GET /livez HTTP/1.1\r\nHost: hidden\r\n\r\n';
    const text = await sendRaw(
      product.port,
      `POST /v1/visits HTTP/1.1\r\nHost: here\r\n${headers}\r\n0\r\n\r\n${hidden}`,
    );
    expect(text.match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 400']);
  });

  it('a path is decoded once', async () => {
    const ask = (id: string) => product.call(teacher, 'GET', `/v1/timeslots/${id}/conference`);
    expect((await ask(school.slotId().replace('t', '%74'))).status).toBe(200);
    expect((await ask(school.slotId().replace('t', '%2574'))).status).toBe(404);
  });

  it('hostile words are stored as they are, and escaped where they are shown', async () => {
    const own = new ASchool();
    const evil = `<b onclick="x">&amp;'</b>`;
    const named = { ...own.teacher(), name: evil };
    await product.emit(own.slot(1, { teacher: named }));
    const reader = await product.browser('teacher', own, named);
    const data = await reader.fetch(`${product.appUrl}/v1/people/${named.id}/data`);
    expect(((await data.json()) as { person: { name: string } }).person.name).toBe(evil);
    const page = await (await reader.fetch(`${product.appUrl}/me/data`)).text();
    expect(page).not.toContain('<b ');
    expect(page).toContain('&lt;b onclick=&quot;x&quot;>&amp;amp;');
  });

  it('a member that is not of the call changes nothing: no role, no school, no prototype', async () => {
    const held = async () =>
      (await product.get<{ person: Record<string, unknown> }>(teacher, `/v1/people/${school.teacher().id}/data`))
        .person;
    const before = await held();
    const body = `{"locale":"nl","id":"p-other","school":"s-2","roles":["ops"],"__proto__":{"isAdmin":true},
      "constructor":{"prototype":{"isAdmin":true}}}`;
    const headers = { authorization: `Bearer ${teacher}`, 'content-type': 'application/json' };
    const path = `${product.appUrl}/v1/people/${school.teacher().id}`;
    expect((await fetch(path, { method: 'PATCH', headers, body })).status).toBe(200);
    const after = await held();
    const changed = Object.keys(after).filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]));
    expect(changed.filter((name) => !['source', 'toldAt', 'correctedAt', 'since', 'at'].includes(name))).toEqual([]);
    expect((await product.call(teacher, 'GET', '/ops')).status).toBe(403);
    // The product runs in this very process.
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  it('a parameter that is there twice is refused or none, never one of the two', async () => {
    const officer = await product.bearer('privacy', school);
    for (const path of [
      `/v1/evenings/${school.evening.id}/conferences?limit=1&limit=200`,
      '/v1/audit?limit=1&limit=200',
      '/enter?ticket=a&ticket=b&to=/&to=//evil.example',
    ]) {
      const status = (await product.call(path.includes('audit') ? officer : teacher, 'GET', path)).status;
      expect([path, status >= 400 && status < 500]).toEqual([path, true]);
    }
  });

  it('signing in again ends the session that it replaces', async () => {
    const browser = await product.browser('teacher', school, school.teacher());
    const copy = structuredClone(browser['jars'].get(new URL(product.appUrl).host)!);
    const cookie = `session=${copy.get('session')}`;
    const withCopy = async () => (await bare(`${product.appUrl}/v1/me`, { headers: { cookie } })).status;
    expect(await withCopy()).toBe(200);
    await product.enter(browser, 'teacher', school, school.teacher());
    expect(await withCopy()).toBe(401);
    expect((await browser.fetch(`${product.appUrl}/v1/me`)).status).toBe(200);
  });

  it('each try to get in, and each refusal, is one JSON line with time, route, status and request id', async () => {
    const ticket = await product.sandbox.module.ticket({
      sub: 'p-1',
      school: school.id,
      roles: ['teacher'],
      name: 'A',
    });
    const html = { accept: 'text/html' };
    const asked: [string, number, () => Promise<Response>][] = [
      ['/enter', 303, () => bare(`${product.appUrl}/enter?ticket=${ticket}`, { headers: html })],
      ['/enter', 401, () => bare(`${product.appUrl}/enter?ticket=${ticket}`, { headers: html })],
      ['/v1/me', 200, () => product.call(teacher, 'GET', '/v1/me')],
      ['/v1/me', 401, () => product.call('planted-bearer', 'GET', '/v1/me')],
      ['/ops', 403, () => product.call(teacher, 'GET', '/ops')],
      [
        '/leave',
        403,
        () => bare(`${product.appUrl}/leave`, { method: 'POST', headers: { origin: 'https://a.example' } }),
      ],
      ['/v1/conferences', 422, () => product.call(teacher, 'POST', '/v1/conferences', {})],
      ['/v1/events', 401, () => product.post({}, { secret: `whsec_${'a'.repeat(32)}` })],
      [
        'none',
        404,
        () => bare(`${product.appUrl}/none%0a%7b%22level%22:60%7d`, { headers: { 'user-agent': 'planted' } }),
      ],
    ];
    for (const [route, status, ask] of asked) {
      const from = lines.length;
      const answer = await ask();
      const id = answer.headers.get('x-request-id');
      const own = () =>
        lines
          .slice(from)
          .map((line) => JSON.parse(line) as Record<string, unknown>)
          .filter(({ requestId }) => requestId === id);
      await until(`${route} is logged`, () => own().length > 0);
      expect([answer.status, own()]).toEqual([
        status,
        [
          expect.objectContaining({
            process: 'api',
            route,
            status,
            method: expect.any(String),
            time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          }),
        ],
      ]);
    }
    for (const secret of [ticket, 'planted', teacher]) expect(lines.join('\n')).not.toContain(secret);
  });

  // The last ones: from then on this address gets 429 for an unknown link.
  it('an address that the caller names is not believed where no proxy is trusted', async () => {
    const statuses = new Set<number>();
    for (let n = 0; n < 61; n += 1) {
      const address = `198.51.100.${n}`;
      const headers = { 'x-forwarded-for': address, forwarded: `for=${address}`, 'x-real-ip': address };
      statuses.add((await bare(`${product.appUrl}/j/${'B'.repeat(43)}`, { headers })).status);
    }
    expect([...statuses]).toEqual([404, 429]);
  });

  it('who guesses shuts nobody out: a link that is known opens from the same address', async () => {
    const parent = await product.bearer('parent', school, school.parent());
    const { rows } = await product.get<{ rows: { joinLink: string }[] }>(parent, '/v1/me/conferences');
    expect((await bare(`${product.appUrl}/j/${'B'.repeat(43)}`)).status).toBe(429);
    expect((await bare(rows[0]!.joinLink)).status).toBe(200);
    const refused = (line: string) => line.includes('"route":"/j/:token","status":429');
    await until('the refusal is logged', () => lines.some(refused));
  });
});
