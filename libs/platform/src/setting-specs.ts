import { isIP } from 'node:net';
import express from 'express';
import { isKmsArn, isKmsSetting, kmsArns } from './kms-setting.js';
import { listOf } from './list-of.js';
import { isDecodable, postgresFault, redisFault } from './store-urls.js';
import { webhookKey } from './webhook-secret.js';

/** One setting of the environment: how it is read, when it may be missing, and what to tell somebody who got it wrong. */
export interface SettingSpec {
  readonly name: string;
  /** What it is, in one line of `.env.example`. */
  readonly help: string;
  /** A value that passes; shown in `.env.example`. */
  readonly example: string;
  readonly fallback?: string;
  /** `always`, only in `production`, or never required. */
  readonly required: 'always' | 'production' | 'never';
  /** Secrets have a `_FILE` variant and are never printed. */
  readonly secret?: boolean;
  /** Returns what is wrong in words that end the sentence "NAME …", or null. */
  readonly fault?: (value: string, production: boolean) => string | null;
}

const url = (schemes: readonly string[]) => (value: string) => {
  const scheme = URL.canParse(value) ? new URL(value).protocol.slice(0, -1) : null;
  return scheme && schemes.includes(scheme)
    ? null
    : `must be a URL that starts with ${schemes.map((s) => `${s}://`).join(' or ')}`;
};

/** Clients decode user and password, and fail at a start or at the first mail where that cannot be. */
const credentials = (value: string) => {
  const { username, password } = new URL(value);
  return [username, password].every(isDecodable)
    ? null
    : 'must write special characters of its user and password as %XX (and the % itself as %25)';
};

const web = (value: string, production: boolean) => url(production ? ['https'] : ['https', 'http'])(value);

