import { parseCookie, stringifySetCookie } from 'cookie';
import type { Response } from 'express';
import type { CookieInstruction, CookieJar } from '#libs/login';
import type { CalledRequest } from './caller.js';

/** Browsers keep no more of one host. */
const MOST_COOKIES = 200;

/** Parsed once for each request. */
const jars = new WeakMap<CalledRequest, CookieJar>();

export function cookiesOf(request: CalledRequest): CookieJar {
  const known = jars.get(request);
  if (known) return known;
  const pairs = (request.headers.cookie ?? '').split(';', MOST_COOKIES).join(';');
  const jar = parseCookie(pairs, { decode: (value) => value });
  jars.set(request, jar);
  return jar;
}

export function setCookies(response: Response, cookies: readonly CookieInstruction[]): void {
  for (const { name, value, attributes } of cookies)
    response.append('Set-Cookie', stringifySetCookie({ name, value, ...attributes }));
}
