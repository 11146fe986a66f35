import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ASchool } from '../support/a-school.js';
import { FakeKms, kmsArn } from '../support/fake-kms.js';
import { Product, bare, type ProblemBody } from '../support/product.js';
import { until } from '../support/until.js';

/** The module's key set as somebody else serves it; `null`: not at all. */
class KeySource {
  answer: { status: number; body: string } | null = null;
  private server: Server | null = null;

  async start(): Promise<string> {
    const server = createServer((_request, response) => {
      if (!this.answer) response.destroy();
      else response.writeHead(this.answer.status, { 'content-type': 'application/json' }).end(this.answer.body);
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => (this.server ? this.server.close(() => resolve()) : resolve()));
  }
}

const isUnavailable = async (response: Response) => {
  expect(response.status).toBe(503);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  return response;
};

describe('R12 what we ask for the truth is away: nobody is told that it is the caller’s fault', () => {
  const source = new KeySource();
  const school = new ASchool();
  let product: Product;
  let ops: Awaited<ReturnType<Product['browser']>>;
  const page = async () => (await ops.fetch(`${product.appUrl}/ops`)).text();

  beforeAll(async () => {
    product = await Product.start({ settings: { HOST_JWKS_URL: await source.start() } });
    await product.emit(school.slot());
  });
  afterAll(async () => {
    await product?.close();
    await source.close();
  });

  it('key set: 503 with Retry-After while there is none, for bearers, tickets and pages; never 401', async () => {
    const token = await product.bearer('teacher', school, school.teacher());
    const answer = await isUnavailable(await product.call(token, 'GET', '/v1/me'));
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(((await answer.json()) as ProblemBody).detail).toContain('parent-meetings module');
    const url = await product.sandbox.module.enterUrl({ sub: 'p-1', school: school.id, roles: ['teacher'], name: 'A' });
    const entered = await isUnavailable(await bare(url, { headers: { accept: 'text/html' } }));
    expect(entered.headers.getSetCookie()).toEqual([]);
    expect(entered.headers.get('content-type')).toMatch(/^text\/html/);
    await isUnavailable(await product.call(token, 'GET', '/ops/queues'));
    // Events are signed with a secret of their own.
    expect(await product.emit(school.slot(2))).toBeDefined();
  });

  it('key set: it works by itself once it is there, and its last keys serve when it goes; /ops says so', async () => {
    source.answer = { status: 200, body: JSON.stringify(product.sandbox.module.jwks) };
    ops = await until('ops get in', () => product.browser('ops', null).catch(() => null));
    expect(await page()).not.toContain('HOST_JWKS_URL');
    source.answer = null;
    const stranger = await product.bearer('teacher', school, school.teacher());
    const [head, ...rest] = stranger.split('.');
    const header = JSON.parse(Buffer.from(head!, 'base64url').toString()) as object;
    const unknown = [Buffer.from(JSON.stringify({ ...header, kid: 'of-today' })).toString('base64url'), ...rest].join(
      '.',
    );
    await until('the source is found away', async () => (await product.call(unknown, 'GET', '/v1/me')).status === 503);
    expect((await product.call(stranger, 'GET', '/v1/me')).status).toBe(200);
    const said = await page();
    expect(said).toContain('HOST_JWKS_URL');
    expect(said).not.toContain('All is well');
  });

  it('sign-in service: a page that says so with 503, and /ops', async () => {
    source.answer = { status: 200, body: JSON.stringify(product.sandbox.module.jwks) };
    const browser = await until('a teacher gets in', () =>
      product.browser('teacher', school, school.teacher()).catch(() => null),
    );
    const consent = await product.consentUrl(browser, 'google');
    consent.searchParams.set('sandbox_account', school.teacher().email);
    const back = (await browser.fetch(consent.href)).headers.get('location')!;
    product.sandbox.faults.set({ id: 'away', match: { provider: 'google', operation: 'token' }, fault: 'html.503' });
    const refused = await isUnavailable(await browser.fetch(back, { headers: { accept: 'text/html' } }));
    expect(refused.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await page()).toContain('GOOGLE_ISSUER');
  });
});

describe('R5 P13 the key service is away', () => {
  let product: Product;
  let kms: FakeKms;
  beforeAll(async () => {
    const arn = kmsArn('11111111-1111-1111-1111-111111111111');
    kms = await FakeKms.start(arn);
    Object.assign(process.env, kms.environment);
    product = await Product.start({ settings: { KEY_RING: `aws-kms:${arn}` } });
  });
  afterAll(async () => {
    for (const name of Object.keys(kms?.environment ?? {})) delete process.env[name];
    await product?.close();
    await kms?.close();
  });

  it('intake answers 503, takes nothing in, and takes the same event later', async () => {
    const school = new ASchool();
    const event = school.slot();
    kms.faults.push(...Array.from({ length: 500 }, () => 500));
    const refused = await isUnavailable(await product.post(event));
    expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    kms.faults.length = 0;
    const taken = await product.post(event);
    expect([taken.status, await taken.json()]).toEqual([
      202,
      { results: [expect.objectContaining({ status: 'accepted' })] },
    ]);
  });
});
