import { domainOf, text } from './identity-provider.js';
import type { IdentityProvider } from './identity-provider.js';
import { LoginRefused } from './login-refused.js';

const GOOGLE = 'https://accounts.google.com';

/** Google's side of a login (providers.md §1). */
export const googleIdentity: IdentityProvider = {
  login: 'google',
  // `include_granted_scopes` stays out: it can widen our token. `consent` is what makes Google give a refresh token again.
  authorizeParameters: { access_type: 'offline', prompt: 'consent select_account' },
  namesScopeAtRefresh: false,

  // The real Google may leave the scheme out, and nobody else may.
  issuerFor: (metadataIssuer, claims) =>
    metadataIssuer === GOOGLE && claims['iss'] === 'accounts.google.com' ? 'accounts.google.com' : metadataIssuer,

  // `openid` and `email` come back in long or short form; what a teacher can untick is the calendar.
  isGranted: (requested, granted) => {
    const given = granted.split(' ');
    return requested
      .split(' ')
      .filter((scope) => scope.includes('://'))
      .every((scope) => given.includes(scope));
  },

  accountOf: (claims) => {
    const email = text(claims, 'email');
    const subject = text(claims, 'sub');
    if (!email || !subject || claims['email_verified'] !== true) throw new LoginRefused('email-not-verified');
    const domain = text(claims, 'hd');
    return { subject, email, ...(domain ? { domain } : {}) };
  },

  // A Workspace may have several domains: `hd` is its first, the verified address says which one this is.
  domainsOf: (claims) =>
    [text(claims, 'hd')?.toLowerCase(), domainOf(text(claims, 'email'))].filter((domain) => domain !== undefined),
};
