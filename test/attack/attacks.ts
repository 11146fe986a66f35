import { randomBytes, randomUUID } from 'node:crypto';

/** One hostile connection: what it sends at once, and what it then sends piece by piece, for as long as it is let. */
export interface Hostile {
  readonly at: Buffer;
  readonly slowly?: { readonly piece: Buffer; readonly everyMs: number };
}

export interface Attack {
  readonly what: string;
  /** How many connections at once. */
  readonly connections: number;
  /** So many requests at most; without it for as long as the attack lasts. */
  readonly requests?: number;
  /** A new one for each connection; a closed connection is opened again. */
  readonly make: () => Hostile;
}

const MIB = 1024 * 1024;
const BATCH = 'application/cloudevents-batch+json';

function request(method: string, path: string, headers: Record<string, string>, body: Buffer | null = null): Buffer {
  const all = { host: 'localhost', ...headers, ...(body && { 'content-length': String(body.length) }) };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = Buffer.from(`${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n`, 'latin1');
  return body ? Buffer.concat([text, body]) : text;
}

/** Headers that look signed; only the secret is missing. */
const looksSigned = () => ({
  'webhook-id': `msg_${randomUUID()}`,
  'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
  'webhook-signature': `v1,${randomBytes(32).toString('base64')}`,
});

/** Made once: the senders' own work must not slow their attack down. */
const nested = (bytes: number) => Buffer.from('['.repeat(bytes / 2) + ']'.repeat(bytes / 2));
const wide = (bytes: number) => Buffer.from(`[${'{},'.repeat(bytes / 3 - 1)}{}]`);
const NESTED = nested(2_000_000);
const WIDE = wide(2_000_000);
const NESTED_SMALL = nested(256_000);
const MANY_FIELDS = Buffer.from('a=&'.repeat(85_000));
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** A token of a key that nobody has; each names another one. */
const foreignToken = () =>
  [
    part({ alg: 'ES256', typ: 'JWT', kid: randomUUID() }),
    part({ sub: 'p', aud: 'video-conferences' }),
    randomBytes(64).toString('base64url'),
  ].join('.');
const foreignCookie = (bytes: number) =>
  [
    part({ alg: 'dir', enc: 'A256GCM', kid: 'k1' }),
    '',
    randomBytes(12).toString('base64url'),
    randomBytes(bytes).toString('base64url'),
    randomBytes(16).toString('base64url'),
  ].join('.');
const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** What somebody without a secret, a token or a session can send, by the part of the product that it means. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  'unsigned-nested': {
    what: '60 unsigned batches of 2 MB [[[…]]]',
    connections: 60,
    requests: 60,
    make: () => ({ at: request('POST', '/v1/events', { 'content-type': BATCH, ...looksSigned() }, NESTED) }),
  },
  'unsigned-wide': {
    what: 'unsigned batches of 2 MB [{},{},…]',
    connections: 20,
    make: () => ({ at: request('POST', '/v1/events', { 'content-type': BATCH, ...looksSigned() }, WIDE) }),
  },
  'without-headers': {
    what: '2 MB without any signature header',
    connections: 200,
    make: () => ({ at: request('POST', '/v1/events', { 'content-type': BATCH }, NESTED) }),
  },
  'slow-headers': {
    what: 'headers, a byte each 200 ms',
    connections: 200,
    make: () => ({
      at: Buffer.from('GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: '),
      slowly: { piece: Buffer.from('a'), everyMs: 200 },
    }),
  },
  'slow-bodies': {
    what: '1.9 MB that look signed at once, the rest a byte each 200 ms',
    connections: 200,
    make: () => ({
      at: Buffer.concat([
        request('POST', '/v1/events', { 'content-type': BATCH, 'content-length': String(2 * MIB), ...looksSigned() }),
        Buffer.alloc(1_900_000, '['),
      ]),
      slowly: { piece: Buffer.from('['), everyMs: 200 },
    }),
  },
  'endless-bodies': {
    what: 'chunked bodies without an end',
    connections: 50,
    make: () => ({
      at: request('POST', '/v1/events', {
        'content-type': BATCH,
        'transfer-encoding': 'chunked',
        ...looksSigned(),
      }),
      slowly: { piece: Buffer.from(`10000\r\n${'['.repeat(0x10000)}\r\n`), everyMs: 5 },
    }),
  },
  'json-without-token': {
    what: '256 KB of nested JSON to the API, without a token',
    connections: 200,
    make: () => ({
      at: request('POST', '/v1/conferences', { 'content-type': 'application/json' }, NESTED_SMALL),
    }),
  },
  cookies: {
    what: '14 KB of sealed cookies that are not ours',
    connections: 200,
    make: () => ({ at: request('GET', '/v1/me', { cookie: `session=${foreignCookie(10_000)}` }) }),
  },
  'many-cookies': {
    what: 'a thousand cookies',
    connections: 200,
    make: () => ({
      at: request('POST', '/leave', { cookie: Array.from({ length: 1_000 }, (_, n) => `c${n}=a.b.c`).join('; ') }),
    }),
  },
  tokens: {
    what: 'bearer tokens of unknown keys',
    connections: 200,
    make: () => ({ at: request('GET', '/v1/me', { authorization: `Bearer ${foreignToken()}` }) }),
  },
  'giant-token': {
    what: 'a bearer of 15 KB, of blanks and dots',
    connections: 200,
    make: () => ({
      at: request('GET', '/v1/me', { authorization: `Bearer ${' '.repeat(7_000)}${'.'.repeat(8_000)}` }),
    }),
  },
  queries: {
    what: 'seven thousand query parameters',
    connections: 200,
    make: () => ({ at: request('GET', `/enter?ticket=${'a.'.repeat(200)}${'&a'.repeat(7_000)}`, {}) }),
  },
  languages: {
    what: 'seven thousand languages',
    connections: 200,
    make: () => ({ at: request('GET', '/', { accept: 'text/html', 'accept-language': 'a,'.repeat(7_000) }) }),
  },
  forms: {
    what: 'forms with 100,000 fields',
    connections: 100,
    make: () => ({ at: request('POST', '/enter', form, MANY_FIELDS) }),
  },
  tickets: {
    what: 'tickets of 15 KB',
    connections: 100,
    make: () => ({ at: request('POST', '/enter', form, Buffer.from(`ticket=${'a.'.repeat(7_500)}`)) }),
  },
  multipart: {
    what: 'multipart forms of 1 MB to join links',
    connections: 100,
    make: () => ({
      at: request(
        'POST',
        `/j/${randomBytes(32).toString('base64url')}`,
        { 'content-type': 'multipart/form-data; boundary=x' },
        Buffer.alloc(MIB, '-'),
      ),
    }),
  },
  'idle-connections': {
    what: 'connections on which nothing is sent',
    connections: 1_000,
    make: () => ({ at: Buffer.alloc(0) }),
  },
};
