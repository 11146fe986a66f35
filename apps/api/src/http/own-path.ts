import { Problem } from './problem.js';

/**
 * A path of our own to go on to: starts with one slash, holds nothing that a browser would read as another host.
 * @throws Problem 400
 */
export function ownPath(value: unknown): string {
  const text = typeof value === 'string' ? value : '';
  // Browsers read a backslash as a slash and drop control characters.
  const isPath = text.startsWith('/') && !text.startsWith('//') && !/[\\\p{Cc}]/u.test(text) && text.length <= 2_000;
  if (isPath && URL.canParse(text, 'http://own.invalid')) {
    const url = new URL(text, 'http://own.invalid');
    if (url.host === 'own.invalid' && !url.pathname.startsWith('//')) return `${url.pathname}${url.search}${url.hash}`;
  }
  throw new Problem(400, 'The page to go to must be a path of this site, like /evenings/e-9.', [
    { pointer: '/to', detail: 'must be a path that starts with one slash' },
  ]);
}
