import { HttpException } from '@nestjs/common';

/** One thing that is wrong in a request: where (a JSON pointer, RFC 6901) and what to do. */
export interface Fault {
  readonly pointer: string;
  readonly detail: string;
}

/** A refusal as problem+json (RFC 9457), or as a page for a browser. */
export class Problem extends HttpException {
  constructor(
    status: number,
    readonly detail: string,
    readonly faults: readonly Fault[] = [],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail, status);
  }
}

/**
 * Something that we need is away or too busy, for a while and not by the caller's fault: 503. Whoever sees it asks again
 * after so many seconds.
 */
export class Unavailable extends Problem {
  constructor(detail: string, retryAfterSeconds = 5) {
    super(503, detail, [], { 'Retry-After': String(retryAfterSeconds) });
  }
}

/** A change that came from a page that is not ours (403): nothing about the caller's role. */
export class ForeignOrigin extends Problem {
  constructor() {
    super(403, 'This change did not come from our own pages. Open the page again, and do it there.');
  }
}

export const notFound = () => new Problem(404, 'There is no such thing here, or it is not yours.');

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

export const problemBody = (status: number, detail: string, faults: readonly Fault[], requestId: string) => ({
  type: 'about:blank',
  title: TITLES[status] ?? 'Error',
  status,
  detail,
  ...(faults.length > 0 && { errors: faults }),
  requestId,
});
