import { Refusal } from '../http/answer.js';
import { matchesChallenge } from '../world/pkce.js';
import type { World } from '../world/world.js';

const ACCESS_TOKEN_SECONDS = 3599;
const CODE_SECONDS = 600;
const LIVE_REFRESH_TOKENS = 100;

export interface CodeRequest {
  email: string;
  scopes: string[];
  redirectUri: string;
  challenge: string;
  nonce?: string;
  offline: boolean;
  /** The person saw the consent page: prompt=consent. */
  consent: boolean;
}

interface Token {
  email: string;
  scopes: string[];
  expiresAt: number;
}

export interface TokenSet {
  email: string;
  scopes: string[];
  accessToken: string;
  expiresInSeconds: number;
  refreshToken?: string;
  refreshTokenExpiresInSeconds?: number;
  nonce?: string;
}

/** Codes, access tokens and refresh tokens of Google accounts (providers.md §1.3). */
export class GoogleGrants {
  readonly #codes = new Map<string, CodeRequest & { expiresAt: number }>();
  readonly #access = new Map<string, Token>();
  readonly #refresh = new Map<string, Token>();
  /** Addresses that already have a grant: they get no second refresh token without prompt=consent. */
  readonly #granted = new Set<string>();
  /** How long a refresh token lives: null is for ever. 604799 is the seven days of publishing status "Testing". */
  refreshTokenSeconds: number | null = null;

  constructor(private readonly world: World) {}

  hasGrant(email: string): boolean {
    return this.#granted.has(email);
  }

  issueCode(request: CodeRequest): string {
    const code = `4/0A${this.world.random.text('google code', 60)}`;
    this.#codes.set(code, { ...request, expiresAt: this.#now() + CODE_SECONDS * 1000 });
    return code;
  }

  redeem(code: string, redirectUri: string | undefined, verifier: string | undefined): TokenSet {
    const request = this.#codes.get(code);
    this.#codes.delete(code);
    if (!request || request.expiresAt <= this.#now()) throw new Refusal('oauth.400.malformedCode');
    if (request.redirectUri !== redirectUri) throw new Refusal('oauth.400.redirect_uri_mismatch');
    if (!matchesChallenge(verifier, request.challenge)) throw new Refusal('oauth.400.invalid_grant');
    const withRefreshToken = request.offline && (request.consent || !this.#granted.has(request.email));
    return { ...this.#issue(request.email, request.scopes, withRefreshToken), nonce: request.nonce };
  }

  refresh(refreshToken: string): TokenSet {
    const token = this.#refresh.get(refreshToken);
    if (!token || token.expiresAt <= this.#now()) throw new Refusal('oauth.400.invalid_grant');
    return this.#issue(token.email, token.scopes, false);
  }

  /** Grants without a browser: what a sign-in with these scopes would have given. */
  grant(email: string, scopes: string[]): TokenSet & { refreshToken: string } {
    const set = this.#issue(email, scopes, true);
    return { ...set, refreshToken: set.refreshToken ?? '' };
  }

  /** The live access token, or undefined when it is unknown, over or revoked. */
  access(token: string | undefined): Token | undefined {
    const found = token === undefined ? undefined : this.#access.get(token);
    return found && found.expiresAt > this.#now() ? found : undefined;
  }

  /** Whose token this is or was, live or not: for the ledger. */
  ownerOf(token: string | undefined): string | undefined {
    if (token === undefined) return undefined;
    return (this.#access.get(token) ?? this.#refresh.get(token) ?? this.#codes.get(token))?.email;
  }

  /** Ends the whole grant that the token belongs to, in every browser. False: no such token. */
  revoke(token: string): boolean {
    const found = this.#access.get(token) ?? this.#refresh.get(token);
    if (!found) return false;
    this.revokeAccount(found.email);
    return true;
  }

  revokeAccount(email: string): void {
    for (const tokens of [this.#access, this.#refresh]) {
      for (const [value, token] of tokens) if (token.email === email) tokens.delete(value);
    }
    this.#granted.delete(email);
  }

  expireAccessTokens(email?: string): void {
    for (const token of this.#access.values()) if (email === undefined || token.email === email) token.expiresAt = 0;
  }

  #issue(email: string, scopes: string[], withRefreshToken: boolean): TokenSet {
    const { random } = this.world;
    const accessToken = `ya29.${random.text('google access', 215)}`;
    this.#access.set(accessToken, { email, scopes, expiresAt: this.#now() + ACCESS_TOKEN_SECONDS * 1000 });
    const set: TokenSet = { email, scopes, accessToken, expiresInSeconds: ACCESS_TOKEN_SECONDS };
    if (!withRefreshToken) return set;
    this.#granted.add(email);
    const refreshToken = `1//0${random.text('google refresh', 99)}`;
    const seconds = this.refreshTokenSeconds;
    const expiresAt = seconds === null ? Infinity : this.#now() + seconds * 1000;
    this.#refresh.set(refreshToken, { email, scopes, expiresAt });
    this.#dropOldest(email);
    return { ...set, refreshToken, ...(seconds === null ? {} : { refreshTokenExpiresInSeconds: seconds }) };
  }

  /** Over a hundred live refresh tokens the oldest stops working without a word (providers.md §1.3). */
  #dropOldest(email: string): void {
    const own = [...this.#refresh].filter(([, token]) => token.email === email);
    for (const [value] of own.slice(0, Math.max(0, own.length - LIVE_REFRESH_TOKENS))) this.#refresh.delete(value);
  }

  #now(): number {
    return this.world.now().getTime();
  }
}
