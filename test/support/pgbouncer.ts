import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './redis.js';
import { until } from './until.js';

/** Is there a pgbouncer to start? */
export const hasPgbouncer = (): boolean => spawnSync('pgbouncer', ['--version']).status === 0;

/** Its version, as numbers: 1.21 was the first to know prepared statements in transaction mode. */
export const pgbouncerVersion = (): [major: number, minor: number] => {
  const said = spawnSync('pgbouncer', ['--version'], { encoding: 'utf8' }).stdout;
  const [, major, minor] = /PgBouncer (\d+)\.(\d+)/.exec(said)!;
  return [Number(major), Number(minor)];
};

/**
 * A pgbouncer of the test's own in front of a Postgres, in transaction mode, with few connections to it, so that a client
 * hardly ever gets the same one twice.
 * @param url of the Postgres, as the role that the product uses
 * @param extra further lines of its settings
 * @returns the same URL by way of it
 */
export async function startPgbouncer(
  url: string,
  extra: readonly string[] = [],
): Promise<{ url: string; stop: () => Promise<void> }> {
  const { hostname, port: serverPort, username, password, pathname } = new URL(url);
  const folder = mkdtempSync(join(tmpdir(), 'conferences-pgbouncer-'));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const name = pathname.slice(1);
  writeFileSync(join(folder, 'users.txt'), `"${username}" "${decodeURIComponent(password)}"\n`);
  writeFileSync(
    join(folder, 'pgbouncer.ini'),
    [
      '[databases]',
      `${name} = host=${hostname} port=${serverPort} dbname=${name}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = plain',
      `auth_file = ${join(folder, 'users.txt')}`,
      'pool_mode = transaction',
      'default_pool_size = 6',
      'max_client_conn = 200',
      'server_round_robin = 1',
      ...extra,
    ].join('\n'),
  );
  // It refuses to run as root.
  const asRoot = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const child = spawn('pgbouncer', [join(folder, 'pgbouncer.ini')], { stdio: 'ignore', ...asRoot });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const onExit = () => child.kill('SIGKILL');
  process.once('exit', onExit);
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String(port);
  await until('pgbouncer answers', async () => {
    const client = new pg.Client({ connectionString: through.href });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return true;
    } catch {
      return false;
    }
  });
  return {
    url: through.href,
    stop: async () => {
      process.off('exit', onExit);
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