/** Links, cookies and redirect URIs are made from it: it is an origin, and nothing more. */
const origin = (value: string, production: boolean) => {
  const wrong = web(value, production);
  if (wrong) return wrong;
  const { username, password, pathname } = new URL(value);
  return username || password || /[?#]/.test(value) || !/^\/*$/.test(pathname)
    ? 'must be an origin, like https://video.school.example: no path, user, query or fragment'
    : null;
};

/** Held to what Express itself takes: it would end the start with a word that names no setting. */
const proxies = (value: string) => {
  try {
    express().set('trust proxy', listOf(value));
    return null;
  } catch {
    return 'must be IP addresses or ranges (10.0.0.0/8), or loopback, linklocal, uniquelocal, comma-separated';
  }
};

const port = (value: string) =>
  /^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? null : 'must be a port number from 0 to 65535';

const ipAddress = (value: string) => (isIP(value) > 0 ? null : 'must be an IP address, like 127.0.0.1, 0.0.0.0 or ::');

const oneOf = (words: readonly string[]) => (value: string) =>
  words.includes(value) ? null : `must be one of ${words.join(', ')}`;

const base64url32 = (value: string) =>
  /^[A-Za-z0-9_-]+={0,2}$/.test(value) && Buffer.from(value, 'base64url').length === 32;

const cookieKeys = (value: string) => {
  const parts = value.split(',').map((part) => part.trim());
  const bad = parts.findIndex((part) => {
    const colon = part.indexOf(':');
    return colon < 1 || !base64url32(part.slice(colon + 1));
  });
  if (bad >= 0) return `entry ${bad + 1} must be kid:base64url with 32 bytes; make one with: npx conferences keys`;
  const kids = parts.map((part) => part.slice(0, part.indexOf(':')));
  return new Set(kids).size === kids.length ? null : 'names a kid twice; each key needs its own';
};

const eventSecrets = (value: string) => {
  const bad = value.split(',').findIndex((part) => webhookKey(part.trim()) === null);
  return bad < 0 ? null : `entry ${bad + 1} must be whsec_ followed by at least 16 bytes of base64`;
};

const hosts = (value: string) =>
  value
    .split(',')
    .map((part) => part.trim())
    .every((part) => /^(https?:\/\/)?(\*\.)?[A-Za-z0-9.-]+(:\d+)?$/.test(part))
    ? null
    : 'must be host names, comma-separated, without paths';

const mailbox = (value: string) =>
  /^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/.test(value)
    ? null
    : 'must be a mail address, like "Oudergesprekken <noreply@school.example>"';

const GOOGLE_SCOPES = [
  'https://www.googleapis.com/auth/calendar.app.created',
  'https://www.googleapis.com/auth/calendar.events.owned',
];

const contact = (value: string) =>
  /^(https:\/\/|mailto:|tel:)/.test(value) || /^[^\s@]+@[^\s@]+$/.test(value)
    ? null
    : 'must be a mail address or an https: or mailto: URL';

/** Every setting of the outside contract, in the order in which `.env.example` shows them. */
export const SETTING_SPECS: readonly SettingSpec[] = [
  {
    name: 'NODE_ENV',
    help: 'development, test or production',
    example: 'development',
    fallback: 'development',
    required: 'never',
    fault: oneOf(['development', 'test', 'production']),
  },
  {
    name: 'APP_URL',
    help: 'the address at which browsers reach the API',
    example: 'https://video.school.example',
    required: 'always',
    fault: origin,
  },
  { name: 'PORT', help: 'port of the API', example: '3000', fallback: '3000', required: 'never', fault: port },
  {
    name: 'BIND',
    help: 'address that the API listens on; 127.0.0.1 where the proxy runs on the same machine',
    example: '0.0.0.0',
    fallback: '0.0.0.0',
    required: 'never',
    fault: ipAddress,
  },
  {
    name: 'METRICS_PORT',
    help: 'port of /metrics, /livez and /readyz of each process; unset: none',
    example: '9464',
    required: 'never',
    fault: port,
  },
  {
    name: 'METRICS_BIND',
    help: 'address of METRICS_PORT; an inner one, or 0.0.0.0 in a container, where Prometheus runs elsewhere',
    example: '127.0.0.1',
    fallback: '127.0.0.1',
    required: 'never',
    fault: ipAddress,
  },
  {
    name: 'TRUSTED_PROXIES',
    help: 'addresses of the proxies in front, comma-separated',
    example: '10.0.0.1',
    required: 'never',
    fault: proxies,
  },
  {
    name: 'DATABASE_URL',
    help: 'Postgres, as the application role (owns nothing)',
    example: 'postgres://conferences:secret@localhost:5432/conferences',
    required: 'always',
    secret: true,
    fault: postgresFault,
  },
  {
    name: 'DATABASE_MIGRATION_URL',
    help: 'Postgres, as the role that owns the tables; only `npm run migrate` uses it (unset: DATABASE_URL)',
    example: 'postgres://owner:secret@localhost:5432/conferences',
    required: 'never',
    secret: true,
    fault: postgresFault,
  },
  {
    name: 'DATABASE_LISTEN_URL',
    help: 'a direct connection to the same Postgres, where DATABASE_URL goes through a pooler in transaction mode',
    example: 'postgres://conferences:secret@localhost:5432/conferences',
    required: 'never',
    secret: true,
    fault: postgresFault,
  },
  {
    name: 'REDIS_URL',
    help: 'Redis for the queues; unset: the queues live in Postgres',
    example: 'redis://localhost:6379',
    required: 'never',
    secret: true,
    fault: redisFault,
  },
  {
    name: 'QUEUE_PREFIX',
    help: "what the queues' keys start with",
    example: '{conf}',
    fallback: '{conf}',
    required: 'never',
    fault: (value) => (value.length > 0 && value.length <= 40 ? null : 'must have 1 to 40 characters'),
  },
  {
    name: 'EVENT_SECRETS',
    help: 'secrets that sign the events of the parent-meetings module, comma-separated; any live one verifies',
    example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    required: 'always',
    secret: true,
    fault: eventSecrets,
  },
  {
    name: 'HOST_ISSUER',
    help: "issuer of the parent-meetings module's tokens",
    example: 'https://meetings.school.example',
    required: 'always',
    // Elsewhere it may be any word: it is only compared.
    fault: (value, production) => (production ? web(value, production) : null),
  },
  {
    name: 'HOST_JWKS_URL',
    help: 'its public keys',
    example: 'https://meetings.school.example/jwks.json',
    required: 'always',
    fault: web,
  },
  {
    name: 'KEY_RING',
    help: 'key-wrapping keys: file:PATH, or aws-kms:ARN[,ARN…] (the first one wraps, all of them open)',
    example: 'file:./key-ring.json',
    required: 'always',
    fault: (value) =>
      /^file:.+/.test(value) || (isKmsSetting(value) && kmsArns(value).every(isKmsArn))
        ? null
        : 'must be file:PATH (make one with: npx conferences keys --key-ring PATH) or aws-kms:ARN, like aws-kms:arn:aws:kms:eu-west-1:123456789012:key/ID',
  },
  {
    name: 'COOKIE_KEYS',
    help: 'kid:base64url,… (32 bytes each); the first one seals',
    example: 'k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8',
    required: 'always',
    secret: true,
    fault: cookieKeys,
  },
  {
    name: 'SIGNING_KEY',
    help: 'Ed25519 seed (base64url, 32 bytes) for receipts and audit checkpoints',
    example: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8',
    required: 'always',
    secret: true,
    fault: (value) =>
      base64url32(value) ? null : 'must be base64url with 32 bytes; make one with: npx conferences keys',
  },
  {
    name: 'GOOGLE_CLIENT_ID',
    help: 'OAuth client at Google',
    example: '123-abc.apps.googleusercontent.com',
    required: 'always',
  },
  { name: 'GOOGLE_CLIENT_SECRET', help: 'its secret', example: 'GOCSPX-example', required: 'always', secret: true },
  {
    name: 'GOOGLE_ISSUER',
    help: "Google's issuer",
    example: 'https://accounts.google.com',
    fallback: 'https://accounts.google.com',
    required: 'never',
    fault: web,
  },
  {
    name: 'GOOGLE_API_URL',
    help: "Google's API",
    example: 'https://www.googleapis.com',
    fallback: 'https://www.googleapis.com',
    required: 'never',
    fault: web,
  },
  {
    name: 'GOOGLE_SCOPE',
    help: 'calendar.app.created (a calendar of our own) or calendar.events.owned (the primary calendar)',
    example: GOOGLE_SCOPES[0]!,
    fallback: GOOGLE_SCOPES[0]!,
    required: 'never',
    fault: oneOf(GOOGLE_SCOPES),
  },
  {
    name: 'MICROSOFT_CLIENT_ID',
    help: 'OAuth client at Microsoft',
    example: '00000000-0000-0000-0000-000000000000',
    required: 'always',
  },
  { name: 'MICROSOFT_CLIENT_SECRET', help: 'its secret', example: 'example', required: 'always', secret: true },
  {
    name: 'MICROSOFT_ISSUER',
    help: "Microsoft's issuer",
    example: 'https://login.microsoftonline.com/organizations/v2.0',
    fallback: 'https://login.microsoftonline.com/organizations/v2.0',
    required: 'never',
    fault: web,
  },
  {
    name: 'GRAPH_URL',
    help: 'Microsoft Graph, without version',
    example: 'https://graph.microsoft.com',
    fallback: 'https://graph.microsoft.com',
    required: 'never',
    fault: web,
  },
  {
    name: 'MEETING_HOSTS',
    help: 'hosts that a meeting URL may have; outside production an entry may be an http:// origin',
    example: 'meet.google.com,teams.microsoft.com',
    fallback: 'meet.google.com,teams.microsoft.com,*.teams.microsoft.com,teams.live.com,teams.cloud.microsoft',
    required: 'never',
    fault: (value, production) =>
      hosts(value) ??
      (production && value.includes('http://') ? 'must not hold an http:// origin in production' : null),
  },
  {
    name: 'SMTP_URL',
    help: 'mail server',
    example: 'smtps://user:secret@smtp.school.example:465',
    required: 'always',
    secret: true,
    fault: (value) => url(['smtp', 'smtps'])(value) ?? credentials(value),
  },
  {
    name: 'MAIL_FROM',
    help: 'sender of our mails',
    example: 'Oudergesprekken <noreply@school.example>',
    required: 'always',
    fault: mailbox,
  },
  {
    name: 'WEBHOOK_URL',
    help: 'where our events go; unset: nowhere',
    example: 'https://meetings.school.example/hooks/video',
    required: 'never',
    fault: web,
  },
  {
    name: 'WEBHOOK_SECRET',
    help: 'signs them',
    example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    required: 'never',
    secret: true,
    fault: (value) =>
      value.includes(',') ? 'must be one secret' : (eventSecrets(value)?.replace('entry 1 ', '') ?? null),
  },
  {
    name: 'ALLOWED_HOSTS',
    help: 'host names that may be called, comma-separated: databases, mail server, key service and what the providers’ metadata names too; unset outside production: those of the configured URLs',
    example:
      'accounts.google.com,oauth2.googleapis.com,www.googleapis.com,login.microsoftonline.com,graph.microsoft.com,meetings.school.example,smtp.school.example,db.school.example',
    required: 'production',
    fault: hosts,
  },
  {
    name: 'LEDGER_DIR',
    help: 'folder outside the database where erasures and audit checkpoints are written down; unset: `ledger` beside the key ring',
    example: '/var/lib/conferences/ledger',
    required: 'never',
  },
  {
    name: 'REGION',
    help: 'where this deployment keeps its data; shown on the privacy page',
    example: 'eu-west-1 (Ireland)',
    required: 'production',
  },
  {
    name: 'LEASE',
    help: 'memory (one process) or sealed (needs REDIS_URL, its default there)',
    example: 'memory',
    required: 'never',
    fault: oneOf(['memory', 'sealed']),
  },
  {
    name: 'SECURITY_CONTACT',
    help: 'where to report a weakness',
    example: 'security@school.example',
    required: 'production',
    fault: contact,
  },
  {
    name: 'PRIVACY_CONTACT',
    help: 'privacy officer',
    example: 'privacy@school.example',
    required: 'production',
    fault: contact,
  },
];
