import { Refusal } from '../http/answer.js';

const WINDOW_MS = 60_000;

/** Requests per user in a sliding minute; over it 403 and 429 take turns (providers.md §2.6). */
export class RateLimit {
  /** 600 at Google; null switches it off. */
  perMinute: number | null = 600;
  readonly #recent = new Map<string, number[]>();
  #refused = 0;

  constructor(private readonly now: () => Date) {}

  /** Counts this request. Throws a Refusal when the minute is full; refused requests do not count. */
  count(account: string): void {
    if (this.perMinute === null) return;
    const now = this.now().getTime();
    const recent = (this.#recent.get(account) ?? []).filter((at) => at > now - WINDOW_MS);
    this.#recent.set(account, recent);
    if (recent.length >= this.perMinute) {
      this.#refused += 1;
      throw new Refusal(this.#refused % 2 === 1 ? '403.userRateLimitExceeded' : '429.rateLimitExceeded');
    }
    recent.push(now);
  }
}
