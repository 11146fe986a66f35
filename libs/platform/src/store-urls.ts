/** How sure we are whom we speak to: pg's and libpq's words. Both verify modes look at the certificate and at its name. */
const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full'];

interface StoreUrl {
  readonly schemes: readonly string[];
  /** Query keys that are known, each with what ends the sentence "its KEY …" where a value is wrong. */
  readonly keys: Readonly<Record<string, (value: string, production: boolean) => string | null>>;
  /** Keys with which some client would leave the host, the role or the encryption of the URL; lower case. */
  readonly swaying: RegExp;
}

const POSTGRES: StoreUrl = {
  schemes: ['postgres', 'postgresql'],
  keys: {
    sslmode: (value, production) => {
      const modes = production ? SSL_MODES.slice(1) : SSL_MODES;
      return modes.includes(value) ? null : `must be one of ${modes.join(', ')}`;
    },
    application_name: (value) => (/^[\x21-\x7e]{1,63}$/.test(value) ? null : 'must be 1 to 63 visible characters'),
    connect_timeout: (value) => (/^[1-9]\d{0,3}$/.test(value) ? null : 'must be a number of seconds from 1 to 9999'),
  },
  swaying:
    /^(host|hostaddr|port|user|username|password|passfile|passwordfile|db|dbname|database|schema|service|servicefile|options|encoding|client_encoding|replication|requiressl|uselibpqcompat|gss.*|krb.*|channel_binding|require_auth|ssl.*|tls.*)$/,
};

const REDIS: StoreUrl = {
  schemes: ['rediss', 'redis'],
  keys: { family: (value) => (/^[046]$/.test(value) ? null : 'must be 0, 4 or 6') },
  swaying: /^(host|port|path|user|username|password|sentinel.*|name|role|nat.*|connector|socket.*|ssl.*|tls.*|url)$/,
};

/**
 * A URL says to whom we speak and how safely; what stands behind its question mark may not say it anew, or twice. In
 * production only what is known may stand there at all (R10, R11).
 * @returns what ends the sentence "NAME …", never with a part of the URL that can hold a secret; null where all is well
 */
function fault(store: StoreUrl, value: string, production: boolean): string | null {
  const schemes = production && store === REDIS ? ['rediss'] : store.schemes;
  // Word for word: URL forgives capitals, white space and slashes left out, and the clients then read another scheme.
  if (!schemes.some((scheme) => value.startsWith(`${scheme}://`)) || /\s/.test(value) || !URL.canParse(value))
    return `must be a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  const { hostname, username, password, pathname, searchParams } = new URL(value);
  if (hostname === '') return 'must name a host';
  if (![hostname, username, password, pathname].every(isDecodable))
    return 'must write special characters as %XX (and the % itself as %25)';
  const keys = [...searchParams.keys()];
  for (const key of keys) {
    const known = Object.hasOwn(store.keys, key) ? store.keys[key] : undefined;
    if (!known && (production || store.swaying.test(key.toLowerCase())))
      return `must not hold ${named(key)} behind its question mark: ${mend(store, key)}`;
    if (known && keys.indexOf(key) !== keys.lastIndexOf(key)) return `names ${key} twice; keep one`;
    const wrong = known?.(searchParams.get(key)!, production);
    if (wrong) return `is wrong in its ${key}, which ${wrong}`;
  }
  return production && store === POSTGRES && !searchParams.has('sslmode')
    ? 'must end with ?sslmode=verify-full (or require) in production: TLS to Postgres'
    : null;
}

/** @returns what ends the sentence "DATABASE_URL …", or null */
export const postgresFault = (value: string, production: boolean) => fault(POSTGRES, value, production);

/** @returns what ends the sentence "REDIS_URL …", or null */
export const redisFault = (value: string, production: boolean) => fault(REDIS, value, production);

/** A key is the operator's word, unless a password with a `?` in it made it one. */
const named = (key: string) => (/^[A-Za-z_]{1,30}$/.test(key) ? `"${key}"` : 'that key');

function mend(store: StoreUrl, key: string): string {
  if (/^(ssl|tls|requiressl|uselibpqcompat)/i.test(key))
    return store === REDIS
      ? 'rediss:// alone says TLS'
      : 'sslmode alone says TLS, and NODE_EXTRA_CA_CERTS names the file of an own authority';
  return `host, port, role and password stand in front of it; known there: ${Object.keys(store.keys).join(', ')}`;
}

export function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
