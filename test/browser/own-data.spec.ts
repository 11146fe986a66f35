import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { ASchool } from '../support/a-school.js';
import { openWindow, picture, startChromium } from '../support/chromium.js';
import { Product } from '../support/product.js';

const WIDTHS = [375, 1200];

/** What of a page is wider than the window: then a phone scrolls sideways. */
const widerThan = (page: Page, width: number) =>
  page.evaluate(
    (limit) => [
      ...(document.documentElement.scrollWidth > limit ? [`the page: ${document.documentElement.scrollWidth}`] : []),
      ...[...document.querySelectorAll('main *')]
        .filter((one) => one.getBoundingClientRect().right > limit + 0.5 && !one.closest('.hidden'))
        .map((one) => `${one.tagName}.${one.className}: ${one.textContent!.slice(0, 40)}`),
    ],
    width,
  );

describe('R9 R13 R14 what people read about their data fits a phone and a desk', () => {
  let product: Product;
  let chromium: Browser;
  const school = new ASchool();
  beforeAll(async () => {
    [product, chromium] = await Promise.all([Product.start(), startChromium()]);
    const slot = school.slot(1);
    await product.emit({
      ...slot,
      data: { ...slot.data, parents: [{ ...school.parent(), about: 'Deniz', household: 'h-1' }] },
    });
  }, 40_000);
  afterAll(async () => {
    await chromium?.close();
    await product?.close();
  });

  const ticket = (locale: string) => ({
    sub: school.parent().id,
    school: school.id,
    roles: ['parent' as const],
    ...school.parent(),
    locale,
  });

  /** Signed in as the parent, by a ticket. */
  async function parent(javaScriptEnabled = true, locale = 'nl') {
    const window = await openWindow(chromium, [new URL(product.appUrl).host], { javaScriptEnabled });
    window.page.setDefaultTimeout(10_000);
    await window.page.goto(await product.sandbox.module.enterUrl(ticket(locale), '/me/data'));
    return window;
  }

  async function fits(page: Page, name: string) {
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      expect([name, width, await widerThan(page, width)]).toEqual([name, width, []]);
    }
    await picture(page, name);
  }

  it.each(['nl', 'en'])(
    'the statement, the list of what is kept, and the own page, in %s',
    async (locale) => {
      const { context, page, complaints } = await parent(true, locale);
      for (const [path, name] of [
        ['/me/data', 'data'],
        ['/what-we-store', 'stored'],
        ['/privacy', 'privacy'],
      ] as const) {
        await page.goto(`${product.appUrl}${path}`);
        expect(await page.locator('html').getAttribute('lang')).toBe(locale);
        await fits(page, `${name}-${locale}`);
      }
      expect(complaints).toEqual([]);
      await context.close();
    },
    60_000,
  );

  it('a wrong form keeps what was typed; erasing asks for the tick, and ends where its state can be seen', async () => {
    const { context, page, complaints } = await parent(false);
    // The browser's own check stands before ours: what comes past it is told by the page.
    await page.locator('input[name=locale]').fill('nederlands');
    await page.getByRole('button', { name: 'Bewaren' }).click();
    expect(await page.locator('input[name=locale]').inputValue()).toBe('nederlands');
    await page.locator('#locale-wrong').waitFor();
    await fits(page, 'data-not-saved');
    await page.goto(`${product.appUrl}/me/data`);
    await page.getByRole('button', { name: 'Wis mijn gegevens' }).click();
    // Without the tick the browser does not send it.
    expect(page.url()).toBe(`${product.appUrl}/me/data`);
    await page.locator('input[name=sure]').check();
    await page.getByRole('button', { name: 'Wis mijn gegevens' }).click();
    await page.waitForURL((url) => url.pathname.startsWith('/me/erasures/'));
    await fits(page, 'erasure');
    // The session is good for this page only; signed in again, there is nothing left to see.
    await page.goto(await product.sandbox.module.enterUrl(ticket('nl'), '/me/data'));
    await fits(page, 'data-erased');
    expect(complaints.filter((one) => !one.includes('422'))).toEqual([]);
    await context.close();
  }, 60_000);
});
