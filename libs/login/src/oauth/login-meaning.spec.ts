import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { loginMeaning } from './login-meaning.js';
import type { LoginRefusal } from './login-refused.js';
import { oauthAnswer } from './oauth-answer.js';
import type { OauthAnswer } from './oauth-answer.js';

const finish: [OauthAnswer, LoginRefusal][] = [
  [{ from: 'callback', error: 'access_denied' }, 'declined'],
  [{ from: 'callback', error: 'access_denied', numbers: [65004] }, 'declined'],
  [{ from: 'callback', error: 'access_denied', numbers: [90094] }, 'admin-consent-needed'],
  [{ from: 'callback', error: 'consent_required' }, 'admin-consent-needed'],
  [{ from: 'callback', error: 'unauthorized_client' }, 'admin-consent-needed'],
  [{ from: 'callback', error: 'admin_policy_enforced' }, 'admin-consent-needed'],
  [{ from: 'callback', error: 'interaction_required' }, 'declined'],
  [{ from: 'callback', error: 'login_required' }, 'declined'],
  [{ from: 'callback', error: 'invalid_scope' }, 'configuration'],
  [{ from: 'callback', error: 'invalid_request' }, 'configuration'],
  [{ from: 'callback', error: 'invalid_request', numbers: [500208] }, 'personal-account'],
  [{ from: 'callback', error: 'org_internal' }, 'configuration'],
  [{ from: 'callback', error: 'server_error' }, 'unavailable'],
  [{ from: 'callback', error: 'temporarily_unavailable' }, 'unavailable'],
  [{ from: 'callback', error: 'something_new' }, 'unavailable'],
  [{ from: 'token', status: 400, error: 'invalid_grant' }, 'state-mismatch'],
  [{ from: 'token', status: 400, error: 'invalid_grant', numbers: [65001] }, 'admin-consent-needed'],
  [{ from: 'token', status: 401, error: 'invalid_client' }, 'configuration'],
  [{ from: 'token', status: 401 }, 'configuration'],
  [{ from: 'token', status: 400, error: 'redirect_uri_mismatch' }, 'configuration'],
  [{ from: 'token', status: 429, error: 'invalid_grant' }, 'unavailable'],
  [{ from: 'token', status: 503, error: 'invalid_client' }, 'unavailable'],
  [{ from: 'network', status: 500 }, 'unavailable'],
  [{ from: 'network' }, 'unavailable'],
  [{ from: 'client' }, 'state-mismatch'],
];
const refresh: [OauthAnswer, LoginRefusal][] = [
  [{ from: 'token', status: 400, error: 'invalid_grant' }, 'login-ended'],
  [{ from: 'token', status: 400, error: 'interaction_required' }, 'login-ended'],
  [{ from: 'token', status: 400, error: 'login_required' }, 'login-ended'],
  [{ from: 'token', status: 400, error: 'consent_required' }, 'login-ended'],
  [{ from: 'token', status: 400, error: 'admin_policy_enforced' }, 'login-ended'],
  [{ from: 'token', status: 401, error: 'invalid_client' }, 'configuration'],
  [{ from: 'token', status: 400, error: 'unauthorized_client' }, 'configuration'],
  [{ from: 'token', status: 400, error: 'invalid_scope' }, 'configuration'],
  [{ from: 'token', status: 401 }, 'configuration'],
  [{ from: 'token', status: 429, error: 'invalid_grant' }, 'unavailable'],
  [{ from: 'token', status: 503, error: 'temporarily_unavailable' }, 'unavailable'],
  [{ from: 'network' }, 'unavailable'],
  [{ from: 'client' }, 'unavailable'],
  [{ from: 'token', status: 400, error: 'something_new' }, 'unavailable'],
];

describe('P1 why a login failed, in our words', () => {
  it.each(finish)('signing in: %j is %s', (answer, reason) =>
    expect(loginMeaning('finish', answer).reason).toBe(reason),
  );
  it.each(refresh)('refreshing: %j is %s', (answer, reason) =>
    expect(loginMeaning('refresh', answer).reason).toBe(reason),
  );

  it('takes anything that is thrown, and nothing of it along', () => {
    fc.assert(fc.property(fc.anything(), (thrown) => expect(oauthAnswer(thrown).from).toBe('network')));
    const error = loginMeaning('refresh', oauthAnswer(new Error('planted-token', { cause: 'planted-token' })));
    expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)).not.toContain('planted');
  });
});
