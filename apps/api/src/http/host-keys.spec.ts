import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, jwtVerify, SignJWT, type JWK } from 'jose';
import { pino } from 'pino';
import { DependencyHealth, Metrics } from '#libs/platform';
import { HostKeys } from './host-keys.js';
import { Unavailable } from './problem.js';

const HOUR = 3600_000;

describe('R12 keys of the parent-meetings module', () => {
  let server: Server;
  let answer: { status: number; body: string } | 'hang up';
  let asked: number;
  let lines: { msg: string; code?: string }[];
  let health: DependencyHealth;
  let now: number;
  let keys: HostKeys;
  let pairs: { jwk: JWK; sign: () => Promise<string> }[];

  const publish = (...jwks: JWK[]) => (answer = { status: 200, body: JSON.stringify({ keys: jwks }) });
  const verdict = async (token: string) =>
    jwtVerify(token, keys.get).then(
      () => 'verified',
      (error: unknown) => (error instanceof Unavailable ? 'unavailable' : 'refused'),
    );

  beforeEach(async () => {
    asked = 0;
    now = 0;
    lines = [];
    pairs = await Promise.all(
      ['a', 'b'].map(async (kid) => {
        const { publicKey, privateKey } = await generateKeyPair('ES256');
        const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' };
        return { jwk, sign: () => new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey) };
      }),
    );
    publish(pairs[0]!.jwk);
    server = createServer((_request, response) => {
      asked += 1;
      if (answer === 'hang up') response.destroy();
      else response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const logger = pino(
      { level: 'info' },
      { write: (line: string) => lines.push(JSON.parse(line) as (typeof lines)[0]) },
    );
    const clock = { now: () => new Date(now) };
    health = new DependencyHealth(new Metrics(), logger, clock);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
    keys = new HostKeys(url, health, () => now);
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const away: [string, () => unknown][] = [
    ['503', () => (answer = { status: 503, body: '{}' })],
    ['a redirect', () => (answer = { status: 302, body: '' })],
    ['a page', () => (answer = { status: 200, body: '<html>' })],
    ['JSON that is no key set', () => (answer = { status: 200, body: '{"keys":"none"}' })],
    ['a list of nothing', () => publish()],
    ['a set that is too large', () => (answer = { status: 200, body: `"${'x'.repeat(300_000)}"` })],
    ['keys that are none', () => publish({} as JWK, { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'a' })],
    ['shared secrets', () => publish({ kty: 'oct', k: 'c2VjcmV0', kid: 'a' })],
    ['null', () => (answer = { status: 200, body: 'null' })],
    ['a connection that breaks', () => (answer = 'hang up')],
  ];

  it.each(away)(
    'while their source answers %s, the last good ones serve for twelve hours, then 503',
    async (_, goAway) => {
      const token = await pairs[0]!.sign();
      expect(await verdict(token)).toBe('verified');
      goAway();
      now = 11.9 * HOUR;
      expect(await verdict(token)).toBe('verified');
      now = 12.1 * HOUR;
      expect(await verdict(token)).toBe('unavailable');
      expect(health.away()).toEqual([expect.objectContaining({ name: 'host-keys' })]);
      publish(pairs[0]!.jwk);
      now += 6_000;
      expect(await verdict(token)).toBe('verified');
      expect(health.away()).toEqual([]);
    },
  );

  it('a key that is not known while the source is away is nobody’s fault', async () => {
    await verdict(await pairs[0]!.sign());
    answer = 'hang up';
    now += 6_000;
    expect(await verdict(await pairs[1]!.sign())).toBe('unavailable');
    publish(pairs[0]!.jwk);
    now += 6_000;
    expect(await verdict(await pairs[0]!.sign())).toBe('verified');
    // The source answers again, and does not know it.
    now += 6_000;
    expect(await verdict(await pairs[1]!.sign())).toBe('refused');
  });

  it('a new key is believed at once, one that was taken out no longer than ten minutes', async () => {
    expect(await verdict(await pairs[0]!.sign())).toBe('verified');
    publish(pairs[1]!.jwk);
    now += 6_000;
    expect(await verdict(await pairs[1]!.sign())).toBe('verified');
    expect(await verdict(await pairs[0]!.sign())).toBe('refused');
  });

  it('tokens with made-up keys do not make us ask more than once in five seconds', async () => {
    await verdict(await pairs[0]!.sign());
    const before = asked;
    now += 6_000;
    const stranger = await pairs[1]!.sign();
    for (let time = 0; time < 50; time += 1) expect(await verdict(stranger)).toBe('refused');
    expect(asked - before).toBe(1);
  });

  it('one line when they go away, one a minute, one when they are back', async () => {
    answer = { status: 503, body: '' };
    const token = await pairs[0]!.sign();
    for (let time = 0; time < 30; time += 1) {
      await verdict(token);
      now += 6_000;
    }
    publish(pairs[0]!.jwk);
    await verdict(token);
    expect(lines.filter(({ msg }) => msg === 'dependency away')).toHaveLength(3);
    expect(lines[0]).toMatchObject({ dependency: 'host-keys', code: 'HTTP_503', level: 50 });
    expect(lines.at(-1)).toMatchObject({ msg: 'dependency back' });
  });
});
