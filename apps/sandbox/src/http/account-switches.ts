import type { SandboxParts } from './sandbox-parts.js';

type Switch = (email: string, body: Record<string, unknown>) => object | void;

/** What can be done to one account over HTTP, as `provider.change`; the body's `on: false` takes it back. */
export const accountSwitches = ({ google, microsoft }: SandboxParts): Partial<Record<string, Switch>> => ({
  'google.grant': (email, { scope }) => google.grant({ email, scope: typeof scope === 'string' ? scope : undefined }),
  'google.revoke-grant': (email) => google.revokeGrant(email),
  'google.expire-access-tokens': (email) => google.expireAccessTokens(email),
  'google.pending-reads': (email, { reads }) => google.pendingReads(email, Number(reads ?? 0)),
  'google.conference-failure': (email, { on }) => google.conferenceFailure(email, on !== false),
  'google.meet-disabled': (email, { on }) => google.meetDisabled(email, on !== false),
  'microsoft.grant': (email, { scope }) =>
    microsoft.grant({ email, scope: typeof scope === 'string' ? scope : undefined }),
  'microsoft.revoke-grant': (email) => microsoft.revokeGrant(email),
  'microsoft.expire-access-tokens': (email) => microsoft.expireAccessTokens(email),
  'microsoft.no-licence': (email, { on }) => microsoft.noLicence(email, on !== false),
  'microsoft.require-admin-consent': (email, { on }) =>
    microsoft.requireAdminConsent(email.split('@').at(-1) ?? '', on !== false),
});
