import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { ASchool, inMinutes } from '../support/a-school.js';
import { openWindow, startChromium } from '../support/chromium.js';
import { Product, joinLinkOf } from '../support/product.js';

describe('P5 a parent gets in wherever the provider leads', () => {
  let product: Product;
  let chromium: Browser;
  let elsewhere: Server;
  let hops: string[];

  beforeAll(async () => {
    // What a provider does with a visitor that it does not know: another host, and from there yet another.
    elsewhere = createServer((request, response) => {
      const next = hops.shift();
      if (next) response.writeHead(302, { location: next }).end();
      else response.writeHead(200, { 'content-type': 'text/html' }).end(`<h1>Arrived at ${request.headers.host}</h1>`);
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    [product, chromium] = await Promise.all([Product.start(), startChromium()]);
  }, 40_000);
  afterAll(async () => {
    await chromium?.close();
    await product?.close();
    await new Promise((resolve) => elsewhere.close(resolve));
  });

  const port = () => (elsewhere.address() as AddressInfo).port;

  it.each([
    ['one redirect to another host', (at: number) => [`http://localhost:${at}/chooser`]],
    ['two', (at: number) => [`http://localhost:${at}/chooser`, `http://127.0.0.1:${at}/sso`]],
    ['none', () => []],
  ])(
    'with %s, with and without JavaScript',
    async (_, hopsOf) => {
      for (const javaScriptEnabled of [true, false]) {
        const school = new ASchool();
        await product.emit(school.changed({ revealMinutes: null }));
        await product.emit(school.slot(1, { start: inMinutes(20), wanting: 'google-meet' }));
        await product.teacher(school);
        await product.untilReady(school);
        const link = joinLinkOf(await product.mailTo(school.parent()));
        const target = `http://127.0.0.1:${port()}`;
        hops = hopsOf(port());
        const { context, page, complaints } = await openWindow(chromium, [], { javaScriptEnabled });
        // The provider's page redirects; everything before it is the product's own.
        product.sandbox.leadMeetingsTo(target);
        await page.goto(link);
        await page.click('main button');
        await page.waitForURL((url) => url.port === String(port()));
        expect(await page.textContent('h1')).toContain('Arrived at');
        expect(complaints.filter((one) => one.startsWith('said'))).toEqual([]);
        product.sandbox.leadMeetingsTo(null);
        await context.close();
      }
    },
    60_000,
  );

  it('the policy of every other page names its own host only', async () => {
    for (const [path, policy] of [
      ['/', /form-action 'self';/],
      ['/privacy', /form-action 'self';/],
      [`/j/${'A'.repeat(43)}`, /form-action 'self' https:/],
    ] as const)
      expect((await fetch(`${product.appUrl}${path}`)).headers.get('content-security-policy')).toMatch(policy);
  });
});
