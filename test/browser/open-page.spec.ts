import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { ASchool } from '../support/a-school.js';
import { openWindow, picture, startChromium } from '../support/chromium.js';
import { Product, type Role } from '../support/product.js';

describe('P7 an open page that cannot go on says so, and goes on when it can', () => {
  let product: Product;
  let chromium: Browser;
  let school: ASchool;
  let context: BrowserContext;
  let page: Page;
  beforeAll(async () => {
    [product, chromium] = await Promise.all([Product.start(), startChromium()]);
  }, 40_000);
  afterAll(async () => {
    await chromium?.close();
    await product?.close();
  });

  const enter = async (target: Page, person: { id: string; name: string }, role: Role = 'teacher') =>
    target.goto(
      await product.sandbox.module.enterUrl(
        { sub: person.id, school: school.id, roles: [role], name: person.name },
        `/evenings/${school.evening.id}`,
      ),
    );
  const shown = (why: string) =>
    page.locator(`[data-connection="${why}"]`).waitFor({ state: 'visible', timeout: 25_000 });
  const hidden = (why: string) =>
    page.locator(`[data-connection="${why}"]`).waitFor({ state: 'hidden', timeout: 45_000 });
  const failed = () => page.locator('[data-count="needsOwner"]').textContent();
  const STREAM = '**/progress/stream';

  beforeEach(async () => {
    await context?.close();
    school = new ASchool();
    await product.emit(school.slot(1));
    ({ context, page } = await openWindow(chromium, []));
    await enter(page, school.teacher());
    await page.waitForResponse((response) => response.url().endsWith('/stream') && response.status() === 200);
  });

  it.each([502, 503, 429])(
    'a stream that answers %s: it is said, tried again with growing pauses, and what was missed is caught up',
    async (status) => {
      const tries: number[] = [];
      await context.route(STREAM, (route) => {
        tries.push(Date.now());
        return route.fulfill({ status, body: 'no' });
      });
      // The process goes away, as in a deploy: open streams break.
      await page.evaluate(() => window.stop());
      await page.reload();
      await shown('lost');
      if (status === 502) await picture(page, 'connection-lost');
      await product.emit(school.slot(1, { wanting: 'google-meet' }));
      await product.untilRow(school, 'parks', (row) => row.status === 'needs_owner');
      await context.unroute(STREAM);
      await hidden('lost');
      await page.waitForFunction(() => document.querySelector('[data-count="needsOwner"]')?.textContent === '1');
      expect(await failed()).toBe('1');
      const pauses = tries.slice(1).map((at, n) => at - tries[n]!);
      expect(pauses.at(-1)!).toBeGreaterThan(pauses[0]!);
    },
    90_000,
  );

  it('signed out elsewhere: it says so at once, and how to go on', async () => {
    const cookies = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    await fetch(`${product.appUrl}/leave`, {
      method: 'POST',
      headers: { cookie: cookies, origin: product.appUrl },
      redirect: 'manual',
    });
    await shown('signed-out');
    await picture(page, 'connection-signed-out');
  }, 60_000);

  it('another person entered in another tab: nothing of that person gets into this page', async () => {
    const tab = await context.newPage();
    await tab.goto(
      await product.sandbox.module.enterUrl(
        { sub: school.teacher(2).id, school: school.id, roles: ['teacher'], name: school.teacher(2).name },
        '/privacy',
      ),
    );
    await Promise.all([tab.waitForURL('**/privacy'), tab.click('main button')]);
    await product.emit(school.slot(2, { teacher: school.teacher(2), wanting: 'google-meet' }));
    await shown('somebody-else');
    expect(await page.locator('section[data-live="own"]').getAttribute('data-teacher')).toBe(school.teacher().id);
  }, 60_000);

  it('nothing of it shows without a script', async () => {
    const { context: plain, page: still } = await openWindow(chromium, [], { javaScriptEnabled: false });
    await enter(still, school.teacher());
    expect(await still.locator('[data-connection]:visible').count()).toBe(0);
    expect(await still.locator('[data-connection]').count()).toBe(3);
    await plain.close();
  });
});
