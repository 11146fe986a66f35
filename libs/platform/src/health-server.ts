import { HTTP_LIMITS, limitedServer, type HttpLimits } from './http-limits.js';
import type { Metrics } from './metrics.js';
import { portFault } from './port-fault.js';

/** Answers whether this process can do its work now; `faults` names what is missing. */
export type Readiness = () => Promise<{ ready: boolean; faults: string[] }>;

/** `/metrics`, `/livez`, `/readyz` of this process on a port of their own. Resolves with the port that it got. */
export async function startHealthServer(
  { port, bind }: { port: number; bind: string },
  metrics: Metrics,
  readiness: Readiness,
  limits: HttpLimits = HTTP_LIMITS,
): Promise<{ port: number; close: () => Promise<void> }> {
  const server = limitedServer((request, response) => {
    void answer(request.url ?? '/', metrics, readiness).then(({ status, type, body }) => {
      response.writeHead(status, { 'content-type': type }).end(body);
    });
  }, limits);
  await new Promise<void>((resolve, reject) =>
    server
      .once('error', (error) => reject(portFault('METRICS', port, bind, error) as Error))
      .listen(port, bind, resolve),
  );
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(url: string, metrics: Metrics, readiness: Readiness) {
  const path = url.split('?')[0];
  if (path === '/livez') return { status: 200, type: 'application/json', body: '{"status":"alive"}' };
  if (path === '/metrics')
    return { status: 200, type: metrics.registry.contentType, body: await metrics.registry.metrics() };
  if (path === '/readyz') {
    const { ready, faults } = await readiness();
    return {
      status: ready ? 200 : 503,
      type: 'application/json',
      body: JSON.stringify({ status: ready ? 'ready' : 'not-ready', faults }),
    };
  }
  return { status: 404, type: 'text/plain', body: 'Not here. Try /livez, /readyz or /metrics.' };
}
