import type { Request } from 'express';
import { page, redirect, type Answer } from '../http/answer.js';
import { formOf, pathParameter, queryParameter } from '../http/request.js';
import { MessagePage } from '../pages/message.js';
import { AdminConsentPage, MicrosoftConsentPage } from '../pages/microsoft-consent.js';
import { toHtml } from '../pages/to-html.js';
import type { AutoConsent } from '../world/auto-consent.js';
import type { World } from '../world/world.js';
import type { MicrosoftAccounts } from './accounts.js';
import type { MicrosoftGrants } from './grants.js';

const PARAMETERS = [
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'prompt',
  'state',
  'login_hint',
  'domain_hint',
  'code_challenge',
  'code_challenge_method',
  'nonce',
  'sandbox_account',
] as const;
type Parameters = Partial<Record<(typeof PARAMETERS)[number], string>>;

export interface MicrosoftAuthorizeParts {
  world: World;
  accounts: MicrosoftAccounts;
  grants: MicrosoftGrants;
  consent: AutoConsent;
  clientId: string;
  redirectUris: () => string[];
}

/** The authorize page (providers.md §3.2). */
export const askMicrosoft =
  (parts: MicrosoftAuthorizeParts) =>
  (request: Request): Answer => {
    const asked = read((name) => queryParameter(request, name));
    const refusal = refuse(parts, asked, pathParameter(request, 'tenant'));
    if (refusal) return refusal;
    const { accounts, consent } = parts;
    const known = accounts.all().filter(({ personal }) => !personal);
    if (consent.on || asked.sandbox_account !== undefined) {
      const hints = { sandboxAccount: asked.sandbox_account, loginHint: asked.login_hint };
      return signIn(parts, asked, consent.accountFor(hints, known[0]?.email ?? 'teacher@regenboog.example'));
    }
    if (asked.prompt === 'none') return back(asked, { error: 'login_required' });
    return page(200, toHtml(<MicrosoftConsentPage accounts={known} loginHint={asked.login_hint} hidden={asked} />));
  };

export const decideMicrosoft =
  (parts: MicrosoftAuthorizeParts) =>
  (request: Request): Answer => {
    const form = formOf(request);
    const asked = read((name) => form[name]);
    const refusal = refuse(parts, asked, pathParameter(request, 'tenant'));
    if (refusal) return refusal;
    if (form.decision !== 'allow') {
      return back(asked, {
        error: 'access_denied',
        error_description: 'AADSTS65004: User declined to consent to access the app.',
      });
    }
    const email = form.other_account?.trim() || form.account;
    if (!email?.includes('@')) return problem('Choose an account', 'Go back and choose or type an address.');
    return signIn(parts, asked, email);
  };

const read = (value: (name: string) => string | undefined): Parameters =>
  Object.fromEntries(PARAMETERS.flatMap((name) => (value(name) === undefined ? [] : [[name, value(name)]])));

const refuse = (parts: MicrosoftAuthorizeParts, asked: Parameters, tenant: string): Answer | undefined => {
  if (tenant === 'consumers') return problem('AADSTS900144', 'Only work or school accounts here.');
  if (asked.client_id !== parts.clientId) return problem('AADSTS700016', 'Application was not found in the directory.');
  if (asked.redirect_uri === undefined || !parts.redirectUris().includes(asked.redirect_uri)) {
    return problem('AADSTS50011', `The redirect URI ${asked.redirect_uri ?? ''} does not match the registered ones.`);
  }
  if (asked.response_type !== 'code' || !asked.scope) {
    return back(asked, {
      error: 'invalid_request',
      error_description: 'AADSTS900144: response_type or scope is missing.',
    });
  }
  if (!asked.code_challenge || asked.code_challenge_method !== 'S256') {
    return back(asked, {
      error: 'invalid_request',
      error_description: 'AADSTS501491: PKCE with S256 is required here.',
    });
  }
  return undefined;
};

const problem = (title: string, text: string): Answer => page(400, toHtml(<MessagePage title={title} text={text} />));

const signIn = ({ accounts, grants }: MicrosoftAuthorizeParts, asked: Parameters, email: string): Answer => {
  const account = accounts.at(email);
  if (account.personal) {
    return problem(
      'AADSTS500208',
      'The domain is not a valid login domain for the account type. You can’t sign in here with a personal account. Use your work or school account instead.',
    );
  }
  if (accounts.awaitsAdminConsent(account.tid)) {
    return back(asked, {
      error: 'consent_required',
      error_description: 'AADSTS90094: The grant requires admin permission. Ask an admin to approve this application.',
    });
  }
  const code = grants.issueCode({
    email: account.email,
    scopes: (asked.scope ?? '').split(' ').filter(Boolean),
    redirectUri: asked.redirect_uri ?? '',
    challenge: asked.code_challenge ?? '',
    nonce: asked.nonce,
  });
  return back(asked, { code, session_state: account.oid });
};

const back = (asked: Parameters, answer: Record<string, string>): Answer => {
  const url = new URL(asked.redirect_uri ?? '');
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  if (asked.state !== undefined) url.searchParams.set('state', asked.state);
  return redirect(url.href);
};

/** GET and POST /{tenant}/v2.0/adminconsent (providers.md §3.4). The tenant is that of the admin's domain. */
export const adminConsent =
  ({ world, accounts, clientId }: MicrosoftAuthorizeParts) =>
  (request: Request): Answer => {
    const form = request.method === 'POST' ? formOf(request) : {};
    const asked = Object.fromEntries(
      ['client_id', 'scope', 'redirect_uri', 'state'].map((name) => [
        name,
        form[name] ?? queryParameter(request, name),
      ]),
    );
    if (asked.client_id !== clientId) return problem('AADSTS700016', 'Application was not found in the directory.');
    if (world.appUrl === undefined || !asked.redirect_uri?.startsWith(`${world.appUrl}/`)) {
      return problem('AADSTS50011', 'The redirect URI does not match the registered ones.');
    }
    if (request.method !== 'POST') {
      return page(200, toHtml(<AdminConsentPage domains={domainsOf(accounts)} hidden={asked} />));
    }
    const tenant = accounts.tenantOf(form.domain ?? '');
    const url = new URL(asked.redirect_uri);
    url.searchParams.set('admin_consent', 'True');
    if (asked.state !== undefined) url.searchParams.set('state', asked.state);
    if (form.decision === 'allow') {
      accounts.giveAdminConsent(tenant);
      url.searchParams.set('tenant', tenant);
      url.searchParams.set('scope', asked.scope ?? '');
    } else {
      url.searchParams.set('error', 'access_denied');
      url.searchParams.set('error_description', 'AADSTS65004: User declined to consent to access the app.');
    }
    return redirect(url.href);
  };

const domainsOf = (accounts: MicrosoftAccounts): string[] => [
  ...new Set(accounts.all().flatMap(({ email, personal }) => (personal ? [] : (email.split('@')[1] ?? [])))),
];
