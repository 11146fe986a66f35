import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { Agent, request, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificates } from '../../apps/cli/src/certificates.js';
import { freePort } from './redis.js';
import { until } from './until.js';

export const PROXY_HOST = 'video.school.example';

export const hasNginx = (): boolean => spawnSync('nginx', ['-v']).status === 0;

export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** nginx with deploy/nginx/conferences.conf itself: only ports, paths of certificates and the API's port are others. */
export async function startNginx(apiPort: number) {
  const home = mkdtempSync(join(tmpdir(), 'conferences-nginx-'));
  await certificates(['--out', home, '--hosts', PROXY_HOST]);
  const [tls, plain] = [await freePort(), await freePort()];
  const swap = (text: string, from: string, to: string) => {
    if (!text.includes(from)) throw new Error(`deploy/nginx/conferences.conf has no "${from}" any more.`);
    return text.replace(from, to);
  };
  let conf = readFileSync(join(process.cwd(), 'deploy/nginx/conferences.conf'), 'utf8');
  conf = swap(conf, 'server 127.0.0.1:3000;', `server 127.0.0.1:${apiPort};`);
  conf = swap(conf, 'listen 443 ssl http2;', `listen 127.0.0.1:${tls} ssl http2;`);
  conf = swap(conf, 'listen 80;', `listen 127.0.0.1:${plain};`);
  conf = swap(conf, '/etc/ssl/conferences/fullchain.pem', join(home, `${PROXY_HOST}.crt`));
  conf = swap(conf, '/etc/ssl/conferences/privkey.pem', join(home, `${PROXY_HOST}.key`));
  conf = swap(conf, '/var/log/nginx/conferences.log', join(home, 'access.log'));
  conf = swap(conf, '/var/log/nginx/conferences-error.log', join(home, 'error.log'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    join(home, 'nginx.conf'),
    `daemon off; ${process.getuid?.() === 0 ? 'user root;' : ''} pid ${home}/pid; error_log ${home}/error.log; events {} http {
    ${temporary.map((name) => `${name}_temp_path ${home}/${name};`).join(' ')}
    ${conf} }`,
  );
  const child = spawn('nginx', ['-e', `${home}/error.log`, '-c', `${home}/nginx.conf`], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  const options: RequestOptions = {
    host: '127.0.0.1',
    port: tls,
    ca: readFileSync(join(home, 'authority.crt')),
    servername: PROXY_HOST,
    agent,
  };
  const ask = (path: string, more: RequestOptions = {}, body?: string | Buffer): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const asked = request(
        { ...options, path, ...more, headers: { host: PROXY_HOST, ...(more.headers as NodeJS.Dict<string>) } },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.once('end', () =>
            resolve({
              status: answer.statusCode!,
              headers: answer.headers,
              body: Buffer.concat(chunks).toString('utf8'),
            }),
          );
          answer.once('error', reject);
        },
      );
      asked.once('error', reject).end(body);
    });
  const stop = async () => {
    agent.destroy();
    child.kill('SIGQUIT');
    await Promise.race([
      ended,
      until('nginx ends', () => child.exitCode !== null || null, 5).catch(() => child.kill('SIGKILL')),
    ]);
    rmSync(home, { recursive: true, force: true });
  };
  await until(`nginx listens; it said: ${readLog(home)}`, () =>
    ask('/livez').then(
      ({ status }) => status === 200 || null,
      () => null,
    ),
  ).catch(async (error: unknown) => {
    const said = readLog(home);
    await stop();
    throw new Error(`${String(error)} ${said}`);
  });
  const logs = () => readFileSync(join(home, 'access.log'), 'utf8') + readFileSync(join(home, 'error.log'), 'utf8');
  return { ask, options, plainPort: plain, logs, stop };
}

function readLog(home: string): string {
  try {
    return readFileSync(join(home, 'error.log'), 'utf8').slice(-500);
  } catch {
    return '';
  }
}

/** A plain request, where no redirect is followed. */
export const askPlain = (port: number, path: string): Promise<{ status: number; location: string | undefined }> =>
  new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port, path, headers: { host: PROXY_HOST } }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode!, location: answer.headers.location });
    })
      .once('error', reject)
      .end();
  });
