import { isObject, part } from '../answer-parts.js';
import { headOf } from '../provider-answer.js';
import type { ProviderAnswer } from '../provider-answer.js';

interface GoogleFault {
  reason?: unknown;
  location?: unknown;
}

const faults = (value: unknown): GoogleFault[] => (Array.isArray(value) ? value.filter(isObject) : []);

/**
 * Takes status, reasons, locations and Retry-After out of what the client threw, and nothing else: the error itself
 * holds the request body, and printing it would show it (providers.md §5.2). Told by shape, because several copies of
 * gaxios may be installed and `instanceof` fails between them.
 * @param answered what came over the wire: the client loses an answer whose body it stumbles over
 */
export function googleAnswer(thrown: unknown, answered: Response | null = null): ProviderAnswer {
  const response = part(thrown, 'response');
  if (!isObject(response) || typeof response['status'] !== 'number') return headOf(answered);
  const error = part(response, 'data', 'error');
  const codes = [...faults(part(error, 'errors')), ...faults(part(error, 'details'))]
    .flatMap(({ reason, location }) => [reason, location])
    .filter((code) => typeof code === 'string');
  const headers = response['headers'];
  return {
    status: response['status'],
    codes,
    retryAfter: headers instanceof Headers ? headers.get('retry-after') : null,
  };
}
