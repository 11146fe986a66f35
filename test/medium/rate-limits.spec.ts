import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BlindIndex, KeyRing } from '#libs/encryption';
import { createLogger } from '#libs/platform';
import { Redis } from 'ioredis';
import { LIMITS, RateLimits, networkOf } from '../../apps/api/src/http/rate-limits.js';
import { backends } from '../support/backends.js';
import { startRedis, type RunningRedis } from '../support/redis.js';
import { until } from '../support/until.js';

process.env['LOG_LEVEL'] = 'fatal';
const index = new BlindIndex(KeyRing.generate().ring);
const from = (ip: string) => ({ ip, path: '/v1/me' });
const isRefused = (counting: Promise<void>) =>
  counting.then(
    () => false,
    () => true,
  );

describe('R15 an address of IPv6 counts with its network', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    [undefined, 'unknown'],
  ])('%s is %s', (address, network) => expect(networkOf(address)).toBe(network));
});

// Real: Redis. Needs redis-server; without it there is one process, which counts in memory.
(backends().includes('redis') ? describe : describe.skip)('R15 limits count over all processes', () => {
  let redis: RunningRedis;
  let prefix = '';
  const open: RateLimits[] = [];
  const process = () => {
    const settings = { redisUrl: redis.url, queuePrefix: prefix };
    const limits = new RateLimits({ settings, index, logger: createLogger('api') });
    open.push(limits);
    return limits;
  };
  /** Until this process counts in Redis: what it counted before stays with itself. */
  const isConnected = (limits: RateLimits) =>
    until('a process reaches Redis', () => (limits as unknown as { redis: Redis }).redis.status === 'ready');

  beforeEach(async () => {
    redis = await startRedis();
    prefix = `{limits-${randomUUID().slice(0, 8)}}`;
  });
  afterEach(async () => {
    for (const limits of open.splice(0)) limits.close();
    await redis.stop();
  });

  it('what one process counted, the other one knows, and Redis holds no address', async () => {
    const [one, two] = [process(), process()];
    await Promise.all([isConnected(one), isConnected(two)]);
    const { points } = LIMITS.refusedIntake;
    for (let n = 0; n < points; n += 1) await [one, two][n % 2]!.countRefusedIntake(from('192.0.2.7'));
    for (const limits of [one, two])
      await expect(limits.countRefusedIntake(from('192.0.2.7'))).rejects.toMatchObject({
        status: 429,
        headers: { 'Retry-After': expect.stringMatching(/^[1-9]\d?$/) },
      });
    expect(await isRefused(one.countRefusedIntake(from('192.0.2.8')))).toBe(false);
    const client = new Redis(redis.url);
    const keys = await client.keys('*');
    client.disconnect();
    expect(keys).toHaveLength(2);
    expect(keys.join()).not.toContain('192.0.2');
  });

  it.each<[string, (signalled: RunningRedis) => Promise<void> | void]>([
    ['hangs', (signalled) => signalled.signal('SIGSTOP')],
    ['is gone', (signalled) => signalled.stop()],
  ])('while Redis %s each process counts alone, and nobody waits or fails', async (_name, strike) => {
    const limits = process();
    await isConnected(limits);
    await strike(redis);
    const { points } = LIMITS.refusedIntake;
    // The first ones, together, wait for an answer of Redis for a quarter of a second; then it is known to be away.
    const first = await Promise.all(
      Array.from({ length: points }, () => isRefused(limits.countRefusedIntake(from('a')))),
    );
    expect(first.filter(Boolean)).toEqual([]);
    expect(await isRefused(limits.countRefusedIntake(from('a')))).toBe(true);
    redis.signal('SIGCONT');
  });
});
