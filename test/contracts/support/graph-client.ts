import { Client, HTTPMessageHandler, type Context, type Middleware } from '@microsoft/microsoft-graph-client';

/** The real client with an own chain: over http its authentication handler would send no token (stack.md §7). */
export const graphClient = (graphUrl: string, accessToken: string): Client => {
  const send = new HTTPMessageHandler();
  const withToken: Middleware = {
    execute: (context: Context) => {
      context.options = {
        ...context.options,
        headers: {
          ...(context.options?.headers as Record<string, string> | undefined),
          Authorization: `Bearer ${accessToken}`,
        },
      };
      return send.execute(context);
    },
  };
  return Client.initWithMiddleware({ middleware: withToken, baseUrl: `${graphUrl}/`, defaultVersion: 'v1.0' });
};

interface GraphRefusal {
  statusCode: number;
  code: string | null;
  message: string;
  retryAfter?: string | null;
}

/** What the client makes of a refusal. Fails when the call went well. */
export const graphRefusal = async (call: Promise<unknown>): Promise<GraphRefusal> => {
  try {
    await call;
  } catch (error) {
    const { statusCode, code, message, headers } = error as GraphRefusal & { headers?: Headers };
    return { statusCode, code, message, retryAfter: headers?.get('retry-after') };
  }
  throw new Error('The call went well, a refusal was expected');
};
