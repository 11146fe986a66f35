import { LoginRefused } from './login-refused.js';
import type { OauthAnswer } from './oauth-answer.js';

const OURS = [
  'invalid_client',
  'invalid_scope',
  'invalid_request',
  'invalid_resource',
  'redirect_uri_mismatch',
  'unsupported_response_type',
  'unsupported_grant_type',
  'org_internal',
];
const CONSENT = ['consent_required', 'unauthorized_client', 'admin_policy_enforced'];
const DOWN = ['server_error', 'temporarily_unavailable'];
const ENDED = ['invalid_grant', 'interaction_required', 'login_required', 'consent_required', 'admin_policy_enforced'];
/** Microsoft: consent missing, admin must consent, admin must approve, app unknown in the tenant (providers.md §3.3). */
const CONSENT_NUMBERS = [65001, 90094, 90095, 700016, 700011];
/** Microsoft: a personal account where a school account is needed. */
const PERSONAL_NUMBERS = [500208, 50020];

/**
 * What a failed step of a login means (providers.md §1.3, §3.2, §3.3). Decided on OAuth's `error` and the HTTP status;
 * Microsoft's numbers only choose between refusals, since it says that they may change. Anything unknown is `unavailable`.
 */
export function loginMeaning(step: 'finish' | 'refresh', answer: OauthAnswer): LoginRefused {
  const { error = '', status = 0 } = answer;
  const numbered = (numbers: readonly number[]) => (answer.numbers ?? []).some((number) => numbers.includes(number));
  if (answer.from === 'network' || status === 429 || status >= 500 || DOWN.includes(error)) {
    // A limit is this account's alone; everything else keeps everybody from signing in.
    const away = status === 429 ? undefined : (answer.code ?? (status > 0 ? `HTTP_${status}` : error));
    return new LoginRefused('unavailable', answer.until, away);
  }
  // A token or callback that does not hold was made for another sign-in, or by somebody else.
  if (answer.from === 'client') return new LoginRefused(step === 'finish' ? 'state-mismatch' : 'unavailable');
  if (step === 'refresh') {
    if (ENDED.includes(error)) return new LoginRefused('login-ended');
    return new LoginRefused(
      OURS.includes(error) || status === 401 || CONSENT.includes(error) ? 'configuration' : 'unavailable',
    );
  }
  if (numbered(PERSONAL_NUMBERS)) return new LoginRefused('personal-account');
  if (CONSENT.includes(error) || numbered(CONSENT_NUMBERS)) return new LoginRefused('admin-consent-needed');
  if (error === 'access_denied') return new LoginRefused('declined');
  if (OURS.includes(error) || (answer.from === 'token' && status === 401)) return new LoginRefused('configuration');
  if (error === 'interaction_required' || error === 'login_required') return new LoginRefused('declined');
  // The code was used before, is too old, or belongs to another verifier.
  if (error === 'invalid_grant') return new LoginRefused('state-mismatch');
  return new LoginRefused('unavailable');
}
