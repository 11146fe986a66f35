import { timingSafeEqual } from 'node:crypto';
import { domainToASCII } from 'node:url';
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  refreshTokenGrant,
  ResponseBodyError,
  tokenRevocation,
} from 'openid-client';
import type { Configuration, TokenEndpointResponse } from 'openid-client';
import { Secret } from '#libs/encryption';
import { retryAfter, type LoginName } from '#libs/providers';
import type { Grant, StoredLogin } from '../stored-login.js';
import type { Claims, IdentityProvider } from './identity-provider.js';
import { loginMeaning } from './login-meaning.js';
import { LoginRefused } from './login-refused.js';
import type { LoginTransaction } from './login-transaction.js';
import { oauthAnswer } from './oauth-answer.js';
import { OauthClient } from './oauth-client.js';
import type { OauthSettings } from './oauth-client.js';
import { OneExchange } from './one-exchange.js';

type Tokens = TokenEndpointResponse & { claims(): Claims | undefined };

/**
 * Signs a teacher in at a provider and keeps the grant fresh: authorization code with PKCE, state and nonce. Every method
 * throws `LoginRefused` and nothing else. Stores nothing.
 */
export class LoginFlow {
  private readonly client: OauthClient;

  constructor(
    private readonly provider: IdentityProvider,
    private readonly settings: OauthSettings,
    private readonly now: () => Date = () => new Date(),
  ) {
    this.client = new OauthClient(settings);
  }

  get login(): LoginName {
    return this.provider.login;
  }

  /**
   * Where to send the browser, and what to seal into it until it comes back.
   * @param asked.state unguessable; a random one where it is absent
   */
  async start(asked: {
    personId: string;
    to: string;
    state?: string;
  }): Promise<{ url: URL; transaction: LoginTransaction }> {
    const configuration = await this.client.configuration();
    const transaction: LoginTransaction = {
      login: this.login,
      personId: asked.personId,
      to: asked.to,
      state: asked.state ?? randomState(),
      nonce: randomNonce(),
      verifier: new Secret(randomPKCECodeVerifier()),
    };
    const url = buildAuthorizationUrl(configuration, {
      redirect_uri: this.settings.redirectUri,
      scope: this.settings.scope,
      state: transaction.state,
      nonce: transaction.nonce,
      code_challenge: await calculatePKCECodeChallenge(transaction.verifier.reveal()),
      code_challenge_method: 'S256',
      ...this.provider.authorizeParameters,
    });
    return { url, transaction };
  }

  /**
   * Trades the code for a login.
   * @param back.transaction as the browser's sealed cookie had it; null where there was none.
   * @param back.accountDomains the school's domains; empty or absent takes any.
   */
  async finish(back: {
    callbackUrl: URL;
    transaction: LoginTransaction | null;
    personId: string;
    accountDomains?: readonly string[];
    /** How often this person ended this login everywhere. */
    epoch?: number;
  }): Promise<{ login: StoredLogin; grant: Grant; to: string }> {
    const { transaction, personId } = back;
    const state = back.callbackUrl.searchParams.get('state') ?? '';
    if (!transaction || transaction.login !== this.login || transaction.personId !== personId) {
      throw new LoginRefused('state-mismatch');
    }
    if (!same(state, transaction.state)) throw new LoginRefused('state-mismatch');
    const tokens = await this.exchange(back.callbackUrl, transaction);
    const claims = tokens.claims() ?? {};
    const account = this.provider.accountOf(claims);
    const allowed = (back.accountDomains ?? []).map(domainToASCII);
    const own = this.provider.domainsOf(claims).map(domainToASCII);
    if (allowed.length > 0 && !own.some((domain) => domain !== '' && allowed.includes(domain))) {
      throw new LoginRefused('other-domain');
    }
    // Left out, the granted scope is the one that was asked for (RFC 6749 §5.1).
    if (!this.provider.isGranted(this.settings.scope, tokens.scope ?? this.settings.scope) || !tokens.refresh_token) {
      throw new LoginRefused('scope-missing');
    }
    const login: StoredLogin = {
      login: this.login,
      personId,
      account,
      refreshToken: new Secret(tokens.refresh_token),
      connectedAt: this.now(),
      epoch: back.epoch ?? 0,
      ...this.endOf(tokens),
    };
    return { login, grant: this.grantOf(tokens), to: transaction.to };
  }

