import { Router } from 'express';
import { AutoConsent } from '../world/auto-consent.js';
import { makeSigningKey, type SigningKey } from '../world/signing-key.js';
import type { World } from '../world/world.js';
import { MicrosoftAccounts, type MicrosoftAccount } from './accounts.js';
import { graphApi } from './graph-api.js';
import { MicrosoftGrants } from './grants.js';
import { OnlineMeetings } from './online-meetings.js';
import { microsoftSignIn } from './sign-in.js';

const CLIENT_ID = '6f1c1f5e-0000-4000-8000-5a4d0b0c0de5';
const CLIENT_SECRET = 'sandbox~microsoft~secret';
const SCOPE = 'openid profile email offline_access https://graph.microsoft.com/OnlineMeetings.ReadWrite';

/** Microsoft as the tests hold it. An account is named by its address; its domain is its tenant. */
export class SandboxMicrosoft {
  readonly clientId = CLIENT_ID;
  readonly clientSecret = CLIENT_SECRET;
  readonly consent = new AutoConsent();
  readonly signIn: Router;
  readonly api: Router;
  readonly #redirectUris = new Set<string>();

  private constructor(
    private readonly world: World,
    private readonly accounts: MicrosoftAccounts,
    private readonly grants: MicrosoftGrants,
    key: SigningKey,
  ) {
    this.signIn = microsoftSignIn({
      world,
      accounts,
      grants,
      key,
      consent: this.consent,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      redirectUris: () => this.redirectUris(),
    });
    this.api = graphApi({ world, accounts, grants, meetings: new OnlineMeetings(world) });
  }

  static async start(world: World): Promise<SandboxMicrosoft> {
    const key = await makeSigningKey('RS256', 'microsoft-1');
    return new SandboxMicrosoft(world, new MicrosoftAccounts(world.random), new MicrosoftGrants(world), key);
  }

  /** The setting MICROSOFT_ISSUER; the metadata's issuer holds `{tenantid}` in place of `organizations`. */
  get issuer(): string {
    return `${this.world.url}/microsoft/organizations/v2.0`;
  }

  /** Without version. */
  get graphUrl(): string {
    return `${this.world.url}/graph`;
  }

  /** The account of the next automatic sign-in. */
  set nextAccount(email: string | undefined) {
    this.consent.nextAccount = email;
  }

  account(email: string, name?: string): MicrosoftAccount {
    return this.accounts.at(email, name);
  }

  /** Allows one more redirect_uri, beside the product's own. */
  registerRedirect(uri: string): void {
    this.#redirectUris.add(uri);
  }

  redirectUris(): string[] {
    const { appUrl } = this.world;
    return [...(appUrl === undefined ? [] : [`${appUrl}/login/microsoft/callback`]), ...this.#redirectUris];
  }

  /** A grant without a browser. */
  grant(options: { email: string; scope?: string }): { refreshToken: string; accessToken: string } {
    const { email } = this.accounts.at(options.email);
    const { accessToken, refreshToken = '' } = this.grants.issue(email, (options.scope ?? SCOPE).split(' '));
    return { accessToken, refreshToken };
  }

  /** As when an admin revokes the user's sign-ins: every token of the account is dead. */
  revokeGrant(email: string): void {
    this.grants.revokeAccount(this.accounts.at(email).email);
  }

  expireAccessTokens(email?: string): void {
    this.grants.expireAccessTokens(email === undefined ? undefined : this.accounts.at(email).email);
  }

  noLicence(email: string, missing = true): void {
    this.accounts.at(email).noLicence = missing;
  }

  /** For the tenant of this domain, such as `regenboog.example`; the adminconsent page gives it. */
  requireAdminConsent(domain: string, required = true): void {
    this.accounts.requireAdminConsent(this.accounts.tenantOf(domain), required);
  }
}
