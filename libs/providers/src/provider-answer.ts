import { ProviderError } from './provider-error.js';
import { retryAfter } from './retry-after.js';

/** What is left of a failed call once everything secret is thrown away: numbers and the provider's own codes. */
export interface ProviderAnswer {
  /** HTTP status; null where no answer came. */
  readonly status: number | null;
  /** The provider's machine-readable words: Google's reasons and locations, Graph's error code. */
  readonly codes: readonly string[];
  readonly retryAfter: string | null;
  readonly requestId?: string;
}

/** A refusal by its head alone. A success whose body did not arrive whole says nothing: as if no answer had come. */
export function headOf(response: Response | null): ProviderAnswer {
  if (!response || response.ok) return { status: null, codes: [], retryAfter: null };
  return { status: response.status, codes: [], retryAfter: response.headers.get('retry-after') };
}

/** What the call was about, as far as it changes what an answer means. */
export interface Asked {
  /** True where the call changes something at the provider: then a lost answer leaves the outcome unknown. */
  readonly write: boolean;
  readonly now: Date;
  /** True where our own deadline ended the call. */
  readonly aborted: boolean;
}

/** Without a Retry-After, a limited account rests this long; Google's window is a sliding minute (providers.md §2.6). */
const REST_SECONDS = 15;
/** A limited account is never asked again at once, whatever the header says: each request counts against it (providers.md §4.8). */
const LEAST_REST_SECONDS = 1;
/** Account limits of Google last hours or more (providers.md §2.5). */
const QUOTA_REST_SECONDS = 3600;

const after = (now: Date, seconds: number) => new Date(now.getTime() + seconds * 1000);

/** The header's instant, never earlier; without one that can be read, so many seconds. */
function restUntil(answer: ProviderAnswer, asked: Asked, seconds: number): Date {
  const told = retryAfter(answer.retryAfter, asked.now) ?? after(asked.now, seconds);
  const least = after(asked.now, LEAST_REST_SECONDS);
  return told > least ? told : least;
}

/** The details that every error carries: status and request id, nothing else of the answer. */
export function detailsOf(answer: ProviderAnswer): { status?: number; requestId?: string } {
  return {
    ...(answer.status === null ? {} : { status: answer.status }),
    ...(answer.requestId === undefined ? {} : { requestId: answer.requestId }),
  };
}

export function rateLimited(answer: ProviderAnswer, asked: Asked): ProviderError {
  return new ProviderError('rate-limited', 'rate-limit', {
    ...detailsOf(answer),
    until: restUntil(answer, asked, REST_SECONDS),
    // Neither provider says whose limit it was. Read as the account's, so that one account never stops another (P10).
    scope: 'account',
  });
}

export function accountQuota(answer: ProviderAnswer, asked: Asked): ProviderError {
  return new ProviderError('rate-limited', 'account-quota', {
    ...detailsOf(answer),
    until: restUntil(answer, asked, QUOTA_REST_SECONDS),
    scope: 'account',
  });
}

/** An answer that no table knows: worth another try, and for a write it may have happened. */
export function unknownAnswer(answer: ProviderAnswer, asked: Asked): ProviderError {
  return new ProviderError('unavailable', 'unknown-answer', { ...detailsOf(answer), outcomeUnknown: asked.write });
}

/**
 * The meaning that is the same at every provider, decided on the status alone. Null where the provider's own codes have
 * to be read.
 */
export function commonMeaning(answer: ProviderAnswer, asked: Asked): ProviderError | null {
  const { status } = answer;
  if (status === null) {
    return new ProviderError('unavailable', asked.aborted ? 'timeout' : 'network', { outcomeUnknown: asked.write });
  }
  const details = detailsOf(answer);
  if (status === 401) return new ProviderError('login-required', 'token-rejected', details);
  if (status === 404 || status === 410) return new ProviderError('not-found', 'not-found', details);
  if (status === 408) return new ProviderError('unavailable', 'timeout', { ...details, outcomeUnknown: asked.write });
  if (status >= 500 && status <= 599) {
    const until = retryAfter(answer.retryAfter, asked.now);
    return new ProviderError('unavailable', 'server-error', {
      ...details,
      ...(until ? { until } : {}),
      outcomeUnknown: asked.write,
    });
  }
  return null;
}
