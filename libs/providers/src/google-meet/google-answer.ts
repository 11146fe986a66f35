import type { ProviderAnswer } from '../provider-answer.js';

interface GoogleFault {
  reason?: unknown;
  location?: unknown;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const faults = (value: unknown): GoogleFault[] => (Array.isArray(value) ? value.filter(isObject) : []);

/**
 * Takes status, reasons, locations and Retry-After out of what the client threw, and nothing else: the error itself
 * holds the request body, and printing it would show it (providers.md §5.2). Told by shape, because several copies of
 * gaxios may be installed and `instanceof` fails between them.
 */
export function googleAnswer(thrown: unknown): ProviderAnswer {
  const response = isObject(thrown) && isObject(thrown['response']) ? thrown['response'] : null;
  if (!response || typeof response['status'] !== 'number') return { status: null, codes: [], retryAfter: null };
  const data = isObject(response['data']) ? response['data'] : {};
  const error = isObject(data['error']) ? data['error'] : {};
  const codes = [...faults(error['errors']), ...faults(error['details'])]
    .flatMap(({ reason, location }) => [reason, location])
    .filter((code) => typeof code === 'string');
  const headers = response['headers'];
  return {
    status: response['status'],
    codes,
    retryAfter: headers instanceof Headers ? headers.get('retry-after') : null,
  };
}
