import {
  allowInsecureRequests,
  ClientSecretPost,
  Configuration,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
} from 'openid-client';
import type { CustomFetch, ServerMetadata } from 'openid-client';
import { LoginRefused } from './login-refused.js';

export interface OauthSettings {
  /** Metadata is at `${issuer}/.well-known/openid-configuration`. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  readonly scope: string;
  /** Lets sandboxes and tests be on http. Never in production. */
  readonly allowHttp?: boolean;
}

const TIMEOUT_SECONDS = 10;

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
      throw thrown instanceof LoginRefused ? thrown : new LoginRefused('unavailable');
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
    return plain(metadata);
  }
}

/** The helpers that the client hangs onto its metadata are functions, which a copy cannot hold. */
const plain = (metadata: ServerMetadata): ServerMetadata =>
  Object.fromEntries(Object.entries(metadata).filter(([, value]) => typeof value !== 'function')) as ServerMetadata;
