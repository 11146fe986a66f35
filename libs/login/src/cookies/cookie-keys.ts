/** A sealing key and the name it goes by in a cookie's header. */
export interface CookieKey {
  readonly kid: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/**
 * Reads `COOKIE_KEYS`: `kid:base64url,…`, 32 bytes each, the first one seals. An error says which entry is wrong and how,
 * and never shows a key.
 */
export function parseCookieKeys(text: string): CookieKey[] {
  const entries = text.split(',').map((entry) => entry.trim());
  if (entries.every((entry) => entry === '')) {
    throw new Error('COOKIE_KEYS is empty. Give at least one key as kid:base64url (`npx conferences keys` makes one).');
  }
  const keys = entries.map((entry, index) => parseEntry(entry, index + 1));
  const twice = keys.find(({ kid }, index) => keys.findIndex((other) => other.kid === kid) !== index);
  if (twice) throw new Error(`COOKIE_KEYS has the kid "${twice.kid}" twice. Give every key a name of its own.`);
  return keys;
}

function parseEntry(entry: string, position: number): CookieKey {
  const where = `Entry ${position} of COOKIE_KEYS`;
  if (entry === '') throw new Error(`${where} is empty. Take the extra comma out.`);
  const colon = entry.indexOf(':');
  if (colon < 0) throw new Error(`${where} has no colon. Write it as kid:base64url.`);
  const kid = entry.slice(0, colon);
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(kid)) {
    throw new Error(`${where} has a kid that is not 1 to 32 letters, digits, "-" or "_".`);
  }
  const encoded = entry.slice(colon + 1).replace(/=+$/, '');
  const key = Buffer.from(encoded, 'base64url');
  if (key.toString('base64url') !== encoded) throw new Error(`${where} (kid "${kid}") is not base64url.`);
  if (key.length !== 32) throw new Error(`${where} (kid "${kid}") has ${key.length} bytes. It needs 32.`);
  return { kid, key: new Uint8Array(key) };
}
