import { isObject } from '../answer-parts.js';
import { headOf } from '../provider-answer.js';
import type { ProviderAnswer } from '../provider-answer.js';

/**
 * Takes status, code, Retry-After and request id out of what the Graph client threw, and nothing else. The client says
 * status -1 where no answer came (providers.md §5.3).
 * @param answered what came over the wire: the client loses an answer whose body it stumbles over
 */
export function graphAnswer(thrown: unknown, answered: Response | null = null): ProviderAnswer {
  const error = isObject(thrown) ? thrown : {};
  const status = typeof error['statusCode'] === 'number' && error['statusCode'] > 0 ? error['statusCode'] : null;
  if (status === null) return headOf(answered);
  const headers = error['headers'] instanceof Headers ? error['headers'] : null;
  const requestId = headers?.get('request-id') ?? error['requestId'];
  return {
    status,
    codes: typeof error['code'] === 'string' ? [error['code']] : [],
    retryAfter: headers?.get('retry-after') ?? null,
    // A request id is the provider's own random number. Anything longer is something else and is left out.
    ...(typeof requestId === 'string' && /^[\w-]{1,64}$/.test(requestId) ? { requestId } : {}),
  };
}
