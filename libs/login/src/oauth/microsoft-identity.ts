import { domainOf, text } from './identity-provider.js';
import type { IdentityProvider } from './identity-provider.js';
import { LoginRefused } from './login-refused.js';

/** The tenant that all personal Microsoft accounts are in (providers.md §3.1). */
const PERSONAL = '9188040d-6c67-4c5b-b112-36a304b66dad';

export const MICROSOFT_SCOPE =
  'openid profile email offline_access https://graph.microsoft.com/OnlineMeetings.ReadWrite';

/** Microsoft's side of a login (providers.md §3). */
export const microsoftIdentity: IdentityProvider = {
  login: 'microsoft',
  // With form_post the way back is a cross-site POST, on which our cookies would be missing.
  authorizeParameters: { prompt: 'select_account', response_mode: 'query' },
  namesScopeAtRefresh: true,

  // The metadata of `organizations` speaks for all tenants: its issuer is filled with the token's own, then compared exactly.
  issuerFor: (metadataIssuer, claims) => {
    if (!metadataIssuer.includes('{tenantid}')) return metadataIssuer;
    const tid = text(claims, 'tid');
    return tid && /^[A-Za-z0-9-]{1,64}$/.test(tid) ? metadataIssuer.replace('{tenantid}', tid) : null;
  },

  // Long or short form, in any case of letters; the openid ones may be left out.
  isGranted: (_requested, granted) =>
    granted.split(' ').some((scope) => /(^|\/)OnlineMeetings\.ReadWrite$/i.test(scope)),

  accountOf: (claims) => {
    const tid = text(claims, 'tid');
    if (tid?.toLowerCase() === PERSONAL) throw new LoginRefused('personal-account');
    const oid = text(claims, 'oid');
    if (!tid || !oid) throw new LoginRefused('unavailable');
    // `email` can be set by any tenant to anything; the sign-in name is within a domain that the tenant has proven.
    const name = text(claims, 'preferred_username');
    const email = name?.includes('@') ? name : text(claims, 'email');
    if (!email) throw new LoginRefused('email-not-verified');
    const domain = domainOf(name);
    return { subject: `${tid}.${oid}`, email, ...(domain ? { domain } : {}) };
  },

  domainsOf: (claims) => [domainOf(text(claims, 'preferred_username'))].filter((domain) => domain !== undefined),
};
