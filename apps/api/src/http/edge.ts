import { randomUUID } from 'node:crypto';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { Core } from '../core.js';
import type { CalledRequest } from './caller.js';
import { BATCH, STRUCTURED } from '../events/read-events.js';
import { mediaTypeOf } from './media-type.js';
import { problemBody } from './problem.js';
import { routeOf } from './problem.filter.js';

/** Bodies that programs and forms may send; events have a limit and a check of their own. */
const BODY_LIMIT = '256kb';
const EVENTS_LIMIT = '2mb';

/** What every request passes before a route: id, headers, log line, body. */
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
    });
    next();
  });
  app.post('/v1/events', refuseOtherTypes);
  app.use('/v1/events', express.raw({ type: () => true, limit: EVENTS_LIMIT, inflate: false }));
  // Not strict: a body that is JSON and no object is refused by our own guard, with a pointer.
  app.use(express.json({ limit: BODY_LIMIT, type: ['application/json', 'application/*+json'], strict: false }));
  app.use(express.urlencoded({ limit: BODY_LIMIT, extended: false }));
  app.use(keepForTheGuards);
  return app;
}

/** Who is not let in hears just that, and nothing of the body; what is too large, or signed, is refused at once. */
function keepForTheGuards(error: unknown, request: Request, _response: Response, next: NextFunction): void {
  const status = (error as { status?: unknown }).status;
  if (status === 413 || request.path === '/v1/events') return next(error);
  (request as CalledRequest).bodyFault = error;
  next();
}

/** The type is judged before the size (contract). Binary mode is refused, since its headers are not signed. */
function refuseOtherTypes(request: Request, response: Response, next: NextFunction): void {
  const type = mediaTypeOf(request);
  const charset = /charset="?([\w-]+)/i.exec(request.headers['content-type'] ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if ((type === STRUCTURED || type === BATCH) && charset === 'utf-8' && encoding === 'identity') return next();
  const detail = `Send ${STRUCTURED} or ${BATCH} in UTF-8, not compressed.`;
  response
    .status(415)
    .type('application/problem+json')
    .send(JSON.stringify(problemBody(415, detail, [], (request as CalledRequest).requestId)));
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
