import type { LoginName } from '#libs/providers';
import type { LoginAccount } from '../stored-login.js';

/** Claims of an id_token, unchecked until said otherwise. */
export type Claims = Readonly<Record<string, unknown>>;

/** In what the two logins differ. All of it is pure. */
export interface IdentityProvider {
  readonly login: LoginName;
  /** Parameters of the authorize request beside those of every OAuth request. */
  readonly authorizeParameters: Readonly<Record<string, string>>;
  /** True where a refresh has to name its scope. */
  readonly namesScopeAtRefresh: boolean;
  /** The issuer that a token with these claims must come from, given the one in the metadata; null if there can be none. */
  issuerFor(metadataIssuer: string, claims: Claims): string | null;
  /** Is what we came for among the granted scopes? `granted` is the token response's `scope`. */
  isGranted(requested: string, granted: string): boolean;
  /** @throws LoginRefused where the account cannot be used. */
  accountOf(claims: Claims): LoginAccount;
  /** Domains that the provider vouches for, lower case. */
  domainsOf(claims: Claims): string[];
}

export const text = (claims: Claims, name: string): string | undefined => {
  const value = claims[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

export const domainOf = (address: string | undefined): string | undefined =>
  address?.includes('@') ? address.slice(address.lastIndexOf('@') + 1).toLowerCase() : undefined;
