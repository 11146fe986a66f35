import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { CalledRequest, Caller } from './caller.js';
import { Problem } from './problem.js';

/**
 * Requests a minute, far above what people and well-behaved programs do: they keep one address, one person or one school
 * from taking the whole API. Each API process counts for itself. Not counted: signed intake, which must never wait, health,
 * and `/j`, where a whole school may sit behind one address (it counts unknown tokens).
 */
export const REQUESTS_PER_MINUTE = { address: 1_200, person: 3_000, school: 20_000 } as const;

const FREE = /^\/(j|livez|readyz)(\/|$)/;

const SAID = {
  address: 'Too many requests from this address without signing in.',
  person: 'Too many requests of this person.',
  school: 'Too many requests of this school.',
} as const;

export class RateLimits {
  private readonly counters = Object.fromEntries(
    Object.entries(REQUESTS_PER_MINUTE).map(([name, points]) => [
      name,
      new RateLimiterMemory({ points, duration: 60 }),
    ]),
  ) as Record<keyof typeof REQUESTS_PER_MINUTE, RateLimiterMemory>;

  /** @throws Problem 429 with Retry-After, in whole seconds */
  async count(request: CalledRequest, caller: Caller | null): Promise<void> {
    if (FREE.test(request.path)) return;
    if (!caller) return this.spend('address', request.ip ?? 'unknown');
    await this.spend('person', caller.personId);
    if (caller.schoolId !== null) await this.spend('school', caller.schoolId);
  }

  private async spend(who: keyof typeof REQUESTS_PER_MINUTE, key: string): Promise<void> {
    try {
      await this.counters[who].consume(key);
    } catch (limit) {
      const seconds = Math.ceil(((limit as { msBeforeNext?: number }).msBeforeNext ?? 60_000) / 1000);
      throw new Problem(429, `${SAID[who]} Wait ${seconds} seconds.`, [], { 'Retry-After': String(seconds) });
    }
  }
}
