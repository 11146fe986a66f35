import type { Request } from 'express';
import { page, redirect, type Answer } from '../http/answer.js';
import { formOf, formValues, queryParameter } from '../http/request.js';
import { GoogleConsentPage } from '../pages/google-consent.js';
import { MessagePage } from '../pages/message.js';
import { toHtml } from '../pages/to-html.js';
import type { AutoConsent } from '../world/auto-consent.js';
import type { World } from '../world/world.js';
import type { GoogleAccounts } from './accounts.js';
import type { GoogleGrants } from './grants.js';
import { isSignInScope, longForm } from './scopes.js';

const PARAMETERS = [
  'client_id',
  'redirect_uri',
  'response_type',
  'scope',
  'access_type',
  'prompt',
  'state',
  'login_hint',
  'code_challenge',
  'code_challenge_method',
  'nonce',
  'hd',
  'sandbox_account',
] as const;
type Parameters = Partial<Record<(typeof PARAMETERS)[number], string>>;

export interface AuthorizeParts {
  world: World;
  accounts: GoogleAccounts;
  grants: GoogleGrants;
  consent: AutoConsent;
  clientId: string;
  redirectUris: () => string[];
}

/** The authorize page (providers.md §1.2): asks who and what, then goes back with a code or `access_denied`. */
export const askForConsent =
  (parts: AuthorizeParts) =>
  (request: Request): Answer => {
    const asked = read((name) => queryParameter(request, name));
    const refusal = refuse(parts, asked);
    if (refusal) return refusal;
    const { accounts, grants, consent } = parts;
    const fallback = accounts.all()[0]?.email ?? 'teacher@regenboog.example';
    if (asked.prompt === 'none') {
      const account = accounts.at(asked.login_hint ?? fallback);
      return grants.hasGrant(account.email)
        ? back(parts, asked, account.email, scopesOf(asked))
        : redirect(callback(asked, { error: 'interaction_required' }));
    }
    if (consent.on || asked.sandbox_account !== undefined) {
      const email = consent.accountFor(
        { sandboxAccount: asked.sandbox_account, loginHint: asked.login_hint },
        fallback,
      );
      return back(parts, asked, accounts.at(email).email, scopesOf(asked));
    }
    return page(
      200,
      toHtml(
        <GoogleConsentPage
          accounts={accounts.all()}
          loginHint={asked.login_hint}
          scopes={scopesOf(asked).filter((scope) => !isSignInScope(scope))}
          hidden={asked}
        />,
      ),
    );
  };

/** The consent form: the same parameters, the chosen account and the ticked scopes. */
export const decideConsent =
  (parts: AuthorizeParts) =>
  (request: Request): Answer => {
    const form = formOf(request);
    const asked = read((name) => form[name]);
    const refusal = refuse(parts, asked);
    if (refusal) return refusal;
    if (form.decision !== 'allow') return redirect(callback(asked, { error: 'access_denied' }));
    const email = form.other_account?.trim() || form.account;
    if (!email?.includes('@')) return problem('Choose an account', 'Go back and choose or type an address.');
    const ticked = formValues(request, 'granted_scope');
    const scopes = scopesOf(asked).filter((scope) => isSignInScope(scope) || ticked.includes(scope));
    return back(parts, asked, parts.accounts.at(email).email, scopes);
  };

const read = (value: (name: string) => string | undefined): Parameters =>
  Object.fromEntries(PARAMETERS.flatMap((name) => (value(name) === undefined ? [] : [[name, value(name)]])));

const scopesOf = (asked: Parameters): string[] => (asked.scope ?? '').split(' ').filter(Boolean);

/** These errors stay on Google's page; the application never hears of them. */
const refuse = ({ clientId, redirectUris }: AuthorizeParts, asked: Parameters): Answer | undefined => {
  if (asked.client_id !== clientId) return problem('Error 401: invalid_client', 'The OAuth client was not found.');
  if (asked.redirect_uri === undefined || !redirectUris().includes(asked.redirect_uri)) {
    return problem('Error 400: redirect_uri_mismatch', `Not registered: ${asked.redirect_uri ?? 'none'}`);
  }
  if (asked.response_type !== 'code') return problem('Error 400: invalid_request', 'response_type must be code.');
  if (scopesOf(asked).length === 0) return problem('Error 400: invalid_request', 'Missing required parameter: scope');
  if (asked.code_challenge === undefined || asked.code_challenge_method !== 'S256') {
    return problem('Error 400: invalid_request', 'PKCE with code_challenge_method=S256 is required here.');
  }
  return undefined;
};

const problem = (title: string, text: string): Answer =>
  page(400, toHtml(<MessagePage title={title} text={`Access blocked. ${text}`} />));

const back = ({ grants }: AuthorizeParts, asked: Parameters, email: string, scopes: string[]): Answer => {
  const code = grants.issueCode({
    email,
    scopes,
    redirectUri: asked.redirect_uri ?? '',
    challenge: asked.code_challenge ?? '',
    nonce: asked.nonce,
    offline: asked.access_type === 'offline',
    consent: (asked.prompt ?? '').split(' ').includes('consent'),
  });
  return redirect(callback(asked, { code, scope: scopes.map(longForm).join(' '), authuser: '0' }));
};

const callback = (asked: Parameters, answer: Record<string, string>): string => {
  const url = new URL(asked.redirect_uri ?? '');
  if (asked.state !== undefined) url.searchParams.set('state', asked.state);
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  return url.href;
};
