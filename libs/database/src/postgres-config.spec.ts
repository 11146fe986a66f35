import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { TLSSocket, createSecureContext } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { checkConnection, connectFault } from './connect-fault.js';
import { Database } from './database.js';
import { checkKeptApart } from './kept-apart.js';
import { migrate } from './migrate.js';
import { postgresConfig } from './postgres-config.js';
import { aloneWithKeys } from './rotate-keys.js';

/** Signed by nobody but itself, made for this test; it opens nothing. */
const KEY =
  'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnFLv9/l++NVi03TYoqaMlU8rjPtCTBjsRCvTg5Oi0IihRANCAATLvO1IuJvjIkVXSolHr7olk3o4BqjO1RczjDe2OY++j/XXgFHf1FTZMDK+DqiUNJ57mEpm+zR1pkzgGero7sPv';
const CERTIFICATE =
  'MIIBgDCCASWgAwIBAgIUa5n7ubcL/iAAwl+AKaxlQTS7KWowCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjEyNDE1MFoYDzIxMjYxMDI5MTI0MTUwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATLvO1IuJvjIkVXSolHr7olk3o4BqjO1RczjDe2OY++j/XXgFHf1FTZMDK+DqiUNJ57mEpm+zR1pkzgGero7sPvo1MwUTAdBgNVHQ4EFgQUObcd/TIDrmK+ZN56NNeCQ/Zt0NswHwYDVR0jBBgwFoAUObcd/TIDrmK+ZN56NNeCQ/Zt0NswDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA9UoGxyyVp/BjWAtWrL0mFcumf/TniNDJ/ofzT++z7bUCIQCtd9usGjAWvO3tbtkz1DIlaRan05IsZzwKAqWVGPL68w==';

describe('R10 what a Postgres URL says is the same for every connection', () => {
  it('takes it apart', () => {
    expect(
      postgresConfig(
        'postgres://a%40b:p%3Fw@db.example:6432/conf?sslmode=verify-full&application_name=c&connect_timeout=3',
      ),
    ).toEqual({
      user: 'a@b',
      password: 'p?w',
      host: 'db.example',
      port: 6432,
      database: 'conf',
      ssl: { rejectUnauthorized: true },
      application_name: 'c',
      connectionTimeoutMillis: 3000,
    });
    expect(postgresConfig('postgres://[::1]')).toEqual({ host: '::1', port: 5432 });
  });

  it.each([
    ['', undefined],
    ['?sslmode=disable', false],
    ['?sslmode=require', { rejectUnauthorized: false }],
    ['?sslmode=verify-ca', { rejectUnauthorized: true }],
    ['?sslmode=verify-full', { rejectUnauthorized: true }],
  ])('%s', (query, ssl) => {
    expect(postgresConfig(`postgres://u:p@h/d${query}`).ssl).toEqual(ssl);
    // pg has the last word over what it is given: it must say the same.
    const seen = new pg.Client(postgresConfig(`postgres://u:p@h/d${query}`)).ssl;
    expect(seen).toEqual(ssl ?? false);
  });

  it('no query moves the host, the role or the database', () => {
    const plain = postgresConfig('postgres://u:p@h:1/d?sslmode=verify-full');
    expect(
      postgresConfig(
        'postgres://u:p@h:1/d?sslmode=verify-full&sslmode=disable&host=evil.example&port=2&user=x&password=x&ssl=0&schema=s&uselibpqcompat=true',
      ),
    ).toEqual(plain);
  });
});

describe('R10 a certificate that nobody signed', () => {
  // A Postgres as far as TLS: whoever takes its certificate sends the role; that is counted, and the line is cut.
  let started = 0;
  const context = createSecureContext({
    key: createPrivateKey({ key: Buffer.from(KEY, 'base64'), format: 'der', type: 'pkcs8' }).export({
      format: 'pem',
      type: 'pkcs8',
    }),
    cert: `-----BEGIN CERTIFICATE-----\n${CERTIFICATE}\n-----END CERTIFICATE-----`,
  });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write('S');
      const secure = new TLSSocket(socket, { isServer: true, secureContext: context });
      secure.on('error', () => undefined);
      secure.once('data', () => {
        started += 1;
        secure.destroy();
      });
    });
  });
  let url = '';
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    url = `postgres://u:p@localhost:${(server.address() as AddressInfo).port}/d`;
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it.each<[string, (url: string) => Promise<unknown>]>([
    [
      'a client',
      async (at) => {
        const client = new pg.Client(postgresConfig(at));
        client.on('error', () => undefined);
        await client.connect();
      },
    ],
    [
      'MikroORM',
      async (at) => {
        const database = await Database.connect(at, 1);
        await database.answers();
        await database.close();
      },
    ],
    ['the look at the roles', (at) => checkKeptApart({ databaseUrl: at, production: true }, () => undefined)],
    ['the lock of the keys', (at) => aloneWithKeys(at, () => Promise.resolve())],
    ['migrate', (at) => migrate(at, at)],
  ])('%s takes it with require, and not with verify-full', async (_, connect) => {
    const startsOf = async (mode: string) => {
      started = 0;
      await connect(`${url}?sslmode=${mode}`).catch(() => undefined);
      return started > 0;
    };
    expect(await startsOf('require')).toBe(true);
    expect(await startsOf('verify-full')).toBe(false);
  });

  it('is called a TLS fault', async () => {
    const fault = await checkConnection(`${url}?sslmode=verify-full`).catch((error: unknown) =>
      connectFault('DATABASE_URL', error),
    );
    expect(fault).toMatch(/^DATABASE_URL: Postgres \(DEPTH_ZERO_SELF_SIGNED_CERT\): TLS fault/);
  });
});
