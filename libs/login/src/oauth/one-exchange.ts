import { decodeJwt } from 'jose';
import type { CustomFetch } from 'openid-client';
import type { Claims } from './identity-provider.js';

/**
 * Trades a code once and remembers the answer: a code is used up by its first exchange, but whose issuer must be believed
 * is known only after reading the token. Every further exchange through `fetch` is given the remembered answer.
 */
export class OneExchange {
  private kept: { status: number; headers: [string, string][]; body: string } | null = null;

  constructor(private readonly tokenEndpoint: string) {}

  readonly fetch: CustomFetch = async (url, options) => {
    // Node's fetch takes every body that the client makes; the two libraries name its type differently.
    const init = options as RequestInit;
    if (url !== this.tokenEndpoint) return fetch(url, init);
    if (!this.kept) {
      const response = await fetch(url, init);
      this.kept = { status: response.status, headers: [...response.headers], body: await response.text() };
    }
    const headers = this.kept.headers.filter(([name]) => !/^content-(encoding|length)$/i.test(name));
    return new Response(this.kept.body, { status: this.kept.status, headers });
  };

  /** What came of the exchange: nothing yet, an id_token, or something else. */
  get answer(): 'none' | 'token' | 'no-token' {
    if (!this.kept) return 'none';
    return this.claims ? 'token' : 'no-token';
  }

  /** The answer's `Retry-After`; null where there was no answer, or none in it. */
  get retryAfter(): string | null {
    return this.kept?.headers.find(([name]) => name.toLowerCase() === 'retry-after')?.[1] ?? null;
  }

  /** What the id_token says about itself, unchecked: good for choosing the issuer to check it against, for nothing else. */
  get claims(): Claims | null {
    try {
      const answer: unknown = JSON.parse(this.kept?.body ?? '');
      const token = (answer as { id_token?: unknown }).id_token;
      return typeof token === 'string' ? decodeJwt(token) : null;
    } catch {
      return null;
    }
  }
}
