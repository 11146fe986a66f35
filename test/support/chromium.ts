import { accessSync, constants, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

// CommonJS of its own: Jest's ESM loader would load it half.
const { chromium } = createRequire(import.meta.url)('playwright-core') as typeof import('playwright-core');

const executable = () =>
  ['chromium', 'chromium-browser', 'google-chrome']
    .flatMap((name) => (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });

export const startChromium = (): Promise<Browser> => {
  const executablePath = executable();
  if (!executablePath) throw new Error('Chromium is not installed: put chromium into the PATH.');
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
};

/** A person's window. Whatever goes to another host, or is said on the console, is kept as a complaint. */
export async function openWindow(
  browser: Browser,
  hosts: readonly string[],
  options: BrowserContextOptions = {},
): Promise<{ context: BrowserContext; page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const complaints: string[] = [];
  context.on('request', (request) => {
    const { host, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && !hosts.includes(host)) complaints.push(`asked ${host}`);
  });
  context.on('console', (message) => {
    const { url } = message.location();
    // The product has one; the sandbox, which stands for other sites, has none.
    if (url.endsWith('/favicon.ico')) return;
    if (['error', 'warning'].includes(message.type())) complaints.push(`said ${message.text()} at ${url}`);
  });
  context.on('weberror', (error) => complaints.push(`threw ${error.error().message}`));
  return { context, page: await context.newPage(), complaints };
}

/** Pictures of a page on a phone and on a desk, where SCREENSHOTS names a folder. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  for (const [width, height] of [
    [390, 844],
    [1280, 900],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: true });
  }
}
