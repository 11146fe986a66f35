import { Secret } from '#libs/encryption';
import { LOGINS } from '#libs/providers';
import type { LoginTransaction } from '../oauth/login-transaction.js';
import { cookieName, forgetCookie, setCookie } from './cookie-instruction.js';
import type { CookieInstruction, CookieJar } from './cookie-instruction.js';
import type { CookieSealer } from './cookie-sealer.js';

const PURPOSE = 'oauth';
const STATE_PURPOSE = 'oauth-state';
const LIFETIME_SECONDS = 10 * 60;
/** Sign-ins that one browser may have under way at once; a further one takes the place of the oldest. */
const MOST = 5;

/** What a callback says of its sign-in by itself, also when its cookie is gone. */
type SignIn = Pick<LoginTransaction, 'login' | 'personId' | 'to'>;

/**
 * Remembers, sealed in the browser, what was asked of the provider, for the ten minutes that a sign-in may take. Each sign-in
 * has a cookie of its own, so that two in two tabs don't end each other.
 */
export class OauthCookies {
  constructor(private readonly parts: { readonly sealer: CookieSealer; readonly secure: boolean }) {}

  /** A state for the provider to bring back. Sealed, so that a callback that was used already still says where it led. */
  state(signIn: SignIn): Promise<string> {
    return this.parts.sealer.seal(STATE_PURPOSE, { ...signIn }, LIFETIME_SECONDS);
  }

  /** The sign-in that began with this state; null for one that is not ours, or older than ten minutes. */
  async signInOf(state: string): Promise<SignIn | null> {
    return signInIn(await this.parts.sealer.open(STATE_PURPOSE, state));
  }

  /** @param taken names that sign-ins under way were given which this browser may not have sent yet */
  async write(
    transaction: LoginTransaction,
    cookies: CookieJar,
    taken: ReadonlySet<string> = new Set(),
  ): Promise<CookieInstruction> {
    const { sealer, secure } = this.parts;
    const packed = { ...transaction, verifier: transaction.verifier.reveal(), startedAt: sealer.now().getTime() };
    const value = await sealer.seal(PURPOSE, packed, LIFETIME_SECONDS);
    return setCookie(await this.nameFor(cookies, taken), value, LIFETIME_SECONDS, secure);
  }

  /** The sign-in with this state, and the name of its cookie. */
  async read(cookies: CookieJar, state: string): Promise<{ name: string; transaction: LoginTransaction } | null> {
    for (const name of this.names()) {
      const transaction = transactionIn(await this.parts.sealer.open(PURPOSE, cookies[name] ?? ''));
      if (transaction?.state === state) return { name, transaction };
    }
    return null;
  }

  clear(name: string): CookieInstruction {
    return forgetCookie(name, this.parts.secure);
  }

  /** The first that is free, else that of the oldest sign-in. */
  private async nameFor(cookies: CookieJar, taken: ReadonlySet<string>): Promise<string> {
    const names = this.names();
    const free = names.find((name) => cookies[name] === undefined && !taken.has(name));
    if (free !== undefined) return free;
    const startedAt = await Promise.all(
      names.map(async (name) =>
        Number((await this.parts.sealer.open(PURPOSE, cookies[name] ?? ''))?.['startedAt'] ?? 0),
      ),
    );
    return names[startedAt.indexOf(Math.min(...startedAt))]!;
  }

  private names(): string[] {
    const name = cookieName('oauth', this.parts.secure);
    return Array.from({ length: MOST }, (_, index) => (index === 0 ? name : `${name}-${index}`));
  }
}

function signInIn(packed: Record<string, unknown> | null): SignIn | null {
  const login = LOGINS.find((one) => one === packed?.['login']);
  const { personId, to } = packed ?? {};
  return login && typeof personId === 'string' && typeof to === 'string' ? { login, personId, to } : null;
}

function transactionIn(packed: Record<string, unknown> | null): LoginTransaction | null {
  const signIn = signInIn(packed);
  const { state, nonce, verifier } = packed ?? {};
  if (!signIn || typeof state !== 'string' || typeof nonce !== 'string' || typeof verifier !== 'string') return null;
  return { ...signIn, state, nonce, verifier: new Secret(verifier) };
}
