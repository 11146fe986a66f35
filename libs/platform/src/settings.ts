import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isAllowedHost } from './allowed-hosts.js';
import { kmsEndpoints } from './kms-setting.js';
import { listOf } from './list-of.js';
import { StartupError } from './startup-error.js';
import { SETTING_SPECS, type SettingSpec } from './setting-specs.js';

/** A key of COOKIE_KEYS. `key` has 32 bytes. */
export interface NamedKey {
  readonly kid: string;
  readonly key: Uint8Array;
}

/** All settings, checked. URLs have no trailing slash. Names follow the environment's. */
export interface Settings {
  readonly nodeEnv: 'development' | 'test' | 'production';
  readonly production: boolean;
  readonly appUrl: string;
  readonly port: number;
  readonly bind: string;
  readonly metricsPort: number | null;
  readonly metricsBind: string;
  readonly trustedProxies: readonly string[];
  readonly databaseUrl: string;
  readonly databaseMigrationUrl: string;
  /** A direct connection, for LISTEN and for queues in Postgres; null: DATABASE_URL is one. */
  readonly databaseListenUrl: string | null;
  readonly redisUrl: string | null;
  readonly queuePrefix: string;
  readonly eventSecrets: readonly string[];
  readonly host: { readonly issuer: string; readonly jwksUrl: string };
  readonly keyRing: string;
  readonly cookieKeys: readonly NamedKey[];
  readonly signingKey: Uint8Array;
  readonly google: {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly issuer: string;
    readonly apiUrl: string;
    readonly scope: string;
  };
  readonly microsoft: {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly issuer: string;
    readonly graphUrl: string;
  };
  readonly meetingHosts: readonly string[];
  readonly smtpUrl: string;
  readonly mailFrom: string;
  readonly webhook: { readonly url: string; readonly secret: string } | null;
  readonly allowedHosts: readonly string[];
  /** Hosts that a provider's metadata may send us to; null: ALLOWED_HOSTS is unset, as only outside production, and any. */
  readonly discoverableHosts: readonly string[] | null;
  /** Folder outside the database: erasures done, and checkpoints of the audit chain. */
  readonly ledgerDir: string;
  readonly region: string | null;
  readonly lease: 'memory' | 'sealed';
  readonly securityContact: string | null;
  readonly privacyContact: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the environment. Every fault is found before anything is said.
 * @throws StartupError naming all faults at once, each with its mend.
 */
export function loadSettings(
  env: Environment,
  process: 'one-process' | 'separate-processes' = 'one-process',
): Settings {
  const { values, faults } = readValues(env);
  faults.push(...crossFaults(values, env, process));
  if (faults.length > 0) throw new StartupError(faults);
  return toSettings(values);
}

/** What is wrong with this environment, in the words that a start would use; empty where nothing is. */
export function settingFaults(
  env: Environment,
  process: 'one-process' | 'separate-processes' = 'one-process',
): string[] {
  const { values, faults } = readValues(env);
  return [...faults, ...crossFaults(values, env, process)];
}

function readValues(env: Environment): { values: Map<string, string>; faults: string[] } {
  const production = env['NODE_ENV'] === 'production';
  const values = new Map<string, string>();
  const faults: string[] = [];
  for (const spec of SETTING_SPECS) {
    const { value, fault } = readOne(spec, env);
    if (fault) {
      faults.push(fault);
    } else if (value === undefined) {
      if (spec.fallback !== undefined) values.set(spec.name, spec.fallback);
      else if (spec.required === 'always' || (spec.required === 'production' && production))
        faults.push(`${spec.name} is missing: ${spec.help}. For example ${spec.name}=${spec.example}`);
    } else {
      const wrong = spec.fault?.(value, production);
      if (wrong) faults.push(`${spec.name} ${wrong}.`);
      else values.set(spec.name, value);
    }
  }
  return { values, faults };
}

function readOne(spec: SettingSpec, env: Environment): { value?: string; fault?: string } {
  const plain = env[spec.name]?.trim() || undefined;
  const file = spec.secret ? env[`${spec.name}_FILE`]?.trim() || undefined : undefined;
  if (!file) return { value: plain };
  if (plain) return { fault: `${spec.name} and ${spec.name}_FILE are both set; keep one.` };
  try {
    return { value: readFileSync(file, 'utf8').trim() || undefined };
  } catch {
    return { fault: `${spec.name}_FILE names ${file}, which cannot be read.` };
  }
}

const isUnset = ({ value, fault }: { value?: string; fault?: string }) => value === undefined && fault === undefined;

/** One setting outside of a start: the value, or that of its `_FILE`. @throws StartupError when the file cannot be read */
export function readSetting(env: Environment, name: string): string | undefined {
  const spec = SETTING_SPECS.find((candidate) => candidate.name === name);
  const { value, fault } = spec ? readOne(spec, env) : {};
  if (fault) throw new StartupError([fault]);
  return value;
}

/**
 * The same, held to what it must be.
 * @throws StartupError naming it, where it is there and wrong
 */
export function checkedSetting(env: Environment, name: string): string | undefined {
  const value = readSetting(env, name);
  const spec = SETTING_SPECS.find((candidate) => candidate.name === name);
  const wrong = value === undefined ? null : spec?.fault?.(value, env['NODE_ENV'] === 'production');
  if (wrong) throw new StartupError([`${name} ${wrong}.`]);
  return value;
}

function crossFaults(
  values: Map<string, string>,
  env: Environment,
  process: 'one-process' | 'separate-processes',
): string[] {
  const faults: string[] = [];
  // One that is there and wrong is told already; to call it missing would contradict that.
  const isMissing = (name: string) => SETTING_SPECS.some((spec) => spec.name === name && isUnset(readOne(spec, env)));
  faults.push(...kmsFaults(values, env));
  if (values.get('NODE_ENV') === 'production' && values.has('ALLOWED_HOSTS')) faults.push(...hostFaults(values, env));
  const lease =
    values.get('LEASE') ?? (!isMissing('REDIS_URL') && process === 'separate-processes' ? 'sealed' : undefined);
  if (lease === 'sealed' && isMissing('REDIS_URL'))
    faults.push('LEASE=sealed needs REDIS_URL: leases travel over Redis pub/sub.');
  if (process === 'separate-processes' && (lease ?? 'memory') === 'memory')
    faults.push(
      'LEASE=memory works in one process only. Set REDIS_URL (and LEASE=sealed) for api and worker apart, or run them together: npm run start:all',
    );
  if (!isMissing('WEBHOOK_URL') && isMissing('WEBHOOK_SECRET'))
    faults.push('WEBHOOK_SECRET is missing: WEBHOOK_URL needs it to sign our events.');
  return faults;
}

const OUTGOING = [
  'DATABASE_URL',
  'DATABASE_MIGRATION_URL',
  'DATABASE_LISTEN_URL',
  'REDIS_URL',
  'HOST_JWKS_URL',
  'GOOGLE_ISSUER',
  'GOOGLE_API_URL',
  'MICROSOFT_ISSUER',
  'GRAPH_URL',
  'SMTP_URL',
  'WEBHOOK_URL',
];

/**
 * Every URL that these settings make us call, by the name of its setting; also one that is wrong in another way, as far as it
 * names a host: whoever mends its scheme shall not find the next fault only then.
 */
function outgoing(values: Map<string, string>, env: Environment): [name: string, url: URL][] {
  const named = SETTING_SPECS.filter(({ name }) => OUTGOING.includes(name)).map((spec) => [
    spec.name,
    values.get(spec.name) ?? readOne(spec, env).value ?? '',
  ]);
  const kms = kmsEndpoints(values.get('KEY_RING') ?? '', env).map((endpoint) => ['KEY_RING', endpoint]);
  return [...named, ...kms].flatMap(([name, url]) =>
    URL.canParse(url!) && new URL(url!).hostname !== '' ? [[name!, new URL(url!)]] : [],
  );
}

/** Production calls no host outside the allow-list (R11). */
function hostFaults(values: Map<string, string>, env: Environment): string[] {
  const allowed = values.get('ALLOWED_HOSTS')!.split(',');
  return outgoing(values, env)
    .filter(([, { hostname }]) => !isAllowedHost(allowed, hostname))
    .map(([name, { hostname }]) => `${name} names the host ${hostname}, which ALLOWED_HOSTS does not allow.`);
}

/** The official client of KMS goes where its own environment says; production goes there by TLS only (R10). */
function kmsFaults(values: Map<string, string>, env: Environment): string[] {
  const endpoints = kmsEndpoints(values.get('KEY_RING') ?? '', env);
  if (endpoints.some((endpoint) => !URL.canParse(endpoint)))
    return ['AWS_ENDPOINT_URL_KMS must be a URL that starts with https://.'];
  return values.get('NODE_ENV') === 'production' && endpoints.some((endpoint) => !endpoint.startsWith('https:'))
    ? ['AWS_ENDPOINT_URL_KMS must be a URL that starts with https:// in production: KEY_RING is in KMS.']
    : [];
}

/** Backups of the database do not hold it; a restored one is put right from it. */
const ledgerBeside = (keyRing: string) =>
  keyRing.startsWith('file:') ? join(dirname(keyRing.slice('file:'.length)), 'ledger') : 'ledger';

/** Where a start would keep its ledger, whatever else is wrong in this environment. */
export const ledgerDirOf = (env: Environment) =>
  readSetting(env, 'LEDGER_DIR') ?? ledgerBeside(readSetting(env, 'KEY_RING') ?? '');

const trimSlash = (value: string) => value.replace(/\/+$/, '');

function toSettings(values: Map<string, string>): Settings {
  const get = (name: string) => values.get(name)!;
  const list = (name: string) => listOf(values.get(name) ?? '');
  const nodeEnv = get('NODE_ENV') as Settings['nodeEnv'];
  const settings: Omit<Settings, 'allowedHosts'> = {
    discoverableHosts: values.has('ALLOWED_HOSTS') ? list('ALLOWED_HOSTS') : null,
    nodeEnv,
    production: nodeEnv === 'production',
    appUrl: trimSlash(get('APP_URL')),
    port: Number(get('PORT')),
    bind: get('BIND'),
    metricsPort: values.has('METRICS_PORT') ? Number(get('METRICS_PORT')) : null,
    metricsBind: get('METRICS_BIND'),
    trustedProxies: list('TRUSTED_PROXIES'),
    databaseUrl: get('DATABASE_URL'),
    databaseMigrationUrl: values.get('DATABASE_MIGRATION_URL') ?? get('DATABASE_URL'),
    databaseListenUrl: values.get('DATABASE_LISTEN_URL') ?? null,
    redisUrl: values.get('REDIS_URL') ?? null,
    queuePrefix: get('QUEUE_PREFIX'),
    eventSecrets: list('EVENT_SECRETS'),
    host: { issuer: get('HOST_ISSUER'), jwksUrl: get('HOST_JWKS_URL') },
    keyRing: get('KEY_RING'),
    cookieKeys: list('COOKIE_KEYS').map((part) => ({
      kid: part.slice(0, part.indexOf(':')),
      key: Buffer.from(part.slice(part.indexOf(':') + 1), 'base64url'),
    })),
    signingKey: Buffer.from(get('SIGNING_KEY'), 'base64url'),
    google: {
      clientId: get('GOOGLE_CLIENT_ID'),
      clientSecret: get('GOOGLE_CLIENT_SECRET'),
      issuer: trimSlash(get('GOOGLE_ISSUER')),
      apiUrl: trimSlash(get('GOOGLE_API_URL')),
      scope: get('GOOGLE_SCOPE'),
    },
    microsoft: {
      clientId: get('MICROSOFT_CLIENT_ID'),
      clientSecret: get('MICROSOFT_CLIENT_SECRET'),
      issuer: trimSlash(get('MICROSOFT_ISSUER')),
      graphUrl: trimSlash(get('GRAPH_URL')),
    },
    meetingHosts: list('MEETING_HOSTS'),
    smtpUrl: get('SMTP_URL'),
    mailFrom: get('MAIL_FROM'),
    webhook: values.has('WEBHOOK_URL') ? { url: get('WEBHOOK_URL'), secret: get('WEBHOOK_SECRET') } : null,
    ledgerDir: values.get('LEDGER_DIR') ?? ledgerBeside(get('KEY_RING')),
    region: values.get('REGION') ?? null,
    lease: (values.get('LEASE') as 'memory' | 'sealed' | undefined) ?? (values.has('REDIS_URL') ? 'sealed' : 'memory'),
    securityContact: values.get('SECURITY_CONTACT') ?? null,
    privacyContact: values.get('PRIVACY_CONTACT') ?? null,
  };
  return { ...settings, allowedHosts: values.has('ALLOWED_HOSTS') ? list('ALLOWED_HOSTS') : configuredHosts(settings) };
}

function configuredHosts(settings: Omit<Settings, 'allowedHosts'>): string[] {
  const urls = [
    settings.google.issuer,
    settings.google.apiUrl,
    settings.microsoft.issuer,
    settings.microsoft.graphUrl,
    settings.host.jwksUrl,
    settings.smtpUrl,
    settings.webhook?.url,
  ];
  return [...new Set(urls.filter((value): value is string => !!value).map((value) => new URL(value).hostname))];
}

/** `.env.example`, from the same table that the start checks. */
export function environmentExample(): string {
  const head =
    '# Made by `npx conferences doctor --example`; a test holds it to the settings. Secrets can come from files: NAME_FILE=/path\n';
  return (
    head +
    SETTING_SPECS.map((spec) => {
      const need =
        spec.required === 'always'
          ? 'required'
          : spec.required === 'production'
            ? 'required in production'
            : spec.fallback !== undefined
              ? `default ${spec.fallback}`
              : 'optional';
      return `\n# ${spec.help} (${need})\n${spec.required === 'always' ? '' : '# '}${spec.name}=${quoted(spec.example)}\n`;
    }).join('')
  );
}

const quoted = (value: string) => (/[\s<>#{}]/.test(value) ? `"${value}"` : value);
