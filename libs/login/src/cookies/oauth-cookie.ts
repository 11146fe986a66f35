import { Secret } from '#libs/encryption';
import { LOGINS } from '#libs/providers';
import type { LoginTransaction } from '../oauth/login-transaction.js';
import { cookieName, forgetCookie, setCookie } from './cookie-instruction.js';
import type { CookieInstruction, CookieJar } from './cookie-instruction.js';
import type { CookieSealer } from './cookie-sealer.js';

const PURPOSE = 'oauth';
const LIFETIME_SECONDS = 10 * 60;

/** Remembers, sealed in the browser, what was asked of the provider, for the ten minutes that a sign-in may take. */
export class OauthCookie {
  constructor(private readonly parts: { readonly sealer: CookieSealer; readonly secure: boolean }) {}

  async write(transaction: LoginTransaction): Promise<CookieInstruction> {
    const packed = { ...transaction, verifier: transaction.verifier.reveal() };
    const value = await this.parts.sealer.seal(PURPOSE, packed, LIFETIME_SECONDS);
    return setCookie(this.name, value, LIFETIME_SECONDS, this.parts.secure);
  }

  async read(cookies: CookieJar): Promise<LoginTransaction | null> {
    const packed = await this.parts.sealer.open(PURPOSE, cookies[this.name] ?? '');
    if (!packed) return null;
    const { state, nonce, verifier, personId, to } = packed;
    const login = LOGINS.find((one) => one === packed['login']);
    if (!login || typeof state !== 'string' || typeof nonce !== 'string' || typeof verifier !== 'string') return null;
    if (typeof personId !== 'string' || typeof to !== 'string') return null;
    return { login, state, nonce, verifier: new Secret(verifier), personId, to };
  }

  clear(): CookieInstruction {
    return forgetCookie(this.name, this.parts.secure);
  }

  private get name(): string {
    return cookieName('oauth', this.parts.secure);
  }
}
