import { Router } from 'express';
import { AutoConsent } from '../world/auto-consent.js';
import { makeSigningKey } from '../world/signing-key.js';
import type { World } from '../world/world.js';
import { GoogleAccounts, type GoogleAccount } from './accounts.js';
import { googleCalendarApi } from './calendar-api.js';
import { GoogleCalendars } from './calendars.js';
import { GoogleEvents } from './events.js';
import { GoogleGrants } from './grants.js';
import { RateLimit } from './rate-limit.js';
import { APP_CREATED } from './scopes.js';
import { googleSignIn } from './sign-in.js';

const CLIENT_ID = 'sandbox.apps.googleusercontent.com';
const CLIENT_SECRET = 'GOCSPX-sandbox-secret';

/** Google as the tests hold it. An account is named by its address; any address is an account. */
export class SandboxGoogle {
  readonly clientId = CLIENT_ID;
  readonly clientSecret = CLIENT_SECRET;
  readonly consent: AutoConsent;
  readonly signIn: Router;
  readonly api: Router;
  readonly #redirectUris = new Set<string>();

  private constructor(
    private readonly world: World,
    private readonly accounts: GoogleAccounts,
    private readonly grants: GoogleGrants,
    private readonly limit: RateLimit,
    key: Awaited<ReturnType<typeof makeSigningKey>>,
  ) {
    this.consent = new AutoConsent();
    const calendars = new GoogleCalendars(world, accounts);
    this.signIn = googleSignIn({
      world,
      accounts,
      grants,
      key,
      consent: this.consent,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      issuer: () => this.issuer,
      redirectUris: () => this.redirectUris(),
    });
    const events = new GoogleEvents(world, calendars);
    this.api = googleCalendarApi({ world, accounts, grants, calendars, events, limit });
  }

  static async start(world: World): Promise<SandboxGoogle> {
    const accounts = new GoogleAccounts(world.random);
    const key = await makeSigningKey('RS256', 'google-1');
    return new SandboxGoogle(world, accounts, new GoogleGrants(world), new RateLimit(world.now), key);
  }

  get issuer(): string {
    return `${this.world.url}/google`;
  }

  /** The address before `/calendar/v3`, without a slash at the end: an origin, for the client drops any path. */
  get apiUrl(): string {
    return this.world.url;
  }

  /** The account of the next automatic sign-in. */
  set nextAccount(email: string | undefined) {
    this.consent.nextAccount = email;
  }

  account(email: string, name?: string): GoogleAccount {
    return this.accounts.at(email, name);
  }

  /** Allows one more redirect_uri, beside the product's own. */
  registerRedirect(uri: string): void {
    this.#redirectUris.add(uri);
  }

  redirectUris(): string[] {
    const { appUrl } = this.world;
    return [...(appUrl === undefined ? [] : [`${appUrl}/login/google/callback`]), ...this.#redirectUris];
  }

  /** A grant without a browser. Scopes: `openid email` and calendar.app.created unless named. */
  grant(options: { email: string; scope?: string }): { refreshToken: string; accessToken: string } {
    const { email } = this.accounts.at(options.email);
    const scopes = (options.scope ?? `openid email ${APP_CREATED}`).split(' ').filter(Boolean);
    const { refreshToken, accessToken } = this.grants.grant(email, scopes);
    return { refreshToken, accessToken };
  }

  /** As when the person removes the app in the account settings: every token of the account is dead. */
  revokeGrant(email: string): void {
    this.grants.revokeAccount(this.accounts.at(email).email);
  }

  expireAccessTokens(email?: string): void {
    this.grants.expireAccessTokens(email === undefined ? undefined : this.accounts.at(email).email);
  }

  /** Grants that end after so long: `refresh_token_expires_in`. Null: they do not end. */
  limitGrants(seconds: number | null): void {
    this.grants.refreshTokenSeconds = seconds;
  }

  /** New conferences of the account are pending for so many reads. */
  pendingReads(email: string, reads: number): void {
    this.accounts.at(email).pendingReads = reads;
  }

  conferenceFailure(email: string, fails = true): void {
    this.accounts.at(email).conferenceFailure = fails;
  }

  meetDisabled(email: string, disabled = true): void {
    this.accounts.at(email).meetDisabled = disabled;
  }

  /** Requests per user and minute, 600 at the start; null: no limit. */
  limitRequests(perMinute: number | null): void {
    this.limit.perMinute = perMinute;
  }
}
