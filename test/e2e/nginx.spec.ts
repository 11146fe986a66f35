import { randomUUID } from 'node:crypto';
import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { LIMITS } from '../../apps/api/src/http/rate-limits.js';
import { ASchool } from '../support/a-school.js';
import { PROXY_HOST, askPlain, hasNginx, startNginx } from '../support/nginx.js';
import { Product } from '../support/product.js';
import { until } from '../support/until.js';

// Real: nginx with the file of deploy/nginx, TLS with an authority of our own, the product. Fake: the outside (the sandbox).

const MIB = 1_048_576;
const proxied = hasNginx() ? describe : describe.skip;

proxied('P16 R10 the proxy of deploy/nginx in front', () => {
  let product: Product;
  let proxy: Awaited<ReturnType<typeof startNginx>>;
  beforeAll(async () => {
    product = await Product.start({ settings: { TRUSTED_PROXIES: '127.0.0.1' } });
    proxy = await startNginx(product.port);
  }, 60_000);
  afterAll(async () => {
    await proxy?.stop();
    await product?.close();
  });

  /** A signed batch of one event, filled up with blanks to so many bytes. */
  const send = (school: ASchool, bytes: number) => {
    const text = JSON.stringify([school.slot(1, { wanting: null })]);
    const body = `${text.slice(0, -1)}${' '.repeat(bytes - Buffer.byteLength(text))}]`;
    const id = `msg_${randomUUID()}`;
    const time = new Date();
    return proxy.ask(
      '/v1/events',
      {
        method: 'POST',
        headers: {
          'content-type': 'application/cloudevents-batch+json',
          'content-length': String(Buffer.byteLength(body)),
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(time.getTime() / 1000)),
          'webhook-signature': new Webhook(product.sandbox.module.eventSecret).sign(id, time, body),
        },
      },
      body,
    );
  };

  it('lets a batch of 2 MiB through, and the API’s own words about one that is larger', async () => {
    expect((await send(new ASchool(), 2 * MIB)).status).toBe(202);
    const tooLarge = await send(new ASchool(), Math.floor(2.1 * MIB));
    expect(tooLarge.status).toBe(413);
    expect(tooLarge.headers['content-type']).toContain('application/problem+json');
  });

  it('refuses what is far too large itself', async () => {
    expect((await send(new ASchool(), 3 * MIB)).status).toBe(413);
  });

  it('hands each event of a stream on when it comes', async () => {
    const school = new ASchool();
    await product.emit(school.slot(1, { wanting: null }));
    const token = await product.bearer('admin', school);
    const path = `/v1/evenings/${school.evening.id}/progress/stream`;
    const headers = { host: PROXY_HOST, authorization: `Bearer ${token}`, accept: 'text/event-stream' };
    const totals = await new Promise<number[]>((resolve, reject) => {
      const seen: number[] = [];
      let text = '';
      const asked = request({ ...proxy.options, agent: false, path, headers }, (answer) => {
        answer.on('data', (chunk: Buffer) => {
          text += chunk.toString('utf8');
          const blocks = text.split('\n\n');
          text = blocks.pop()!;
          for (const block of blocks) {
            const data = /^data: (.*)$/m.exec(block)?.[1];
            if (!data || !block.includes('event: progress')) continue;
            seen.push((JSON.parse(data) as { total: number }).total);
            // The stream is open: the second event can only come now.
            if (seen.length === 1)
              void product.emit(school.slot(1, { wanting: 'google-meet' }), school.slot(2, { wanting: 'google-meet' }));
            else if (seen.at(-1) === 2) {
              resolve(seen);
              asked.destroy();
            }
          }
        });
        answer.once('error', reject);
      });
      asked.once('error', reject).end();
    });
    expect(totals[0]).toBeLessThan(2);
    expect(totals.at(-1)).toBe(2);
  });

  it('says HTTPS only, on answers of nginx too, and sends plain requests there', async () => {
    for (const path of ['/privacy', '/.well-known/jwks.json'])
      expect((await proxy.ask(path)).headers['strict-transport-security']).toMatch(/^max-age=31536000/);
    expect((await send(new ASchool(), 3 * MIB)).headers['strict-transport-security']).toMatch(/^max-age=31536000/);
    expect(await askPlain(proxy.plainPort, '/privacy?x=1')).toEqual({
      status: 308,
      location: `https://${PROXY_HOST}/privacy?x=1`,
    });
    expect((await askPlain(proxy.plainPort, '/v1/events')).status).toBe(403);
  });

  it('R4 keeps no join link and no ticket in its logs', async () => {
    const [link, ticket] = ['planted-join-token', 'planted-ticket'];
    await proxy.ask(`/j/${link}`);
    await proxy.ask(`/enter?ticket=${ticket}`);
    await askPlain(proxy.plainPort, `/j/${link}`);
    await until(
      'the requests are in the log',
      () =>
        proxy
          .logs()
          .split('\n')
          .filter((line) => / GET (404|401|308) /.test(line)).length >= 3,
    );
    expect(proxy.logs()).not.toMatch(new RegExp(`${link}|${ticket}`));
  });

  it('counts by the real address: a forged X-Forwarded-For is not believed, another caller is not held up', async () => {
    let limited = 0;
    const most = LIMITS.address.points + 50;
    const one = async (n: number) => {
      const forged = `198.51.${n >> 8}.${n & 255}`;
      const headers = { 'x-forwarded-for': forged, forwarded: `for=${forged}`, 'x-real-ip': forged };
      const { status } = await proxy.ask('/.well-known/jwks.json', { headers, localAddress: '127.0.0.2' });
      if (status === 429) limited += 1;
    };
    for (let n = 0; n < most; n += 25) await Promise.all(Array.from({ length: 25 }, (_, more) => one(n + more)));
    expect(limited).toBeGreaterThan(0);
    expect((await proxy.ask('/.well-known/jwks.json', { localAddress: '127.0.0.3' })).status).toBe(200);
  }, 60_000);
});
