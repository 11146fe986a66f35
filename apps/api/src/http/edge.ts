import { randomUUID } from 'node:crypto';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { Core } from '../core.js';
import type { CalledRequest } from './caller.js';
import { routeOf } from './problem.filter.js';

/** Characters of a header that says what a reader prefers; a longer one is not read. */
const LONGEST_CHOICE = 1_000;

/** What every request passes before a route: id, headers, log line. Nothing here costs more than that. */
export function edge(core: Core): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', core.settings.trustedProxies.length > 0 ? [...core.settings.trustedProxies] : false);
  app.set('etag', false);
  // What stands before a route looks at paths as they are written: no other spelling may lead to the same route.
  app.set('case sensitive routing', true);
  app.use((request: Request, response: Response, next: NextFunction) => {
    const called = request as CalledRequest;
    called.requestId = randomUUID();
    // Weighing seven thousand languages takes milliseconds; no browser sends a hundred.
    for (const name of ['accept', 'accept-language'] as const)
      if ((request.headers[name]?.length ?? 0) > LONGEST_CHOICE) delete request.headers[name];
    response.setHeader('X-Request-Id', called.requestId);
    for (const [name, value] of Object.entries(headersFor(core, request.path))) response.setHeader(name, value);
    const started = process.hrtime.bigint();
    response.on('finish', () => {
      core.logger.info(
        {
          requestId: called.requestId,
          method: request.method,
          route: routeOf(called),
          status: response.statusCode,
          ms: Number((process.hrtime.bigint() - started) / 1_000_000n),
        },
        'request',
      );
      if (!request.complete) lingerFor(request);
    });
    next();
  });
  return app;
}

/** Whom a refusal left in the middle of a body may go on sending so much, for so long: most clients read the answer last. */
const LINGER_BYTES = 4 * 1024 * 1024;
const LINGER_MS = 5_000;

/**
 * A body that nobody reads is thrown away as it comes (Node does so once the answer is sent), so that its sender gets the
 * answer and not a broken connection; but not for ever.
 */
function lingerFor(request: Request): void {
  const { socket } = request;
  const most = socket.bytesRead + LINGER_BYTES;
  let left = LINGER_MS / 100;
  const timer = setInterval(() => {
    left -= 1;
    if (request.complete || socket.destroyed) clearInterval(timer);
    else if (left <= 0 || socket.bytesRead > most) socket.destroy();
  }, 100);
}

/** No request to another host from any page, no framing, nothing of where a reader came from. */
function headersFor(core: Core, path: string): Record<string, string> {
  return {
    'Content-Security-Policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action " +
      formTargets(core, path) +
      "; base-uri 'none'; frame-ancestors 'none'",
    // Nobody else hears where a reader came from. Under `no-referrer` browsers send `Origin: null` with our own forms too,
    // so only the join page, whose address is a secret, has that.
    'Referrer-Policy': path.startsWith('/j/') ? 'no-referrer' : 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cache-Control': 'no-store',
    ...(core.settings.appUrl.startsWith('https:') && {
      'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
    }),
  };
}

/**
 * A join form ends at the provider by redirects, and browsers check each of them: the provider may lead on to an account
 * chooser, a sign-in, or a school's own, on hosts that nobody can list. The one form of that page is ours.
 */
const formTargets = ({ settings }: Core, path: string): string => {
  if (!path.startsWith('/j/')) return "'self'";
  return settings.production ? "'self' https:" : "'self' https: http:";
};
