/** Follows a sign-in by hand: fetch without redirects, so that a test sees each answer. */
export const visit = (url: string | URL): Promise<Response> => fetch(url, { redirect: 'manual' });

export const location = (response: Response): URL => new URL(response.headers.get('location') ?? 'about:blank');

/** Submits the first form of a page as a browser without JavaScript would, with these fields set or, for null, unticked. */
export const submit = async (page: Response, fields: Record<string, string | null>): Promise<Response> => {
  const html = await page.text();
  const form = new URLSearchParams();
  for (const [tag] of html.matchAll(/<input[^>]*>/gu)) {
    const attribute = (name: string) => unescape(new RegExp(`\\b${name}="([^"]*)"`, 'u').exec(tag)?.[1] ?? '');
    const type = attribute('type');
    const name = attribute('name');
    const chosen = type === 'hidden' || ((type === 'radio' || type === 'checkbox') && /\schecked/u.test(tag));
    if (chosen && !(name in fields)) form.append(name, attribute('value'));
  }
  for (const [name, value] of Object.entries(fields)) if (value !== null) form.append(name, value);
  return fetch(page.url, { method: 'POST', body: form, redirect: 'manual' });
};

const unescape = (text: string): string =>
  text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
