import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openWindow, picture, startChromium } from '../support/chromium.js';
import { Product } from '../support/product.js';

/** The module's own page signs a person in; the teacher lands on the evening. */
async function signIn(page: Page, product: Product, name: string) {
  await page.goto(`${product.sandbox.url}/module`);
  await page.locator('button[name=person]', { hasText: name }).click();
  await page.waitForURL((url) => url.origin === product.appUrl);
}

describe.each([
  ['google', 'Anne de Vries', /Google/, /Google Meet/],
  ['microsoft', 'Mehmet Kaya', /Microsoft/, /Teams/],
] as const)('P7 a teacher and a parent in a browser, with %s', (login, teacher, connect, add) => {
  let product: Product;
  let chromium: Browser;
  beforeAll(async () => {
    [product, chromium] = await Promise.all([Product.start(), startChromium()]);
    product.sandbox.autoConsent(false);
    const events = product.sandbox.module.seed();
    await product.sandbox.module.emit(events);
    await product.sandbox.module.emit([
      {
        ...events[0]!,
        id: 'settings',
        type: 'parentmeetings.school.changed.v1',
        data: { school: { ...events[0]!.data.school, revealMinutes: null } },
      },
    ]);
  }, 40_000);
  afterAll(async () => {
    await chromium?.close();
    await product?.close();
  });
  const hosts = () => [product.appUrl, product.sandbox.url].map((url) => new URL(url).host);

  it.each([
    ['with', true],
    ['without', false],
  ] as const)(
    'works from sign-in to the meeting, %s JavaScript',
    async (_name, javaScriptEnabled) => {
      // Each run has a teacher of its own.
      const who = javaScriptEnabled ? teacher : 'Sofie Jansen';
      const slots = [...product.sandbox.module.slots.values()].filter((slot) => slot.teacher.name === who);
      const { context, page, complaints } = await openWindow(chromium, hosts(), { javaScriptEnabled, locale: 'nl-NL' });
      page.setDefaultTimeout(10_000);
      const shot = (name: string) => (javaScriptEnabled ? picture(page, `${login}-${name}`) : Promise.resolve());
      await signIn(page, product, who);
      await shot('1-before');
      await page
        .getByRole('link', { name: connect })
        .or(page.getByRole('button', { name: connect }))
        .first()
        .click();
      await page.waitForURL((url) => url.origin === product.sandbox.url);
      await page.getByText(slots[0]!.teacher.email).click();
      await shot('2-consent');
      await page.locator('button[value=allow]').click();
      await page.waitForURL((url) => url.pathname.startsWith('/evenings/'));
      await shot('3-connected');
      let loads = 0;
      await page.getByRole('button', { name: add }).first().click();
      await page.waitForURL((url) => url.pathname.startsWith('/evenings/'));
      page.on('load', () => (loads += 1));
      await product.sandbox.mailbox.waitFor(
        ({ envelope }) => envelope.to.includes(slots.at(-1)!.parents[0]!.email),
        20_000,
      );
      const ready = page.locator('tr[data-status=ready]');
      if (javaScriptEnabled) {
        await ready.nth(slots.length - 1).waitFor();
        expect(loads).toBe(0);
      } else await page.reload();
      expect(await ready.count()).toBeGreaterThanOrEqual(slots.length);
      await shot('4-ready');
      const account = slots[0]!.teacher.email;
      expect(product.live(account)).toHaveLength(slots.length);

      const parent = slots[0]!.parents[0]!;
      const family = await openWindow(chromium, hosts(), { javaScriptEnabled, locale: 'nl-NL' });
      const mails = product.sandbox.mailbox.to(parent.email);
      expect(mails).toHaveLength(1);
      await family.page.goto(`${product.sandbox.url}/mail/${mails[0]!.n}`);
      const [door] = await Promise.all([
        family.context.waitForEvent('page'),
        family.page.frameLocator('iframe').getByRole('link').first().click(),
      ]);
      door.setDefaultTimeout(10_000);
      await door.waitForLoadState();
      if (javaScriptEnabled) await picture(door, `${login}-5-join`);
      await door.getByRole('button').first().click();
      await door.waitForURL((url) => url.origin === product.sandbox.url);
      expect(product.live(account).map(({ url }) => url)).toContain(door.url());
      const own = product.live(account).find(({ url }) => url === door.url())!;
      expect(Date.parse(own.start!)).toBe(Date.parse(slots[0]!.timeslot.start));
      expect([...complaints, ...family.complaints]).toEqual([]);
      await family.context.close();
      await context.close();
    },
    60_000,
  );
});
