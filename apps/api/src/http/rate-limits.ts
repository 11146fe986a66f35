import { isIPv6 } from 'node:net';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import { limitsClient } from '#libs/messaging';
import { errorPlace, type Settings } from '#libs/platform';
import type { Core } from '../core.js';
import type { CalledRequest, Caller } from './caller.js';
import { Problem } from './problem.js';

/**
 * Far above what people and well-behaved programs do: these keep one address, one person or one school from taking the
 * whole API. Not counted: signed intake, which must never wait, health, and `/j`, where a whole school may sit behind one
 * address (it counts unknown tokens: they have 256 bits, so whoever sends that many is guessing).
 */
export const LIMITS = {
  address: { points: 1_200, seconds: 60, detail: 'Too many requests from this address without signing in.' },
  person: { points: 3_000, seconds: 60, detail: 'Too many requests of this person.' },
  school: { points: 20_000, seconds: 60, detail: 'Too many requests of this school.' },
  refusedIntake: {
    points: 120,
    seconds: 60,
    detail: 'Too many events from this address whose signature does not verify.',
  },
  unknownToken: { points: 60, seconds: 600, detail: 'Too many unknown links from here.' },
} as const;

type LimitName = keyof typeof LIMITS;

type From = Pick<CalledRequest, 'path' | 'ip'>;

const FREE = /^\/(j|livez|readyz)(\/|$)/;

/**
 * The limits of all API processes together: counted in Redis where there is one. While that is away or slow each process
 * counts for itself, in memory; no request fails or waits for it (invariant 10). Without Redis there is one process.
 */
export class RateLimits {
  private readonly redis: Redis | null;
  private readonly limiters: Readonly<Record<LimitName, RateLimiterAbstract>>;

  constructor(
    private readonly core: Pick<Core, 'index' | 'logger'> & {
      readonly settings: Pick<Settings, 'redisUrl' | 'queuePrefix'>;
    },
  ) {
    const { redisUrl, queuePrefix } = core.settings;
    this.redis = redisUrl === null ? null : limitsClient(redisUrl);
    if (this.redis) this.reportRedis(this.redis);
    this.limiters = Object.fromEntries(
      Object.entries(LIMITS).map(([name, { points, seconds }]) => [
        name,
        limiterOf(this.redis, { keyPrefix: `${queuePrefix}:limit:${name}`, points, duration: seconds }),
      ]),
    ) as unknown as Record<LimitName, RateLimiterAbstract>;
  }

  /** @throws Problem 429 with Retry-After, in whole seconds */
  async count(request: From, caller: Caller | null): Promise<void> {
    if (FREE.test(request.path)) return;
    if (!caller) return this.spend('address', networkOf(request.ip));
    await Promise.all([
      this.spend('person', caller.personId),
      ...(caller.schoolId === null ? [] : [this.spend('school', caller.schoolId)]),
    ]);
  }

  countRefusedIntake = (request: From) => this.spend('refusedIntake', networkOf(request.ip));

  countUnknownToken = (request: From) => this.spend('unknownToken', networkOf(request.ip));

  close(): void {
    this.redis?.disconnect();
  }

  private async spend(name: LimitName, key: string): Promise<void> {
    try {
      // Redis holds no address and no id.
      await this.limiters[name].consume(this.core.index.of('rate-limit', name, key).toString('base64url'));
    } catch (over) {
      if (!(over instanceof RateLimiterRes)) throw over;
      const seconds = Math.ceil(over.msBeforeNext / 1000);
      throw new Problem(429, `${LIMITS[name].detail} Wait ${seconds} seconds.`, [], { 'Retry-After': String(seconds) });
    }
  }

  /** One line when it goes and one when it is back, not one for each request. */
  private reportRedis(redis: Redis): void {
    let isAway = false;
    redis.on('error', (error: Error) => {
      if (!isAway) this.core.logger.warn(errorPlace(error), 'Redis is away: this process counts its limits alone');
      isAway = true;
    });
    redis.on('ready', () => {
      if (isAway) this.core.logger.info({}, 'Redis is back: limits are counted over all processes');
      isAway = false;
    });
  }
}

/** What is over its limit is refused from memory until its time is over: a flood costs Redis nothing. */
const limiterOf = (redis: Redis | null, options: { keyPrefix: string; points: number; duration: number }) =>
  redis
    ? new RateLimiterRedis({
        ...options,
        storeClient: redis,
        rejectIfRedisNotReady: true,
        inMemoryBlockOnConsumed: options.points + 1,
        insuranceLimiter: new RateLimiterMemory(options),
      })
    : new RateLimiterMemory(options);

/** One household or school has a whole /64 of IPv6: its addresses count as one. */
export function networkOf(address: string | undefined): string {
  if (address === undefined || !isIPv6(address) || address.startsWith('::ffff:')) return address ?? 'unknown';
  const [head, tail] = address.split('::') as [string, string?];
  const groups = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const all =
    tail === undefined ? groups : [...groups, ...Array<string>(8 - groups.length - last.length).fill('0'), ...last];
  return `${all.slice(0, 4).join(':')}::/64`;
}
