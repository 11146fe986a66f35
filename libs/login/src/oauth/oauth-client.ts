import {
  allowInsecureRequests,
  ClientSecretPost,
  Configuration,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
} from 'openid-client';
import type { CustomFetch, ServerMetadata } from 'openid-client';
import { isAllowedHost } from '#libs/platform';
import { LoginRefused } from './login-refused.js';
import { oauthAnswer } from './oauth-answer.js';

export interface OauthSettings {
  /** Metadata is at `${issuer}/.well-known/openid-configuration`. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  readonly scope: string;
  /** Hosts that the provider's metadata may name (R11); null or absent: any. */
  readonly allowedHosts?: readonly string[] | null;
  /** Lets sandboxes and tests be on http. Never in production. */
  readonly allowHttp?: boolean;
}

const TIMEOUT_SECONDS = 10;

/** All of the metadata that we use. */
const ENDPOINTS = ['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'revocation_endpoint'] as const;

/**
 * The provider's metadata, fetched at first need and kept; a failure is not kept. Signatures of id_tokens are always
 * checked, though the token came straight from the provider.
 */
export class OauthClient {
  private found: Promise<ServerMetadata> | null = null;

  constructor(private readonly settings: OauthSettings) {}

  /** @throws LoginRefused unavailable where the metadata cannot be had, configuration where it is another issuer's. */
  metadata(): Promise<ServerMetadata> {
    this.found ??= this.discover().catch((thrown: unknown) => {
      this.found = null;
      if (thrown instanceof LoginRefused) throw thrown;
      throw new LoginRefused('unavailable', undefined, oauthAnswer(thrown).code ?? 'NO_ANSWER');
    });
    return this.found;
  }

  /** A client that believes this issuer only; by default the one in the metadata. */
  async configuration(issuer?: string, through?: CustomFetch): Promise<Configuration> {
    const metadata = await this.metadata();
    const { clientId, clientSecret } = this.settings;
    const server = { ...metadata, issuer: issuer ?? metadata.issuer };
    const configuration = new Configuration(server, clientId, {}, ClientSecretPost(clientSecret));
    configuration.timeout = TIMEOUT_SECONDS;
    if (through) configuration[customFetch] = through;
    if (this.settings.allowHttp) allowInsecureRequests(configuration);
    enableNonRepudiationChecks(configuration);
    return configuration;
  }

  /** What the metadata names is called with our secret, or the teacher is sent there: nowhere else than was allowed (R10, R11). */
  private checkEndpoints(metadata: ServerMetadata): void {
    const { allowedHosts, allowHttp } = this.settings;
    for (const name of ENDPOINTS) {
      const endpoint = metadata[name];
      if (endpoint === undefined) continue;
      if (typeof endpoint !== 'string' || !URL.canParse(endpoint)) throw new LoginRefused('configuration');
      const { protocol, hostname } = new URL(endpoint);
      const isPlain = protocol !== 'https:' && !(allowHttp && protocol === 'http:');
      if (isPlain || (allowedHosts && !isAllowedHost(allowedHosts, hostname))) throw new LoginRefused('configuration');
    }
  }

  private async discover(): Promise<ServerMetadata> {
    const issuer = this.settings.issuer.replace(/\/+$/, '');
    // By the metadata's own address, because the client compares the issuer and knows Microsoft's `{tenantid}` on one host only.
    const found = await discovery(
      new URL(`${issuer}/.well-known/openid-configuration`),
      this.settings.clientId,
      {},
      ClientSecretPost(this.settings.clientSecret),
      { timeout: TIMEOUT_SECONDS, execute: this.settings.allowHttp ? [allowInsecureRequests] : [] },
    );
    const metadata = { ...found.serverMetadata() };
    const named = metadata.issuer.replace(/\/+$/, '');
    if (named !== issuer && !named.includes('{tenantid}')) throw new LoginRefused('configuration');
    this.checkEndpoints(metadata);
    return plain(metadata);
  }
}

/** The helpers that the client hangs onto its metadata are functions, which a copy cannot hold. */
const plain = (metadata: ServerMetadata): ServerMetadata =>
  Object.fromEntries(Object.entries(metadata).filter(([, value]) => typeof value !== 'function')) as ServerMetadata;
