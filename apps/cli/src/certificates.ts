import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { StartupError } from '#libs/platform';
import { readArgs } from './read-args.js';

const AUTHORITY_DAYS = 3_650;
/** What browsers allow, too: a certificate that is renewed rarely is renewed by nobody. */
const SERVER_DAYS = 397;
const HOST = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;

/**
 * `conferences certificates --out DIR`: an authority of one's own, and a server certificate for Postgres and for Redis, so that
 * both can be spoken to with `verify-full`. Called again it renews the two and keeps the authority. Node cannot sign
 * certificates, so this calls openssl. @returns the exit code
 */
export function certificates(args: readonly string[]): Promise<number> {
  const { options } = readArgs('certificates', args, { values: ['out', 'hosts'] });
  const folder = options.get('out');
  const hosts = (options.get('hosts') ?? 'postgres,redis').split(',').map((host) => host.trim());
  if (!folder) throw new StartupError(['certificates needs --out DIR.']);
  const wrong = hosts.find((host) => !HOST.test(host));
  if (wrong !== undefined) throw new StartupError([`--hosts: "${wrong}" is no host name. Nothing was made.`]);
  if (spawnSync('openssl', ['version']).status !== 0)
    throw new StartupError(['certificates needs openssl 3 in PATH, and it is not there. Nothing was made.']);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const at = (name: string) => join(folder, name);
  const isRenewal = existsSync(at('authority.key'));
  if (!isRenewal)
    openssl(at('authority.key'), AUTHORITY_DAYS, '/CN=Conferences authority', at('authority.crt'), [
      'basicConstraints=critical,CA:TRUE,pathlen:0',
      'keyUsage=critical,keyCertSign,cRLSign',
    ]);
  for (const host of hosts)
    openssl(
      at(`${host}.key`),
      SERVER_DAYS,
      `/CN=${host}`,
      at(`${host}.crt`),
      [
        'basicConstraints=critical,CA:FALSE',
        'keyUsage=critical,digitalSignature',
        'extendedKeyUsage=serverAuth',
        `subjectAltName=DNS:${host},DNS:localhost,IP:127.0.0.1`,
      ],
      ['-CA', at('authority.crt'), '-CAkey', at('authority.key')],
    );
  process.stdout.write(
    `${isRenewal ? 'Renewed' : 'Made'}: ${hosts.map((host) => `${host}.crt`).join(', ')} in ${folder}, for ${SERVER_DAYS} days. Keep authority.key elsewhere; NODE_EXTRA_CA_CERTS is ${at('authority.crt')}.\n`,
  );
  return Promise.resolve(0);
}

function openssl(
  key: string,
  days: number,
  subject: string,
  out: string,
  extensions: readonly string[],
  more: readonly string[] = [],
): void {
  const made = spawnSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-sha256',
      '-keyout',
      key,
      '-out',
      out,
      '-days',
      String(days),
      '-subj',
      subject,
      '-config',
      '/dev/null',
      ...extensions.flatMap((extension) => ['-addext', extension]),
      ...more,
    ],
    { encoding: 'utf8' },
  );
  if (made.status !== 0)
    throw new StartupError([`openssl could not make ${out}: ${made.stderr.trim().split('\n').at(-1)}`]);
  chmodSync(key, 0o600);
}
