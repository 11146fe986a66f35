import { DeliveryError } from './delivery-error.js';

/**
 * What the mailer's error means. Decided on its code and the SMTP status (RFC 5321 §4.2.1: 4xx is temporary, 5xx is
 * not), never on text. A refused login of ours is no fault of the message: it stays worth another try.
 */
export function emailFailure(error: unknown): DeliveryError {
  const { code, responseCode: status, command, name } = (error ?? {}) as Record<string, unknown>;
  const smtp = typeof status === 'number' ? status : undefined;
  if (code === 'EAUTH' || code === 'ENOAUTH' || code === 'EOAUTH2')
    return new DeliveryError('unavailable', 'login', smtp);
  if (code === 'ETLS' || code === 'EREQUIRETLS') return new DeliveryError('unavailable', 'tls', smtp);
  if (smtp !== undefined && smtp >= 500) {
    // 5xx before any address was named is the server's trouble with us, not with this message.
    if (code !== 'EENVELOPE' && code !== 'EMESSAGE') return new DeliveryError('unavailable', 'busy', smtp);
    return new DeliveryError('refused', code === 'EENVELOPE' && command !== 'MAIL FROM' ? 'address' : 'message', smtp);
  }
  if (smtp !== undefined && smtp >= 400) return new DeliveryError('unavailable', 'busy', smtp);
  if (code === 'ETIMEDOUT' || code === 'EABORT' || name === 'TimeoutError' || name === 'AbortError')
    return new DeliveryError('unavailable', 'timeout', smtp);
  if (code === 'EENVELOPE') return new DeliveryError('refused', 'address', smtp);
  return new DeliveryError('unavailable', code === undefined ? 'unknown' : 'network', smtp);
}
