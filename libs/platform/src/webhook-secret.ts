const PREFIX = 'whsec_';
const FEWEST_BYTES = 16;

/**
 * The key in a secret of Standard Webhooks (`whsec_…`), in either alphabet of base64 and with or without its padding: what
 * the check of the settings takes, whoever signs or verifies with it can use.
 * @returns null for what is no such secret
 */
export function webhookKey(secret: string): Buffer | null {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : '';
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return null;
  const key = Buffer.from(text, 'base64');
  return key.length < FEWEST_BYTES ? null : key;
}
