import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { SETTING_SPECS } from './setting-specs.js';
import { environmentExample, loadSettings, settingFaults } from './settings.js';
import { StartupError } from './startup-error.js';

const folder = mkdtempSync(join(tmpdir(), 'settings-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const GOOD: Record<string, string> = Object.fromEntries(
  SETTING_SPECS.filter(({ required }) => required === 'always').map(({ name, example }) => [name, example]),
);
const PRODUCTION = {
  ...GOOD,
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://conferences:secret@db.example/conferences?sslmode=verify-full',
  ALLOWED_HOSTS:
    'meetings.school.example,accounts.google.com,www.googleapis.com,login.microsoftonline.com,graph.microsoft.com,smtp.school.example,db.example,redis.example',
  REGION: 'eu-west-1',
  SECURITY_CONTACT: 'security@school.example',
  PRIVACY_CONTACT: 'privacy@school.example',
};
const faults = (more: Record<string, string | undefined>, base: Record<string, string> = GOOD) =>
  settingFaults({ ...base, ...more });

describe('P16 a start names every wrong setting at once', () => {
  it('takes the example of every setting', () => {
    expect(faults({})).toEqual([]);
    expect(faults(Object.fromEntries(SETTING_SPECS.map(({ name, example }) => [name, example])))).toEqual([]);
  });

  it('says all that is missing, each with an example', () => {
    const required = SETTING_SPECS.filter(({ required: need }) => need === 'always');
    const said = settingFaults({});
    expect(said).toHaveLength(required.length);
    for (const { name, example } of required)
      expect(said).toContainEqual(expect.stringContaining(`For example ${name}=${example}`));
    expect(() => loadSettings({})).toThrow(StartupError);
    expect(() => loadSettings({})).toThrow(new RegExp(`^${required.length} settings are wrong`));
  });

  it.each([
    ['NODE_ENV', 'prod'],
    ['APP_URL', 'video.school.example'],
    ['APP_URL', 'https://video.school.example/app'],
    ['APP_URL', 'https://u:p@video.school.example'],
    ['APP_URL', 'https://video.school.example?x=1'],
    ['APP_URL', 'https://video.school.example/?'],
    ['APP_URL', 'https://video.school.example#x'],
    ['TRUSTED_PROXIES', 'foo'],
    ['TRUSTED_PROXIES', '10.0.0.1,10.0.0.0/33'],
    ['PORT', '65536'],
    ['PORT', 'x'],
    ['DATABASE_URL', 'mysql://x'],
    ['REDIS_URL', 'http://x'],
    ['EVENT_SECRETS', 'whsec_short'],
    ['SMTP_URL', 'smtp://user:100%@smtp.example'],
    ['SMTP_URL', 'smtp://us%er:secret@smtp.example'],
    ['EVENT_SECRETS', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw,nope'],
    ['KEY_RING', './ring.json'],
    ['COOKIE_KEYS', 'k1:AAAA'],
    ['COOKIE_KEYS', `${GOOD['COOKIE_KEYS']},${GOOD['COOKIE_KEYS']}`],
    ['SIGNING_KEY', 'AAAA'],
    ['GOOGLE_SCOPE', 'https://www.googleapis.com/auth/calendar'],
    ['SMTP_URL', 'https://x'],
    ['MAIL_FROM', 'nobody'],
    ['LEASE', 'disk'],
    ['MEETING_HOSTS', 'meet.google.com/x'],
    ['SECURITY_CONTACT', 'us'],
  ])('%s=%s names itself, and nothing else', (name, value) => {
    const said = faults({ [name]: value });
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(new RegExp(`^${name} `));
  });

  it('TRUSTED_PROXIES takes what Express takes', () => {
    for (const value of ['10.0.0.1', '10.0.0.0/8, ::1', 'loopback,uniquelocal', '10.0.0.1,'])
      expect(faults({ TRUSTED_PROXIES: value })).toEqual([]);
  });

  it('one that is there and wrong is not called missing, too', () => {
    const webhook = { WEBHOOK_URL: 'https://x.example', WEBHOOK_SECRET: 'foo' };
    expect(faults(webhook)).toEqual([expect.stringMatching(/^WEBHOOK_SECRET must be whsec_/)]);
    expect(faults({ ...webhook, WEBHOOK_SECRET: 'whsec_a,whsec_b' })).toEqual([
      expect.stringMatching(/^WEBHOOK_SECRET must be one secret/),
    ]);
    const none = { WEBHOOK_URL: 'https://x.example', WEBHOOK_SECRET_FILE: join(folder, 'none') };
    expect(faults(none)).toEqual([expect.stringMatching(/^WEBHOOK_SECRET_FILE names/)]);
    const redis = { ...GOOD, REDIS_URL: 'http://x' };
    expect(settingFaults(redis, 'separate-processes')).toEqual([expect.stringMatching(/^REDIS_URL must/)]);
    expect(settingFaults({ ...redis, LEASE: 'sealed' })).toEqual([expect.stringMatching(/^REDIS_URL must/)]);
  });

  it('never prints a secret', () => {
    for (const { name } of SETTING_SPECS.filter(({ secret }) => secret))
      expect(faults({ [name]: 'planted canary' }).join()).not.toContain('planted canary');
  });

  it('sees what does not go together', () => {
    expect(faults({ LEASE: 'sealed' })).toEqual([expect.stringContaining('REDIS_URL')]);
    expect(settingFaults(GOOD, 'separate-processes')).toEqual([expect.stringContaining('LEASE=memory')]);
    expect(settingFaults({ ...GOOD, REDIS_URL: 'redis://x' }, 'separate-processes')).toEqual([]);
    expect(faults({ WEBHOOK_URL: 'https://x.example' })).toEqual([expect.stringContaining('WEBHOOK_SECRET')]);
  });
});

describe('P16 secrets from files', () => {
  it('reads them, trimmed', () => {
    const settings = loadSettings({
      ...GOOD,
      GOOGLE_CLIENT_SECRET: undefined,
      GOOGLE_CLIENT_SECRET_FILE: file('secret', 'from a file\n'),
    });
    expect(settings.google.clientSecret).toBe('from a file');
  });

  it('refuses a file that is not there, one beside the plain setting, and an empty one', () => {
    expect(faults({ SIGNING_KEY: undefined, SIGNING_KEY_FILE: join(folder, 'none') })).toEqual([
      expect.stringContaining('cannot be read'),
    ]);
    expect(faults({ SIGNING_KEY_FILE: file('k', GOOD['SIGNING_KEY']!) })).toEqual([
      expect.stringContaining('both set'),
    ]);
    expect(faults({ SIGNING_KEY: undefined, SIGNING_KEY_FILE: file('empty', '\n') })).toEqual([
      expect.stringContaining('SIGNING_KEY is missing'),
    ]);
  });
});

describe('R10 R11 production refuses to start without encryption, or towards a host outside the list', () => {
  it('takes a good one', () => {
    expect(faults({}, PRODUCTION)).toEqual([]);
    expect(faults({ REDIS_URL: 'rediss://redis.example' }, PRODUCTION)).toEqual([]);
  });

  it.each([
    ['APP_URL', 'http://video.school.example'],
    ['HOST_JWKS_URL', 'http://meetings.school.example/jwks.json'],
    ['HOST_ISSUER', 'http://meetings.school.example'],
    ['GOOGLE_API_URL', 'http://www.googleapis.com'],
    ['GRAPH_URL', 'http://graph.microsoft.com'],
    ['DATABASE_URL', 'postgres://conferences:secret@db.example/conferences'],
    ['DATABASE_URL', 'postgres://conferences:secret@db.example/conferences?sslmode=prefer'],
    ['REDIS_URL', 'redis://redis.example'],
    ['MEETING_HOSTS', 'http://127.0.0.1:3000'],
    ['GRAPH_URL', 'https://graph.elsewhere.example'],
    ['SMTP_URL', 'smtps://mail.elsewhere.example'],
    ['ALLOWED_HOSTS', undefined],
    ['REGION', undefined],
    ['SECURITY_CONTACT', undefined],
    ['PRIVACY_CONTACT', undefined],
  ])('%s=%s', (name, value) => {
    const said = faults({ [name]: value }, PRODUCTION);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(new RegExp(`^${name} `));
  });

  const POSTGRES = 'postgres://c:planted@db.example/c?sslmode=verify-full';
  it.each([
    ['DATABASE_URL', 'postgres://c:planted@db.example/c?sslmode=require&sslmode=disable', 'sslmode'],
    ['DATABASE_URL', 'postgres://c:planted@db.example/c?sslmode=disable', 'sslmode'],
    ['DATABASE_URL', 'postgres://c:planted@db.example/c?sslmode=no-verify', 'sslmode'],
    ['DATABASE_URL', 'postgres://c:planted@db.example/c?SSLMODE=require', 'SSLMODE'],
    ['DATABASE_URL', `${POSTGRES}&host=elsewhere.example`, 'host'],
    ['DATABASE_MIGRATION_URL', `${POSTGRES}&host=elsewhere.example`, 'host'],
    ['DATABASE_URL', `${POSTGRES}&hostaddr=10.0.0.1`, 'hostaddr'],
    ['DATABASE_URL', `${POSTGRES}&port=1`, 'port'],
    ['DATABASE_URL', `${POSTGRES}&password=planted`, 'password'],
    ['DATABASE_URL', `${POSTGRES}&ssl=0`, 'ssl'],
    ['DATABASE_URL', `${POSTGRES}&sslrootcert=ca.pem`, 'NODE_EXTRA_CA_CERTS'],
    ['DATABASE_URL', `${POSTGRES}&uselibpqcompat=true`, 'uselibpqcompat'],
    ['REDIS_URL', 'rediss://:planted@redis.example?tls=', 'tls'],
    ['REDIS_URL', 'rediss://:planted@redis.example?host=elsewhere.example', 'host'],
    ['REDIS_URL', 'rediss://:planted@redis.example?path=x.sock', 'path'],
    ['REDIS_URL', 'rediss://:planted@redis.example?family=4&family=6', 'family'],
  ])('no query of %s talks past the checks: %s', (name, value, says) => {
    // Whatever moves the host, the role or the encryption is as wrong outside of production (a clear connection alone is not).
    const bases = value.endsWith('?sslmode=disable') ? [PRODUCTION] : [PRODUCTION, GOOD];
    for (const base of bases) {
      const said = faults({ [name]: value }, base);
      expect(said).toHaveLength(1);
      expect(said[0]).toMatch(new RegExp(`^${name} `));
      expect(said[0]).toContain(says);
      expect(said[0]).not.toContain('planted');
    }
  });

  it.each([
    // ioredis looks for rediss:// letter by letter, and speaks in clear where it finds something else.
    ['REDIS_URL', 'REDISS://redis.example'],
    ['REDIS_URL', 'rediss:/redis.example'],
    ['REDIS_URL', 'redis\ts://redis.example'],
    ['REDIS_URL', 'rediss://'],
    // Without a host, libpq's environment would name one that nobody looked at.
    ['DATABASE_URL', 'postgres:///c?sslmode=verify-full'],
    ['DATABASE_URL', 'postgres://c:%zz@db.example/c?sslmode=verify-full'],
  ])('%s=%s is no plain URL', (name, value) => {
    const said = faults({ [name]: value }, PRODUCTION).filter((line) => line.startsWith(`${name} must`));
    expect(said).toHaveLength(1);
  });

  it('takes the keys that are known; harmless others only outside of production', () => {
    const known = {
      DATABASE_URL: `${POSTGRES}&application_name=conferences&connect_timeout=10`,
      REDIS_URL: 'rediss://redis.example/0?family=6',
    };
    expect(faults(known, PRODUCTION)).toEqual([]);
    expect(faults(known)).toEqual([]);
    const plain = {
      DATABASE_URL: 'postgres://user:pw@127.0.0.1:5432/db',
      REDIS_URL: 'redis://127.0.0.1:6379/0',
    };
    expect(faults(plain)).toEqual([]);
    const others = {
      DATABASE_URL: 'postgres://user:pw@127.0.0.1:5432/db?sslmode=disable&pool_size=4',
      REDIS_URL: 'redis://127.0.0.1:6379/0?db=1',
    };
    expect(faults(others)).toEqual([]);
    expect(faults(others, PRODUCTION).length).toBeGreaterThanOrEqual(2);
    expect(faults({ DATABASE_URL: `${POSTGRES}&pool_size=4` }, PRODUCTION)).toEqual([
      expect.stringMatching(/^DATABASE_URL must not hold "pool_size" .*known there: sslmode/),
    ]);
    expect(faults({ DATABASE_URL: `${POSTGRES}&connect_timeout=soon` })).toEqual([
      expect.stringMatching(/^DATABASE_URL is wrong in its connect_timeout, which must be a number of seconds/),
    ]);
  });

  const KMS = 'aws-kms:arn:aws:kms:eu-west-1:123456789012:key/one';
  it.each([
    ['HOST_JWKS_URL', 'https://elsewhere.example/jwks'],
    ['GOOGLE_ISSUER', 'https://elsewhere.example'],
    ['GOOGLE_API_URL', 'https://elsewhere.example'],
    ['MICROSOFT_ISSUER', 'https://elsewhere.example/v2.0'],
    ['GRAPH_URL', 'https://graph.microsoft.com.elsewhere.example'],
    ['SMTP_URL', 'smtp://elsewhere.example'],
    ['WEBHOOK_URL', 'https://elsewhere.example/hook'],
    ['DATABASE_URL', 'postgres://c:planted@elsewhere.example/c?sslmode=verify-full'],
    ['DATABASE_MIGRATION_URL', 'postgres://o:planted@elsewhere.example/c?sslmode=verify-full'],
    ['REDIS_URL', 'rediss://:planted@elsewhere.example'],
    ['KEY_RING', KMS],
  ])('R11 refuses %s outside ALLOWED_HOSTS, by name and host', (name, value) => {
    const [said, ...others] = faults({ [name]: value, WEBHOOK_SECRET: GOOD['EVENT_SECRETS'] }, PRODUCTION);
    expect(others).toEqual([]);
    expect(said).toMatch(new RegExp(`^${name} names the host \\S*(elsewhere\\.example|amazonaws\\.com), which`));
    expect(said).not.toContain('planted');
  });

  it('tells all of them at once, and takes each that is on the list', () => {
    const elsewhere = {
      DATABASE_URL: 'postgres://c:x@elsewhere.example/c?sslmode=verify-full',
      GRAPH_URL: 'https://elsewhere.example',
      KEY_RING: KMS,
    };
    expect(faults(elsewhere, PRODUCTION)).toHaveLength(3);
    const allowed = `${PRODUCTION.ALLOWED_HOSTS},elsewhere.example,kms.eu-west-1.amazonaws.com`;
    expect(faults({ ...elsewhere, ALLOWED_HOSTS: allowed }, PRODUCTION)).toEqual([]);
    expect(
      faults({ ...elsewhere, ALLOWED_HOSTS: `${allowed.replace(',elsewhere', ',*.elsewhere')}` }, PRODUCTION),
    ).toHaveLength(2);
    const plain = {
      APP_URL: 'http://a.example',
      GRAPH_URL: 'http://b.example',
      REDIS_URL: 'redis://c.example',
      REGION: undefined,
    };
    // A wrong scheme does not hide the wrong host behind it.
    expect(faults(plain, PRODUCTION).sort()).toEqual([
      expect.stringMatching(/^APP_URL must/),
      expect.stringMatching(/^GRAPH_URL must/),
      expect.stringMatching(/^GRAPH_URL names the host b\.example, which ALLOWED_HOSTS/),
      expect.stringMatching(/^REDIS_URL must/),
      expect.stringMatching(/^REDIS_URL names the host c\.example, which ALLOWED_HOSTS/),
      expect.stringMatching(/^REGION is missing/),
    ]);
    expect(faults({ GRAPH_URL: 'no url', REDIS_URL: 'mailto:x' }, PRODUCTION)).toHaveLength(2);
  });

  it('R10 reaches KMS by TLS only', () => {
    const allowed = `${PRODUCTION.ALLOWED_HOSTS},kms.eu-west-1.amazonaws.com,kms.example`;
    const at = (endpoint: string) =>
      faults({ KEY_RING: KMS, ALLOWED_HOSTS: allowed, AWS_ENDPOINT_URL_KMS: endpoint }, PRODUCTION);
    expect(at('https://kms.example')).toEqual([]);
    expect(at('http://kms.example')).toEqual([expect.stringMatching(/^AWS_ENDPOINT_URL_KMS .*https/)]);
    expect(at('https://kms.elsewhere')).toEqual([expect.stringMatching(/^KEY_RING names the host kms\.elsewhere/)]);
    expect(faults({ KEY_RING: 'aws-kms:key/one' })).toEqual([expect.stringMatching(/^KEY_RING must be/)]);
  });

  it('allows a sandbox elsewhere', () => {
    expect(faults({ GRAPH_URL: 'http://127.0.0.1:4000', REDIS_URL: 'redis://127.0.0.1' })).toEqual([]);
  });
});

describe('P16 settings as the code sees them', () => {
  it('have no trailing slash, and their defaults', () => {
    const settings = loadSettings({
      ...GOOD,
      APP_URL: 'https://x.example//',
      GRAPH_URL: 'https://graph.microsoft.com/',
    });
    expect(settings).toMatchObject({ appUrl: 'https://x.example', port: 3000, lease: 'memory', queuePrefix: '{conf}' });
    expect(settings.microsoft.graphUrl).toBe('https://graph.microsoft.com');
    expect(settings.cookieKeys[0]!.key).toHaveLength(32);
    expect(settings.allowedHosts).toContain('graph.microsoft.com');
    expect(loadSettings({ ...GOOD, REDIS_URL: 'redis://x' }).lease).toBe('sealed');
  });

  it('.env.example is what the settings say', () => {
    expect(readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8')).toBe(environmentExample());
  });
});
