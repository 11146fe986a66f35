import { Webhook } from 'standardwebhooks';
import { Problem } from '../http/problem.js';

/**
 * Standard Webhooks: any live secret verifies, five minutes of time. The id is part of what is signed.
 * @throws Problem 401, the same for every fault, so that nothing is learned from trying
 */
export function verifySignature(
  body: Buffer,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  secrets: readonly string[],
): void {
  const one = (name: string) => (typeof headers[name] === 'string' ? headers[name] : '');
  const signed = {
    'webhook-id': one('webhook-id'),
    'webhook-timestamp': one('webhook-timestamp'),
    'webhook-signature': one('webhook-signature'),
  };
  const verified = secrets.some((secret) => {
    try {
      new Webhook(secret).verify(body.toString('utf8'), signed, { jsonParse: false });
      return true;
    } catch {
      return false;
    }
  });
  if (!verified)
    throw new Problem(
      401,
      'The signature does not verify, or its time is more than 5 minutes away. Sign the body with a secret of EVENT_SECRETS (Standard Webhooks).',
    );
}
