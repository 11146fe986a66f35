import { accountQuota, commonMeaning, detailsOf, rateLimited, unknownAnswer } from '../provider-answer.js';
import type { Asked, ProviderAnswer } from '../provider-answer.js';
import { ProviderError } from '../provider-error.js';

const RATE = ['userRateLimitExceeded', 'rateLimitExceeded', 'RATE_LIMIT_EXCEEDED'];
const QUOTA = ['quotaExceeded', 'dailyLimitExceeded'];
const SCOPE = ['insufficientPermissions', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT'];
const OUR_PROJECT = ['accessNotConfigured', 'SERVICE_DISABLED'];

/**
 * What a failed call to Google Calendar means (providers.md §2.5). Decided on status, `reason` and `location` only.
 *
 * Google gives "Invalid conference type value." no reason of its own, only the general `invalid`. Its text is not read:
 * a 400 whose reason or location names the conference is an account without Meet, every other 400 is our own mistake.
 * `openPlace` asks for the allowed conference types beforehand, so a meeting seldom gets as far as that.
 */
export function googleMeaning(answer: ProviderAnswer, asked: Asked): ProviderError {
  const says = (words: readonly string[]) => answer.codes.some((code) => words.includes(code));
  const details = detailsOf(answer);
  if ((answer.status === 403 || answer.status === 429) && says(QUOTA)) return accountQuota(answer, asked);
  if (answer.status === 429 || (answer.status === 403 && says(RATE))) return rateLimited(answer, asked);
  const common = commonMeaning(answer, asked);
  if (common) return common;
  if (answer.status === 400) {
    const aboutConference = answer.codes.some((code) => /conference/i.test(code));
    return new ProviderError('refused', aboutConference ? 'no-conferences' : 'bad-request', details);
  }
  if (answer.status === 403) {
    if (says(SCOPE)) return new ProviderError('login-required', 'scope-missing', details);
    if (says(OUR_PROJECT)) return new ProviderError('refused', 'configuration', details);
    if (says(['forbiddenForNonOrganizer'])) return new ProviderError('refused', 'bad-request', details);
    if (says(['forbidden'])) return new ProviderError('refused', 'blocked-by-admin', details);
  }
  return unknownAnswer(answer, asked);
}
