import { randomUUID } from 'node:crypto';
import { Client, HTTPMessageHandler } from '@microsoft/microsoft-graph-client';
import type { Context, Middleware } from '@microsoft/microsoft-graph-client';
import type { ProviderAccess } from '../meeting-provider.js';

/**
 * Sets the token, for the configured origin only. The client's own handler sends none to anything but https hosts of a
 * fixed list, silently, so that a Graph that runs here would never see one (providers.md §5.3).
 */
class OwnerToken implements Middleware {
  private next: Middleware;

  constructor(
    private readonly origin: string,
    private readonly access: ProviderAccess,
    private readonly onAnswer: (response: Response) => void,
  ) {}

  setNext(next: Middleware): void {
    this.next = next;
  }

  async execute(context: Context): Promise<void> {
    const url = typeof context.request === 'string' ? context.request : context.request.url;
    const headers = new Headers(context.options?.headers as Record<string, string> | undefined);
    if (new URL(url).origin === this.origin) {
      headers.set('Authorization', `Bearer ${this.access.accessToken.reveal()}`);
    }
    headers.set('client-request-id', randomUUID());
    context.options = { ...context.options, headers: Object.fromEntries(headers) };
    await this.next.execute(context);
    if (context.response) this.onAnswer(context.response);
  }
}

/**
 * A Graph client for one token: our own two-link chain, so that nothing retries, redirects or reports (the default chain
 * retries POST and sleeps up to three minutes, providers.md §0.7).
 * @param onAnswer is told what came over the wire, before the client reads its body
 */
export function graphClient(
  graphUrl: string,
  access: ProviderAccess,
  onAnswer: (response: Response) => void = () => {},
): Client {
  const token = new OwnerToken(new URL(graphUrl).origin, access, onAnswer);
  token.setNext(new HTTPMessageHandler());
  return Client.initWithMiddleware({
    middleware: token,
    baseUrl: `${graphUrl.replace(/\/+$/, '')}/`,
    defaultVersion: 'v1.0',
    fetchOptions: { signal: access.signal, redirect: 'error' },
  });
}
