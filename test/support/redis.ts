import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';

/** A redis-server of the test's own; nothing of it is written to disk unless a folder is given. */
export interface RunningRedis {
  readonly url: string;
  readonly port: number;
  /** SIGSTOP and SIGCONT make it half-open: connections stay, nobody answers. */
  signal(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** Is there a redis-server to start? */
export const hasRedis = (): boolean => spawnSync('redis-server', ['--version']).status === 0;

/**
 * Starts redis-server on this computer only, on a free port unless one is given.
 * @param options.folder where it writes its append-only file, and a dump (`SAVE`) without compression
 */
export async function startRedis(options: { port?: number; folder?: string } = {}): Promise<RunningRedis> {
  const port = options.port ?? (await freePort());
  const disk = options.folder
    ? ['--dir', options.folder, '--appendonly', 'yes', '--rdbcompression', 'no']
    : ['--appendonly', 'no', '--repl-diskless-load', 'swapdb'];
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', ...disk];
  const server = spawn('redis-server', args, { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const url = `redis://127.0.0.1:${port}`;
  const onExit = () => server.kill('SIGKILL');
  // A hard end of this process must not leave a server behind.
  process.once('exit', onExit);
  const stop = async () => {
    process.off('exit', onExit);
    server.kill('SIGKILL');
    await ended;
  };
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: 100 });
  client.on('error', () => {});
  try {
    await client.ping();
  } catch (error) {
    await stop();
    throw error;
  } finally {
    client.disconnect();
  }
  return { url, port, stop, signal: (signal) => server.kill(signal) };
}

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
