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
    'meetings.school.example,accounts.google.com,www.googleapis.com,login.microsoftonline.com,graph.microsoft.com,smtp.school.example',
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
    ['PORT', '65536'],
    ['PORT', 'x'],
    ['DATABASE_URL', 'mysql://x'],
    ['REDIS_URL', 'http://x'],
    ['EVENT_SECRETS', 'whsec_short'],
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
