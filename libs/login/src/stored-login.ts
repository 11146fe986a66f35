import { Secret } from '#libs/encryption';
import { LOGINS } from '#libs/providers';
import type { LoginName } from '#libs/providers';

/** Whose account a login is. */
export interface LoginAccount {
  /** Stays the same for life: Google's `sub`; Microsoft's `tid.oid`. */
  readonly subject: string;
  readonly email: string;
  /** The school's domain as the provider vouches for it. */
  readonly domain?: string;
}

/** What a teacher's browser keeps of a login (R4): no access token, and nothing of it at rest anywhere else. */
export interface StoredLogin {
  readonly login: LoginName;
  readonly personId: string;
  readonly account: LoginAccount;
  readonly refreshToken: Secret;
  readonly connectedAt: Date;
  /** How often this login had been ended everywhere when it was made. */
  readonly epoch: number;
  /** Where the teacher allowed a limited time only. */
  readonly endsAt?: Date;
}

/** An access token and its end. Lives in memory only. */
export interface Grant {
  readonly accessToken: Secret;
  readonly expiresAt: Date;
}

const seconds = (date: Date) => Math.floor(date.getTime() / 1000);

/** The login in clear, for sealing and nothing else. */
export const packLogin = (login: StoredLogin): Record<string, unknown> => ({
  login: login.login,
  person: login.personId,
  subject: login.account.subject,
  email: login.account.email,
  domain: login.account.domain,
  token: login.refreshToken.reveal(),
  since: seconds(login.connectedAt),
  epoch: login.epoch,
  until: login.endsAt && seconds(login.endsAt),
});

/** Null for anything that `packLogin` does not write. */
export function unpackLogin(packed: Readonly<Record<string, unknown>>): StoredLogin | null {
  const { person, subject, email, domain, token, since, until, epoch } = packed;
  const login = LOGINS.find((one) => one === packed['login']);
  if (!login || typeof person !== 'string' || typeof subject !== 'string' || typeof email !== 'string') return null;
  if (typeof token !== 'string' || typeof since !== 'number') return null;
  return {
    login,
    personId: person,
    account: { subject, email, ...(typeof domain === 'string' ? { domain } : {}) },
    refreshToken: new Secret(token),
    connectedAt: new Date(since * 1000),
    epoch: typeof epoch === 'number' ? epoch : 0,
    ...(typeof until === 'number' ? { endsAt: new Date(until * 1000) } : {}),
  };
}
