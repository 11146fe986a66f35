/** `unavailable`: worth another try later. `refused`: the same message will be refused again. */
export type DeliveryWord = 'unavailable' | 'refused';

export type DeliveryCode =
  /** No connection, broken connection, no such host. */
  | 'network'
  | 'timeout'
  /** The time to send it in was over: it is somebody else's now. */
  | 'too-late'
  /** No TLS where it is demanded, or a certificate that is not trusted. */
  | 'tls'
  /** Our user name or password for the mail server. */
  | 'login'
  /** The other side asked to come back later. */
  | 'busy'
  /** The address is malformed, or the server does not take mail for it. */
  | 'address'
  /** The server does not take this message. */
  | 'message'
  /** The receiver of a webhook answered something else than 2xx. */
  | 'no-receipt'
  | 'unknown';

/**
 * A channel's failure in our own words. Never carries the other side's text, an address, a link or a secret: mailers'
 * own errors do, so they end at the channel.
 */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';

  constructor(
    readonly word: DeliveryWord,
    readonly code: DeliveryCode,
    /** SMTP or HTTP status, if there was an answer. */
    readonly status?: number,
  ) {
    super(`The delivery failed: ${word} (${code}${status === undefined ? '' : `, status ${status}`}).`);
  }
}
