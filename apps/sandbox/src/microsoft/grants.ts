import { Refusal } from '../http/answer.js';
import { matchesChallenge } from '../world/pkce.js';
import type { World } from '../world/world.js';

const CODE_SECONDS = 600;
const REFRESH_TOKEN_DAYS = 90;

export interface MicrosoftCodeRequest {
  email: string;
  scopes: string[];
  redirectUri: string;
  challenge: string;
  nonce?: string;
}

interface Token {
  email: string;
  scopes: string[];
  expiresAt: number;
}

export interface MicrosoftTokenSet {
  email: string;
  scopes: string[];
  accessToken: string;
  expiresInSeconds: number;
  refreshToken?: string;
  nonce?: string;
}

/** Codes and tokens (providers.md §3.3): each refresh brings a new refresh token, and the old ones keep working. */
export class MicrosoftGrants {
  readonly #codes = new Map<string, MicrosoftCodeRequest & { expiresAt: number; used: boolean }>();
  readonly #access = new Map<string, Token>();
  readonly #refresh = new Map<string, Token>();
  readonly #revoked = new Set<string>();

  constructor(private readonly world: World) {}

  issueCode(request: MicrosoftCodeRequest): string {
    const code = `0.A${this.world.random.text('microsoft code', 400)}`;
    this.#codes.set(code, { ...request, expiresAt: this.#now() + CODE_SECONDS * 1000, used: false });
    return code;
  }

  redeem(code: string, redirectUri: string | undefined, verifier: string | undefined): MicrosoftTokenSet {
    const request = this.#codes.get(code);
    if (!request || request.expiresAt <= this.#now()) throw new Refusal('oauth.400.invalid_grant.malformed');
    if (request.used) throw new Refusal('oauth.400.invalid_grant.code_used');
    if (request.redirectUri !== redirectUri) throw new Refusal('oauth.400.invalid_grant.malformed');
    if (!matchesChallenge(verifier, request.challenge)) throw new Refusal('oauth.400.invalid_grant.pkce');
    request.used = true;
    return { ...this.issue(request.email, request.scopes), nonce: request.nonce };
  }

  refresh(refreshToken: string): MicrosoftTokenSet {
    const token = this.#refresh.get(refreshToken);
    if (this.#revoked.has(refreshToken)) throw new Refusal('oauth.400.invalid_grant.revoked');
    if (!token) throw new Refusal('oauth.400.invalid_grant.malformed');
    if (token.expiresAt <= this.#now()) throw new Refusal('oauth.400.invalid_grant.expired');
    return this.issue(token.email, token.scopes);
  }

  issue(email: string, scopes: string[]): MicrosoftTokenSet {
    const { random } = this.world;
    const accessToken = `eyJ0.${random.text('microsoft access', 1800)}`;
    // 60 to 90 minutes, as at Microsoft.
    const expiresInSeconds = 3600 + Math.floor(random.fraction('microsoft token life') * 1800);
    this.#access.set(accessToken, { email, scopes, expiresAt: this.#now() + expiresInSeconds * 1000 });
    if (!scopes.includes('offline_access')) return { email, scopes, accessToken, expiresInSeconds };
    const refreshToken = `0.A${random.text('microsoft refresh', 1200)}`;
    const expiresAt = this.#now() + REFRESH_TOKEN_DAYS * 86_400_000;
    this.#refresh.set(refreshToken, { email, scopes, expiresAt });
    return { email, scopes, accessToken, expiresInSeconds, refreshToken };
  }

  access(token: string | undefined): Token | undefined {
    const found = token === undefined ? undefined : this.#access.get(token);
    return found && found.expiresAt > this.#now() ? found : undefined;
  }

  /** Whose token or code this is or was, live or not: for the ledger. */
  ownerOf(token: string | undefined): string | undefined {
    if (token === undefined) return undefined;
    return (this.#access.get(token) ?? this.#refresh.get(token) ?? this.#codes.get(token))?.email;
  }

  /** As when an admin revokes all sign-ins of a user. Access tokens end too, as with continuous access evaluation. */
  revokeAccount(email: string): void {
    for (const [value, token] of this.#refresh) if (token.email === email) this.#revoked.add(value);
    this.expireAccessTokens(email);
  }

  expireAccessTokens(email?: string): void {
    for (const token of this.#access.values()) if (email === undefined || token.email === email) token.expiresAt = 0;
  }

  #now(): number {
    return this.world.now().getTime();
  }
}
