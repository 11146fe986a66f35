import type { LoginName } from '#libs/providers';
import { packLogin, unpackLogin } from '../stored-login.js';
import type { StoredLogin } from '../stored-login.js';
import { cookieName, forgetCookie, setCookie } from './cookie-instruction.js';
import type { CookieInstruction, CookieJar } from './cookie-instruction.js';
import type { CookieSealer } from './cookie-sealer.js';

const LIFETIME_SECONDS = 30 * 24 * 60 * 60;
/** Browsers drop a cookie over 4096 bytes silently; the rest is room for name and attributes (providers.md §6.1). */
const CHUNK = 3_790;
/** The provider's tokens fill one or two. More would not fit into Node's 16 KB of headers beside the other login. */
const MOST_CHUNKS = 3;

/**
 * Where a teacher's login lives: sealed in that teacher's browser (R4), one cookie per login, in chunks where it is long.
 * The first chunk begins with the number of chunks, so leftovers of a longer past do no harm and a gap is noticed.
 */
export class LoginCookies {
  constructor(private readonly parts: { readonly sealer: CookieSealer; readonly secure: boolean }) {}

  /**
   * Cookies that keep this login: at most 30 days, or as long as the grant lives. Chunks that it no longer needs are
   * forgotten: all that could be, or only those in `cookies` where given.
   * @throws RangeError where the login does not fit; nothing of it is in the message.
   */
  async write(login: StoredLogin, cookies?: CookieJar): Promise<CookieInstruction[]> {
    const { sealer, secure } = this.parts;
    const left = login.endsAt ? Math.floor((login.endsAt.getTime() - sealer.now().getTime()) / 1000) : LIFETIME_SECONDS;
    const maxAge = Math.max(0, Math.min(LIFETIME_SECONDS, left));
    const sealed = await sealer.seal(purposeOf(login.login), packLogin(login), maxAge);
    const count = Math.ceil((sealed.length + 2) / CHUNK);
    if (count > MOST_CHUNKS) throw new RangeError('A login is too long for the cookies of a browser.');
    const value = `${count}.${sealed}`;
    return this.namesOf(login.login).flatMap((name, index) => {
      if (index < count) return [setCookie(name, value.slice(index * CHUNK, (index + 1) * CHUNK), maxAge, secure)];
      return cookies && cookies[name] === undefined ? [] : [forgetCookie(name, secure)];
    });
  }

  /** The login that this browser keeps for this person. Null if there is none, or anything about it is not right. */
  async read(loginName: LoginName, personId: string, cookies: CookieJar): Promise<StoredLogin | null> {
    const [first, ...others] = this.namesOf(loginName).map((name) => cookies[name]);
    const count = Number(/^([1-9])\./.exec(first ?? '')?.[1] ?? 0);
    if (!first || count < 1 || count > MOST_CHUNKS) return null;
    const rest = others.slice(0, count - 1);
    if (rest.some((chunk) => !chunk)) return null;
    const packed = await this.parts.sealer.open(purposeOf(loginName), first.slice(2) + rest.join(''));
    const login = packed && unpackLogin(packed);
    return login && login.login === loginName && login.personId === personId ? login : null;
  }

  /** Forgets the login in this browser: every chunk that it sent. */
  clear(loginName: LoginName, cookies: CookieJar): CookieInstruction[] {
    return this.namesOf(loginName)
      .filter((name) => cookies[name] !== undefined)
      .map((name) => forgetCookie(name, this.parts.secure));
  }

  private namesOf(loginName: LoginName): string[] {
    const name = cookieName(`login-${loginName}`, this.parts.secure);
    return Array.from({ length: MOST_CHUNKS }, (_, index) => (index === 0 ? name : `${name}-${index}`));
  }
}

const purposeOf = (loginName: LoginName): string => `login-${loginName}`;
