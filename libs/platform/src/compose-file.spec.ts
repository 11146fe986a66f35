import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { SETTING_SPECS } from './setting-specs.js';
import { settingFaults } from './settings.js';

interface Service {
  image?: string;
  build?: unknown;
  user?: string;
  command?: string[];
  environment?: Record<string, string>;
  read_only?: boolean;
  security_opt?: string[];
  cap_drop?: string[];
  profiles?: string[];
  ports?: string[];
  networks?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test?: unknown; disable?: boolean };
}

const root = process.cwd();
const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const compose = parse(text, { merge: true }) as {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean }>;
  secrets: Record<string, unknown>;
};
const { services } = compose;
const secure = parse(readFileSync(join(root, 'docker-compose.production.yml'), 'utf8')) as {
  services: Record<string, Service & { secrets?: string[] }>;
  secrets: Record<string, { file: string }>;
};
const service = (name: string) => services[name]!;
const everyService = Object.entries(services);

/** What compose would hand over where `.env` has a true value for everything that it asks for. */
function filled(environment: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value.replaceAll(/\$\{(\w+):([?-])([^}]*)\}/g, (_, asked: string, kind: string, rest: string) =>
        kind === '-' ? rest : (SETTING_SPECS.find((spec) => spec.name === asked)?.example ?? 'Secret1'),
      ),
    ]),
  );
}

