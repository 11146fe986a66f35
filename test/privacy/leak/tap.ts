import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseSetCookie } from 'cookie';
import type { Canaries } from './canaries.js';

const CHANNEL = 'http.server.request.start';

/**
 * Hears what goes over the wire, and keeps each secret of it as a canary: at the sandbox (which is in this process) every
 * code, token, state, nonce and verifier; on our own side every cookie, ticket and bearer. Keeps bodies of refusals too.
 */
export class Tap {
  /** Bodies of every answer of the product with a status of 400 or more. */
  readonly refusals: string[] = [];
  /** What the product asked of the providers: path and body, without what is theirs to know (the grant itself). */
  readonly asked: string[] = [];
  statuses: Record<string, number> = {};
  private readonly fetch = globalThis.fetch;
  private readonly reading: Promise<void>[] = [];
  private readonly onRequest = (message: unknown) => {
    const { request, response } = message as {
      request: IncomingMessage & { body?: unknown };
      response: ServerResponse;
    };
    this.hear(request, response);
  };

  constructor(
    private readonly canaries: Canaries,
    private readonly appUrl: string,
    private readonly sandboxUrl: string,
  ) {
    subscribe(CHANNEL, this.onRequest);
    globalThis.fetch = (input, init) => this.tapped(input, init);
  }

  async close(): Promise<void> {
    unsubscribe(CHANNEL, this.onRequest);
    globalThis.fetch = this.fetch;
    await Promise.all(this.reading);
  }

  /** All bodies that are still being read. */
  async settled(): Promise<void> {
    await Promise.all(this.reading);
  }

  private async tapped(input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
    const url = input instanceof Request ? input.url : String(input);
    const bearer = /^Bearer (.+)$/.exec(new Headers(init?.headers).get('authorization') ?? '')?.[1];
    const response = await this.fetch(input, init);
    if (!url.startsWith(this.appUrl)) return response;
    const { searchParams } = new URL(url);
    this.canaries.add('call', 'a bearer', bearer);
    this.canaries.add('call', 'a ticket', searchParams.get('ticket'));
    for (const line of response.headers.getSetCookie()) {
      const { name, value } = parseSetCookie(line);
      this.canaries.add('cookie', `a cookie ${name}`, value);
    }
    this.statuses[response.status] = (this.statuses[response.status] ?? 0) + 1;
    if (response.status >= 400)
      this.reading.push(
        response
          .clone()
          .text()
          .then((text) => void this.refusals.push(`${response.status} ${text}`)),
      );
    return response;
  }

  private hear(request: IncomingMessage & { body?: unknown }, response: ServerResponse): void {
    if (`http://${request.headers.host}` !== this.sandboxUrl) return;
    const url = new URL(request.url ?? '/', this.sandboxUrl);
    const provider = /^\/(google|microsoft|graph|calendar)\b/.exec(url.pathname)?.[1];
    if (!provider) return;
    this.query(url.searchParams);
    this.canaries.add('token', 'an access token', /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]);
    const chunks: Buffer[] = [];
    const end = response.end.bind(response) as (...parts: unknown[]) => ServerResponse;
    const write = response.write.bind(response) as (...parts: unknown[]) => boolean;
    const keep = (part: unknown) => {
      if (typeof part === 'string' || part instanceof Uint8Array) chunks.push(Buffer.from(part as string));
    };
    response.write = ((...parts: unknown[]) => {
      keep(parts[0]);
      return write(...parts);
    }) as typeof response.write;
    response.end = ((...parts: unknown[]) => {
      keep(parts[0]);
      const to = response.getHeader('location');
      if (typeof to === 'string' && URL.canParse(to)) this.query(new URL(to).searchParams);
      this.form(request.body);
      this.answered(Buffer.concat(chunks).toString('utf8'));
      if (!/token|authorize/.test(url.pathname))
        this.asked.push(`${request.method} ${url.pathname}${url.search} ${JSON.stringify(request.body ?? null)}`);
      return end(...parts);
    }) as typeof response.end;
  }

  private query(params: URLSearchParams): void {
    this.canaries.add('code', 'an authorization code', params.get('code'));
    for (const name of ['state', 'nonce', 'code_challenge']) this.canaries.add('transaction', name, params.get(name));
  }

  private form(body: unknown): void {
    if (typeof body !== 'object' || body === null) return;
    const { code, code_verifier: verifier, refresh_token: refresh } = body as Record<string, string | undefined>;
    this.canaries.add('code', 'an authorization code', code);
    this.canaries.add('transaction', 'a PKCE verifier', verifier);
    this.canaries.add('token', 'a refresh token', refresh);
  }

  private answered(text: string): void {
    for (const [, name, value] of text.matchAll(/"(access_token|refresh_token|id_token)"\s*:\s*"([^"]+)"/g))
      this.canaries.add('token', `${name!.replace('_', ' ')} as issued`, value);
  }
}
