import { Script } from 'node:vm';
import { everyPage } from '../../../../test/factories/page-samples.js';
import { ASSETS } from './assets.js';

const pages = ['nl', 'en'].flatMap((locale) =>
  Object.entries(everyPage(locale)).map(([name, html]) => [name, locale, html] as const),
);
const ids = (html: string) => [...html.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]);

describe.each(pages)('the page %s in %s', (name, locale, html) => {
  it('is a whole document in its language, fit for a phone', () => {
    expect(html).toMatch(/^<!doctype html><html lang="(nl|en)" dir="ltr">/);
    expect(html).toContain(`<html lang="${locale}"`);
    expect(html).toContain('name="viewport" content="width=device-width,initial-scale=1"');
    expect(html).toMatch(/<title>[^<]+<\/title>/);
  });

  it('R8 asks nothing of another host, and leaves the referrer policy to the header', () => {
    const shown = html
      .replaceAll('https://meet.google.com/abc-defg-hij', '')
      .replaceAll('https://conf.school.example/j/Own_link-1', '');
    expect(shown).not.toMatch(/https?:|"\/\/|srcset|<img|<iframe/);
    // A meta tag would win over the header, and under `no-referrer` browsers send `Origin: null` with our own forms.
    expect(html).not.toContain('name="referrer"');
  });

  it('holds no inline script, style or handler, so that a strict policy works', () => {
    expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:/i);
    for (const [tag] of html.matchAll(/<script\b[^>]*>/g)) expect(tag).toContain('src="/assets/live.js"');
    expect(html).not.toMatch(/<script[^>]*>[^<]/);
  });

  it('R16 leads to the privacy statement', () => {
    expect(html).toMatch(/<footer>.*href="\/privacy".*<\/footer>/);
  });

  it('has one heading of the first level, skips none, and no id twice', () => {
    const levels = [...html.matchAll(/<h([1-6])\b/g)].map((match) => Number(match[1]));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    levels.reduce((before, level) => {
      expect(level).toBeLessThanOrEqual(before + 1);
      return level;
    }, 0);
    expect(new Set(ids(html)).size).toBe(ids(html).length);
    expect(html.match(/<main\b/g)).toHaveLength(1);
  });

  it('names every button and link, and captions every table', () => {
    for (const [, inside] of html.matchAll(/<(?:button|a)\b[^>]*>(.*?)<\/(?:button|a)>/g))
      expect(inside!.replace(/<[^>]*>/g, '').trim()).not.toBe('');
    for (const [, inside] of html.matchAll(/<table\b[^>]*>(.*?)<\/thead>/g)) expect(inside).toContain('<caption');
    // What a person fills in stands within its own label.
    const unlabelled = html.replaceAll(/<label[^>]*>([^<]+<input\b[^>]*>\s*|<input\b[^>]*>[^<]+)<\/label>/g, '');
    for (const [tag] of unlabelled.matchAll(/<input\b[^>]*>/g)) expect(tag).toContain('type="hidden"');
  });

  it('changes things by POST only, one button per form', () => {
    for (const [form] of html.matchAll(/<form\b.*?<\/form>/g)) {
      expect(form).toMatch(/^<form method="post" action="\//);
      expect(form.match(/<button/g)).toHaveLength(1);
    }
  });

  it('has the way out for whoever is signed in', () => {
    // The pages behind a join link are for whoever has the link.
    const isOpen = name === 'home-signed-out' || name.startsWith('join-');
    expect(html.includes('<form method="post" action="/leave"')).toBe(!isOpen);
  });

  it('needs no plug-in', () => {
    expect(html).not.toMatch(/<(object|embed|applet|param)\b/);
  });

  it('says [secret] nowhere', () => {
    expect(`${name}: ${html}`).not.toMatch(/\[secret\]|undefined|\[object|NaN/);
  });
});

describe('the assets', () => {
  it('R8 reach nowhere else', () => {
    for (const { body } of Object.values(ASSETS)) expect(body).not.toMatch(/https?:|url\(|@import|@font-face/);
  });

  it('the script writes text, never markup', () => {
    expect(ASSETS['live.js'].body).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function/,
    );
  });

  it('the script parses', () => {
    expect(() => new Script(ASSETS['live.js'].body)).not.toThrow();
  });

  it('the stylesheet reads from right to left too', () => {
    expect(ASSETS['site.css'].body).not.toMatch(
      /(margin|padding|border|inset)-(left|right)|\b(left|right):|text-align:\s*(left|right)/,
    );
  });
});

describe('AA contrast of every pair of colours, light and dark', () => {
  const css = ASSETS['site.css'].body;
  const dark = css.indexOf('@media (prefers-color-scheme: dark)');
  const palette = (part: string) =>
    Object.fromEntries([...part.matchAll(/--([\w-]+):\s*(#[0-9a-f]{3,6})/g)].map((match) => [match[1], match[2]!]));
  const channel = (value: number) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = (hex: string) => {
    const full = hex.length === 4 ? hex.slice(1).replace(/./g, '$&$&') : hex.slice(1);
    const [r, g, b] = [0, 2, 4].map((at) => channel(Number.parseInt(full.slice(at, at + 2), 16) / 255)) as [
      number,
      number,
      number,
    ];
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one: string, two: string) => {
    const [low, high] = [luminance(one), luminance(two)].sort((a, b) => a - b) as [number, number];
    return (high + 0.05) / (low + 0.05);
  };
  const pairs = [
    'ink/ground',
    'ink/card',
    'soft/ground',
    'soft/card',
    'accent/card',
    'accent/ground',
    'accent/busy-bg',
    'on-accent/accent',
    'bad/card',
  ].concat(['good', 'busy', 'wait', 'bad', 'idle'].map((name) => `${name}/${name}-bg`));

  it.each([
    ['light', css.slice(0, dark)],
    ['dark', css.slice(dark, css.indexOf('*, *::before'))],
  ])('%s', (_, part) => {
    const colours = palette(part);
    for (const pair of pairs) {
      const [ink, ground] = pair.split('/') as [string, string];
      expect([pair, contrast(colours[ink]!, colours[ground]!) >= 4.5]).toEqual([pair, true]);
    }
  });
});
