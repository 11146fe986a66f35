import { parseSetCookie } from 'cookie';

/** A person's browser as far as an unattended evening needs one: cookies per host, redirects followed by hand. */
export class Browser {
  private readonly jars = new Map<string, Map<string, string>>();

  /** One request; redirects are not followed. */
  async fetch(
    url: string,
    init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const { host, origin } = new URL(url);
    const jar = this.jars.get(host) ?? new Map<string, string>();
    this.jars.set(host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...(cookie && { cookie }), ...(init.method && init.method !== 'GET' && { origin }), ...init.headers },
    });
    for (const line of response.headers.getSetCookie()) {
      const { name, value, maxAge } = parseSetCookie(line);
      if (maxAge === 0 || value === undefined || value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /** Follows redirects as a browser does, also to other hosts. @throws Error when it does not end well */
  async open(url: string): Promise<{ url: string; status: number; body: string }> {
    let at = url;
    for (let hop = 0; hop < 12; hop += 1) {
      const response = await this.fetch(at);
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && location) {
        await response.arrayBuffer();
        at = new URL(location, at).href;
      } else {
        return { url: at, status: response.status, body: await response.text() };
      }
    }
    throw new Error('The redirects do not end.');
  }
}
