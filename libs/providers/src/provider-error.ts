/**
 * The words of what a provider said; see docs/architecture.md. What they mean for a meeting is decided elsewhere.
 *
 * | word | means |
 * |---|---|
 * | rate-limited | wait until `until`, this account only (or the whole application, `scope`); spends no attempt |
 * | unavailable | worth another try later; also everything unknown |
 * | login-required | the owner must sign in again |
 * | not-found | no such meeting (any more) |
 * | refused | a person must do something; `code` says what |
 */
export type ProviderWord = 'rate-limited' | 'unavailable' | 'login-required' | 'not-found' | 'refused';

/** Why, in our own closed words; pages and mails have a sentence for each. */
export type ProviderCode =
  | 'rate-limit'
  | 'account-quota'
  | 'network'
  | 'timeout'
  | 'server-error'
  | 'unknown-answer'
  | 'token-rejected'
  | 'scope-missing'
  | 'not-found'
  | 'place-not-found'
  | 'no-conferences'
  | 'no-licence'
  | 'blocked-by-admin'
  | 'bad-request'
  | 'configuration';

/**
 * A provider's failure in our own words. Never carries the provider's text, body, token or URL: the SDKs' own errors do,
 * so they end at the adapter (providers.md §5.2).
 */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';

  constructor(
    readonly word: ProviderWord,
    readonly code: ProviderCode,
    readonly details: {
      /** The earliest next try; only with `rate-limited`, or `unavailable` with a Retry-After. */
      readonly until?: Date;
      /** HTTP status, if there was an answer. */
      readonly status?: number;
      /** True where the provider may have done it all the same: ask by key before anything else. */
      readonly outcomeUnknown?: boolean;
      /** Whose limit it was. */
      readonly scope?: 'account' | 'application';
      /** The provider's own request id, for its support desk. */
      readonly requestId?: string;
    } = {},
  ) {
    super(
      `The provider's answer means ${word} (${code}${details.status === undefined ? '' : `, HTTP ${details.status}`}).`,
    );
  }
}

/**
 * Does the rest of a making whose first call took effect. However clean the failure of a later call is, the meeting is
 * there: forgetting that would leave it behind when its wish goes away.
 */
export async function onWhatIsThere<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const { word, code, details } = error;
    throw new ProviderError(word, code, { ...details, outcomeUnknown: true });
  }
}
