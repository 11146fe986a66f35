import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { failureCode } from '#libs/platform';

/** What is left of a failed OAuth step once everything secret is thrown away. */
export interface OauthAnswer {
  /**
   * callback: the authorize page sent the person back with an error. token: the token endpoint answered with one.
   * client: the answer came but did not hold (signature, nonce, issuer …). network: no usable answer.
   */
  readonly from: 'callback' | 'token' | 'client' | 'network';
  readonly status?: number;
  /** OAuth's `error`. */
  readonly error?: string;
  /** Microsoft's numbers (AADSTS…), for a better word among refusals only. */
  readonly numbers?: readonly number[];
  /** Why there was no usable answer: a status or an error code. */
  readonly code?: string;
  /** The earliest next try, where the answer named one. */
  readonly until?: Date | undefined;
}

/** The client's codes for an answer that was read and did not hold. */
const DID_NOT_HOLD = [
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_KEY_SELECTION_FAILED',
  'OAUTH_UNSUPPORTED_OPERATION',
];

/**
 * Reads the few words that decide out of what openid-client threw; the rest ends here.
 * @param exchanged what the token endpoint had answered by then
 */
export function oauthAnswer(thrown: unknown, exchanged: 'none' | 'token' | 'no-token' = 'none'): OauthAnswer {
  if (thrown instanceof AuthorizationResponseError) {
    const text = thrown.cause.get('error_description') ?? '';
    // The callback has no field for the number; it stands at the front of the text, by itself.
    const number = /^AADSTS(\d{4,7})\b/.exec(text)?.[1];
    return { from: 'callback', error: thrown.error, numbers: number ? [Number(number)] : [] };
  }
  if (thrown instanceof ResponseBodyError) {
    const codes: unknown = thrown.cause['error_codes'];
    const numbers = Array.isArray(codes) ? codes.filter((code) => typeof code === 'number') : [];
    return { from: 'token', status: thrown.status, error: thrown.error, numbers };
  }
  if (thrown instanceof WWWAuthenticateChallengeError) return { from: 'token', status: thrown.status };
  if (thrown instanceof ClientError) {
    if (thrown.cause instanceof Response)
      return { from: 'network', status: thrown.cause.status, code: `HTTP_${thrown.cause.status}` };
    // The callback was right, and what the provider gave for it is of no use: not the teacher's fault.
    if (exchanged === 'no-token') return { from: 'network', code: failureCode(thrown) };
    if (thrown.code && DID_NOT_HOLD.includes(thrown.code)) return { from: 'client' };
  }
  return { from: 'network', code: failureCode(thrown) };
}
