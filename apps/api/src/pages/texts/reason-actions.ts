import type { ReasonAction, ReasonName } from '../view-models.js';

/** What mends a reason, whatever the language. */
export const REASON_ACTIONS: Readonly<Record<ReasonName, ReasonAction>> = {
  'no-login': 'connect',
  'other-account': 'connect',
  'login-ended': 'connect',
  'scope-missing': 'connect',
  'token-rejected': 'connect',
  'no-conferences': 'ask-admin',
  'no-licence': 'ask-admin',
  'blocked-by-admin': 'ask-admin',
  'rate-limit': 'wait',
  'account-quota': 'wait',
  'server-error': 'retry',
  network: 'retry',
  timeout: 'retry',
  'bad-url-host': 'ask-admin',
  'url-taken': 'retry',
  'conference-pending': 'wait',
  'conference-failed': 'wait',
  poison: 'retry',
  'place-not-found': 'retry',
  'owner-left': 'none',
  'bad-request': 'retry',
  configuration: 'ask-admin',
  'not-found': 'retry',
  'unknown-answer': 'retry',
};
