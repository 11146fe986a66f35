import { commonMeaning, detailsOf, rateLimited, unknownAnswer } from '../provider-answer.js';
import type { Asked, ProviderAnswer } from '../provider-answer.js';
import { ProviderError } from '../provider-error.js';

/**
 * What a failed call to Microsoft Graph means (providers.md §4.7, §4.8). Decided on status and `error.code` only;
 * Microsoft says itself that the message is not for reading.
 */
export function graphMeaning(answer: ProviderAnswer, asked: Asked): ProviderError {
  const says = (...words: string[]) => answer.codes.some((code) => words.includes(code));
  const details = detailsOf(answer);
  if (answer.status === 429) return rateLimited(answer, asked);
  // A personal Microsoft account cannot make meetings at all; seen without a stated status.
  if (says('AuthenticationError')) return new ProviderError('refused', 'no-conferences', details);
  const common = commonMeaning(answer, asked);
  if (common) return common;
  if (answer.status === 400) return new ProviderError('refused', 'bad-request', details);
  if (answer.status === 403) {
    // Guests, accounts without a Teams licence or a policy that allows meetings: a bare `Forbidden`.
    if (says('Forbidden')) return new ProviderError('refused', 'no-licence', details);
    if (says('insufficient_claims')) return new ProviderError('login-required', 'token-rejected', details);
    if (says('Authorization_RequestDenied')) return new ProviderError('login-required', 'scope-missing', details);
    if (says('AccessDenied', 'accessDenied')) return new ProviderError('refused', 'blocked-by-admin', details);
  }
  return unknownAnswer(answer, asked);
}