  /** A fresh access token. `login` holds the new refresh token where the provider gave one: write it back when `rotated`. */
  async refresh(stored: StoredLogin): Promise<{ grant: Grant; login: StoredLogin; rotated: boolean }> {
    if (stored.endsAt && stored.endsAt <= this.now()) throw new LoginRefused('login-ended');
    const parameters: Record<string, string> = this.provider.namesScopeAtRefresh ? { scope: this.settings.scope } : {};
    const tokens = await this.believing('refresh', (configuration) =>
      refreshTokenGrant(configuration, stored.refreshToken.reveal(), parameters),
    );
    const claims = tokens.claims();
    // A grant that now speaks for somebody else is not this login any more.
    if (claims && !this.isOf(claims, stored)) throw new LoginRefused('login-ended');
    const fresh = tokens.refresh_token;
    const rotated = fresh !== undefined && fresh !== stored.refreshToken.reveal();
    const login = { ...stored, ...(rotated ? { refreshToken: new Secret(fresh) } : {}), ...this.endOf(tokens) };
    return { grant: this.grantOf(tokens), login, rotated };
  }

  /** Ends the grant at the provider, in all of the person's browsers. Microsoft has no way to (providers.md §3.1). */
  async revoke(stored: StoredLogin): Promise<'revoked' | 'not-possible'> {
    const metadata = await this.client.metadata();
    if (!metadata.revocation_endpoint) return 'not-possible';
    const configuration = await this.client.configuration();
    try {
      // As a form body: Google's own client would put the token into the address (providers.md §1.3).
      await tokenRevocation(configuration, stored.refreshToken.reveal());
    } catch (thrown) {
      const over = thrown instanceof ResponseBodyError && ['invalid_token', 'invalid_grant'].includes(thrown.error);
      if (!over) throw loginMeaning('refresh', oauthAnswer(thrown));
    }
    return 'revoked';
  }

  private exchange(callbackUrl: URL, transaction: LoginTransaction): Promise<Tokens> {
    // Our own address as registered, whatever a proxy made of it on the way in.
    const current = new URL(this.settings.redirectUri);
    current.search = callbackUrl.search;
    return this.believing('finish', (configuration, metadataIssuer) => {
      // RFC 9207: the callback names the issuer as the metadata does. That was compared before the code was traded; the
      // second look is at the id_token's spelling only.
      if (current.searchParams.get('iss') === metadataIssuer)
        current.searchParams.set('iss', configuration.serverMetadata().issuer);
      return authorizationCodeGrant(configuration, current, {
        expectedState: transaction.state,
        expectedNonce: transaction.nonce,
        pkceCodeVerifier: transaction.verifier.reveal(),
        idTokenExpected: true,
      });
    });
  }

  /**
   * Trades once, and checks the id_token against the issuer that this account must have: first the one in the metadata,
   * then, where the provider's rule names another for these claims, that one. Whatever openid-client throws ends here.
   */
  private async believing(
    step: 'finish' | 'refresh',
    trade: (configuration: Configuration, metadataIssuer: string) => Promise<Tokens>,
  ): Promise<Tokens> {
    const metadata = await this.client.metadata();
    const exchange = new OneExchange(metadata.token_endpoint ?? '');
    const issuerOf = (claims: Claims) => this.provider.issuerFor(metadata.issuer, claims);
    try {
      const first = await this.client.configuration(undefined, exchange.fetch);
      const tokens = await trade(first, metadata.issuer).catch(async (thrown) => {
        const issuer = exchange.claims && issuerOf(exchange.claims);
        if (!(thrown instanceof ClientError) || !issuer || issuer === metadata.issuer) throw thrown;
        return trade(await this.client.configuration(issuer, exchange.fetch), metadata.issuer);
      });
      const claims = tokens.claims();
      // `{tenantid}` itself is nobody's issuer, though the first check would take it.
      if (claims && claims['iss'] !== issuerOf(claims)) throw loginMeaning(step, { from: 'client' });
      return tokens;
    } catch (thrown) {
      if (thrown instanceof LoginRefused) throw thrown;
      const answer = oauthAnswer(thrown, exchange.answer);
      throw loginMeaning(step, { ...answer, until: retryAfter(exchange.retryAfter, this.now()) });
    }
  }

  private isOf(claims: Claims, stored: StoredLogin): boolean {
    const { tid, oid, sub } = claims;
    const [tenant, object] = stored.account.subject.split('.');
    if (this.login === 'google') return sub === stored.account.subject;
    // Microsoft leaves `oid` out of some refreshed tokens; the tenant is always there.
    return tid === tenant && (oid === undefined || oid === object);
  }

  private grantOf(tokens: Tokens): Grant {
    return { accessToken: new Secret(tokens.access_token), expiresAt: this.after(tokens.expires_in ?? 0) };
  }

  /** Google, where the teacher allowed a limited time only (providers.md §1.3). */
  private endOf(tokens: Tokens): { endsAt?: Date } {
    const seconds = Number(tokens['refresh_token_expires_in']);
    return seconds > 0 ? { endsAt: this.after(seconds) } : {};
  }

  /** No provider promises more than years; beyond that a Date would be none. */
  private after(seconds: number): Date {
    return new Date(this.now().getTime() + Math.min(seconds, YEARS_S) * 1000);
  }
}

const YEARS_S = 10 * 365 * 86_400;

const same = (given: string, expected: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
};