describe('docker-compose.yml', () => {
  it('has what the contract says, and two profiles', () => {
    const always = everyService.filter(([, one]) => !one.profiles).map(([name]) => name);
    expect(always.sort()).toEqual(['api', 'migrate', 'postgres', 'redis', 'set-up', 'worker']);
    expect(everyService.flatMap(([, one]) => one.profiles ?? []).sort()).toEqual(['mail', 'observe']);
  });

  it.each(everyService)('%s has few rights', (name, one) => {
    expect(one.read_only).toBe(true);
    expect(one.security_opt).toContain('no-new-privileges:true');
    expect(one.cap_drop).toEqual(['ALL']);
    expect([name, one.user]).not.toEqual([name, undefined]);
    expect(['root', '0', '0:0']).not.toContain(one.user);
  });

  it.each(everyService)('%s runs a pinned image', (_, one) => {
    expect(one.image).toMatch(/^[\w./-]+:v?\d+\.\d+/);
  });

  it.each(everyService)('%s tells whether it is well, or ends', (name, one) => {
    if (['migrate', 'set-up'].includes(name)) expect(one.healthcheck).toEqual({ disable: true });
    else expect(one.healthcheck?.test).toBeDefined();
  });

  it.each(['api', 'worker'])('%s waits for Postgres, Redis and the migration', (name) => {
    expect(service(name).depends_on).toEqual({
      postgres: { condition: 'service_healthy' },
      redis: { condition: 'service_healthy' },
      migrate: { condition: 'service_completed_successfully' },
    });
  });

  it.each(['api', 'worker'])('%s has every setting that production asks for', (name) => {
    const environment = service(name).environment!;
    for (const spec of SETTING_SPECS)
      if (spec.required !== 'never') expect(Object.keys(environment)).toContain(spec.name);
    const known = SETTING_SPECS.map((spec) => spec.name);
    expect(Object.keys(environment).filter((setting) => !known.includes(setting))).toEqual([]);
  });

  it.each(['api', 'worker'])('%s starts with what it is given', (name) => {
    expect(settingFaults(filled(service(name).environment!), 'separate-processes')).toEqual([]);
  });

  it.each(['api', 'worker'])('%s never learns the owner of the tables', (name) => {
    expect(JSON.stringify(service(name).environment)).not.toMatch(/OWNER_PASSWORD|MIGRATION/);
  });

  it('migrates once, as the owner, for the application role', () => {
    const { command, environment } = service('migrate');
    expect(command?.slice(-2)).toEqual(['dist/apps/cli/src/main.js', 'migrate']);
    expect(new URL(filled(environment!)['DATABASE_MIGRATION_URL']!).username).toBe('conferences_owner');
    expect(new URL(filled(environment!)['DATABASE_URL']!).username).toBe('conferences');
  });

  it('R10 shows no store to the machine, and nothing to the network', () => {
    for (const name of ['postgres', 'redis']) {
      expect(service(name).ports).toBeUndefined();
      expect(service(name).networks).toEqual(['inside']);
    }
    expect(compose.networks['inside']!.internal).toBe(true);
    for (const [, one] of everyService) for (const port of one.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('P2 its Redis forgets nothing', () => {
    const command = service('redis').command!.join(' ');
    expect(command).toContain('--maxmemory-policy noeviction');
    expect(command).toContain('--appendonly yes');
    expect(command).toContain('--requirepass');
  });

  it('holds no secret itself', () => {
    for (const [, value] of everyService.flatMap(([, one]) => Object.entries(one.environment ?? {})))
      expect(value.replaceAll(/\$\{[^}]*\}/g, '')).not.toMatch(/whsec_|:[^/@:]+@/);
  });
});

describe('R10 docker compose up says what it is', () => {
  it('before anything else: Postgres and Redis wait for that line', () => {
    expect(service('set-up').command!.join(' ')).toMatch(
      /evaluation set-up: no TLS .* Not for the data of real families/,
    );
    for (const name of ['postgres', 'redis'])
      expect(service(name).depends_on).toEqual({ 'set-up': { condition: 'service_completed_successfully' } });
    expect(secure.services['set-up']!.command!.join(' ')).toContain('production set-up: TLS');
  });
});

describe('R10 docker-compose.production.yml over it', () => {
  const merged = (name: string) => ({ ...service(name).environment, ...secure.services[name]!.environment });

  it.each(['api', 'worker'])('%s starts in production with what it is given', (name) => {
    const given: Record<string, string> = { ...filled(merged(name)), SMTP_URL: 'smtps://u:p@mail.school.example:465' };
    const hosts = `${given['ALLOWED_HOSTS']},postgres,redis,mail.school.example`;
    expect(settingFaults({ ...given, ALLOWED_HOSTS: hosts }, 'separate-processes')).toEqual([]);
    expect(given['NODE_ENV']).toBe('production');
  });

  it('every connection to a store is encrypted and verified, with an authority of one’s own', () => {
    for (const name of ['api', 'worker', 'migrate']) {
      const environment = filled(secure.services[name]!.environment!);
      const urls = Object.entries(environment).filter(([setting]) => setting.startsWith('DATABASE_'));
      expect(urls.length).toBeGreaterThan(0);
      for (const [, url] of urls) expect(new URL(url).search).toBe('?sslmode=verify-full');
      if (name !== 'migrate') expect(environment['REDIS_URL']).toMatch(/^rediss:/);
      expect(environment['NODE_EXTRA_CA_CERTS']).toBe('/run/secrets/authority');
      expect(secure.services[name]!.secrets).toContain('authority');
    }
    expect(secure.services['postgres']!.command!.join(' ')).toContain('ssl=on');
    expect(secure.services['redis']!.command!.join(' ')).toMatch(/--port 0 --tls-port 6379/);
  });

  it('its Redis forgets nothing either, and every secret that is named is there', () => {
    const command = secure.services['redis']!.command!.join(' ');
    for (const flag of ['--maxmemory-policy noeviction', '--appendonly yes', '--requirepass'])
      expect(command).toContain(flag);
    const known = [...Object.keys(compose.secrets), ...Object.keys(secure.secrets)];
    for (const one of Object.values(secure.services))
      for (const name of one.secrets ?? []) expect(known).toContain(name);
    expect(Object.keys(secure.services).every((name) => name in services)).toBe(true);
  });
});

describe('deploy/postgres/init.sql', () => {
  const sql = readFileSync(join(root, 'deploy/postgres/init.sql'), 'utf8');

  it('makes an application role that owns nothing', () => {
    expect(sql).toMatch(/create role conferences login nosuperuser nocreatedb nocreaterole/);
    expect(sql).toMatch(/alter database conferences owner to conferences_owner/);
    expect(sql).not.toMatch(/owner to conferences;|grant all/);
  });

  it('takes its passwords from the environment that compose gives', () => {
    const asked = [...sql.matchAll(/\\getenv \w+ (\w+)/g)].map((match) => match[1]!);
    expect(asked).toEqual(['OWNER_PASSWORD', 'APPLICATION_PASSWORD']);
    for (const name of asked) expect(service('postgres').environment).toHaveProperty(name);
  });
});

describe('Dockerfile', () => {
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));

  it('runs as somebody without rights, with what production needs and no more', () => {
    expect(last).toContain('\nUSER node\n');
    expect(last).toContain('\nHEALTHCHECK ');
    expect(dockerfile).toContain('npm ci --omit=dev --omit=optional');
    expect(last).not.toMatch(/npm (ci|install)|COPY \. /);
  });

  it('builds on a pinned line of Node', () => {
    for (const [, image] of dockerfile.matchAll(/^FROM (\S+)/gm)) expect(image).toBe('node:24-bookworm-slim');
  });
});
