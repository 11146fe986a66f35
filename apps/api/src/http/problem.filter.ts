import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject } from '@nestjs/common';
import type { Response } from 'express';
import { NotFound, TakenMeanwhile } from '#libs/conferences';
import { WrappingFailed, isKeyServiceAway } from '#libs/encryption';
import { errorPlace, storeFault, type StoreFault } from '#libs/platform';
import { Core } from '../core.js';
import { renderErrorPage, uiLocale } from '../pages/index.js';
import type { CalledRequest } from './caller.js';
import { ForeignOrigin, Problem, Unavailable, notFound, problemBody } from './problem.js';

const SAID: Readonly<Record<number, string>> = {
  413: 'The body is too large.',
  415: 'Send the body in UTF-8, not compressed.',
};

const KEYS_AWAY =
  'The keys that our data are sealed with cannot be had just now. Nothing was changed; try again in a moment.';

/** Turns whatever was thrown into problem+json, or a page for a browser. What we did not expect says nothing of itself. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(Core) private readonly core: Core) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<CalledRequest>();
    const response = host.switchToHttp().getResponse<Response>();
    const problem = this.problemOf(error, request);
    if (response.headersSent) {
      response.end();
      return;
    }
    for (const [name, value] of Object.entries(problem.headers)) response.setHeader(name, value);
    const status = problem.getStatus();
    if (wantsPage(request)) {
      const isForeign = problem instanceof ForeignOrigin;
      const retryAfterSeconds = Number(problem.headers['Retry-After'] ?? 0);
      const { requestId } = request;
      const page = renderErrorPage({ status, isForeign, retryAfterSeconds, requestId, frame: frameOf(request) });
      response.status(status).type('html').send(page);
      return;
    }
    response
      .status(status)
      .type('application/problem+json')
      .send(JSON.stringify(problemBody(status, problem.detail, faultsOf(problem, request), request.requestId)));
  }

  private problemOf(error: unknown, request: CalledRequest): Problem {
    if (error instanceof Problem) return error;
    if (error instanceof NotFound) return notFound();
    if (error instanceof WrappingFailed && isKeyServiceAway(error)) return new Unavailable(KEYS_AWAY, 30);
    if (error instanceof TakenMeanwhile) return new Problem(409, error.message);
    if (error instanceof HttpException) {
      const status = error.getStatus();
      return status === 404 ? notFound() : new Problem(status, SAID[status] ?? 'The request cannot be read.');
    }
    const fault = storeFault(error);
    if (fault) return this.unavailable(fault, error, request);
    // body-parser and the router throw errors with a status of their own.
    const status =
      typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number'
        ? error.status
        : 500;
    if (status >= 400 && status < 500)
      return status === 404 ? notFound() : new Problem(status, SAID[status] ?? 'The request cannot be read.');
    this.core.logger.error(
      { requestId: request.requestId, route: routeOf(request), ...errorPlace(error) },
      'a request failed',
    );
    return new Problem(
      500,
      'Something went wrong here. It was logged; try again, and tell us the request id if it stays.',
    );
  }

  /** The store reports itself once (StoreHealth); only a missing permission can be a fault of this one request. */
  private unavailable(fault: StoreFault, error: unknown, request: CalledRequest): Problem {
    this.core.metrics.unavailable.inc({ word: fault.word });
    if (fault.kind === 'forbidden')
      this.core.logger.error(
        { requestId: request.requestId, route: routeOf(request), ...errorPlace(error), ...fault },
        'a request failed',
      );
    return fault.kind === 'busy'
      ? new Unavailable('Too much is being done here at this moment. Nothing was changed; try again.', 1)
      : new Unavailable('Our database is not available for a moment. Nothing was changed; try again.');
  }
}

/** A refused intake always says where (contract): the whole of it, where nothing smaller is meant. */
const faultsOf = ({ faults, detail }: Problem, { path }: CalledRequest) =>
  faults.length === 0 && path === '/v1/events' ? [{ pointer: '', detail }] : faults;

/** What stands around a page: the reader's language (of those that a browser takes, the one it likes best), and who is signed in. */
export const frameOf = (request: CalledRequest) => ({
  locale: request.caller?.locale ?? uiLocale(request.acceptsLanguages()),
  schoolLocale: request.caller?.schoolLocale ?? null,
  signedInAs: request.caller?.via === 'session' ? request.caller.name : null,
});

/** A browser that navigates asks for HTML; programs and scripts on our pages do not. */
export function wantsPage(request: CalledRequest): boolean {
  return !request.path.startsWith('/v1/') && (request.headers.accept ?? '').includes('text/html');
}

/** The pattern, never the path: a path can hold a join token. */
export const routeOf = (request: CalledRequest) => (request.route as { path?: string } | undefined)?.path ?? 'none';
