import { parseCookie, stringifySetCookie } from 'cookie';
import type { Response } from 'express';
import type { CookieInstruction, CookieJar } from '#libs/login';
import type { CalledRequest } from './caller.js';

export const cookiesOf = (request: CalledRequest): CookieJar =>
  parseCookie(request.headers.cookie ?? '', { decode: (value) => value });

export function setCookies(response: Response, cookies: readonly CookieInstruction[]): void {
  for (const { name, value, attributes } of cookies)
    response.append('Set-Cookie', stringifySetCookie({ name, value, ...attributes }));
}
