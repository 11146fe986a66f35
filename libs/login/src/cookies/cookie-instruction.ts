/** A Set-Cookie for the HTTP edge to write. An empty value with maxAge 0 forgets the cookie. */
export interface CookieInstruction {
  readonly name: string;
  readonly value: string;
  readonly attributes: {
    readonly httpOnly: true;
    /** False only where the application itself is on http. */
    readonly secure: boolean;
    /** Strict would not come along on the way back from the provider (providers.md §6.2). */
    readonly sameSite: 'lax';
    readonly path: '/';
    /** Seconds. */
    readonly maxAge: number;
  };
}

/** Cookies as the browser sent them. */
export type CookieJar = Readonly<Record<string, string | undefined>>;

/** `__Host-` ties a cookie to this very host; browsers take it with Secure only. */
export const cookieName = (name: string, secure: boolean): string => (secure ? `__Host-${name}` : name);

export const setCookie = (name: string, value: string, maxAge: number, secure: boolean): CookieInstruction => ({
  name,
  value,
  attributes: { httpOnly: true, secure, sameSite: 'lax', path: '/', maxAge },
});

export const forgetCookie = (name: string, secure: boolean): CookieInstruction => setCookie(name, '', 0, secure);
