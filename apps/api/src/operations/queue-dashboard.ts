import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { Queue } from 'bullmq';
import type { NextFunction, Request, Response } from 'express';
import { QUEUES, queueConnection } from '#libs/messaging';
import { recordAudit } from '#libs/privacy';
import type { EdgeParts } from '../api.module.js';
import type { Core } from '../core.js';
import { type CalledRequest, hasRole } from '../http/caller.js';
import { cookiesOf } from '../http/cookies.js';
import type { HostTokens } from '../http/host-tokens.js';
import { frameOf, wantsPage } from '../http/problem.filter.js';
import { problemBody } from '../http/problem.js';
import type { RateLimits } from '../http/rate-limits.js';
import { NO_REASON } from '../http/reason-of.js';
import type { Sessions } from '../http/sessions.js';
import { renderErrorPage } from '../pages/index.js';
import { actorOf } from '../rights/audit-trail.js';

export const DASHBOARD_PATH = '/ops/queues';

export interface QueueDashboard {
  readonly guard: (request: Request, response: Response, next: NextFunction) => void;
  readonly router: ReturnType<ExpressAdapter['getRouter']>;
  readonly close: () => Promise<void>;
}

/**
 * The queues for ops: bull-board, read-only, behind the ops role. Jobs hold ids and nothing else, so there is nothing
 * personal to see. With Redis away it shows no queues; nothing else suffers.
 */
export function queueDashboard(core: Core, { tokens, sessions, limits }: EdgeParts): QueueDashboard {
  const queues = QUEUES.map((name) => new Queue(name, queueConnection(core.settings)));
  for (const queue of queues) queue.on('error', () => undefined);
  const server = new ExpressAdapter();
  server.setBasePath(DASHBOARD_PATH);
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false })),
    serverAdapter: server,
    options: { uiConfig: { boardTitle: 'Queues', boardLogo: { path: '' }, environment: undefined } },
  });
  const looks = new Looks();
  return {
    guard: (request, response, next) => {
      withoutForeignLinks(response);
      const pass = async () => {
        try {
          if (await admit(core, { tokens, sessions, looks, limits }, request as CalledRequest, response)) next();
        } catch (error) {
          next(error);
        }
      };
      void pass();
    },
    router: server.getRouter(),
    close: async () => {
      await Promise.all(queues.map((queue) => queue.close().catch(() => undefined)));
    },
  };
}

/** The page asks anew every few seconds; a person who keeps looking looked once in ten minutes. */
class Looks {
  private readonly last = new Map<string, number>();

  isNew(personId: string, now: Date): boolean {
    const before = this.last.get(personId) ?? -Infinity;
    if (now.getTime() - before < 600_000) return false;
    this.last.set(personId, now.getTime());
    return true;
  }
}

/** The dashboard's router stands outside of Nest's, so it is guarded here, by the same rule. */
async function admit(
  core: Core,
  { tokens, sessions, looks, limits }: { tokens: HostTokens; sessions: Sessions; looks: Looks; limits: RateLimits },
  request: CalledRequest,
  response: Response,
): Promise<boolean> {
  const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const bearer = token ? await tokens.bearer(token) : null;
  const caller = request.headers.authorization
    ? bearer && { ...bearer, via: 'bearer' as const, reason: NO_REASON }
    : await sessions.read(cookiesOf(request));
  request.caller = caller;
  await limits.count(request, caller);
  if (!caller || !hasRole(caller, 'ops'))
    return refuse(request, response, caller ? 403 : 401, caller ? 'Your role may not use this.' : 'Sign in first.');
  if (!['GET', 'HEAD'].includes(request.method)) return refuse(request, response, 403, 'The dashboard is read-only.');
  if (looks.isNew(caller.personId, core.clock.now()))
    await core.transaction([''], (em) =>
      recordAudit(em, core.deps(), [{ schoolId: '', action: 'queues.looked-at', actor: actorOf(caller, 'ops') }]),
    );
  // Its own scripts and styles, from here and from nowhere else.
  response.setHeader(
    'Content-Security-Policy',
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'",
  );
  return true;
}

function refuse(request: CalledRequest, response: Response, status: number, detail: string): false {
  if (wantsPage(request))
    response
      .status(status)
      .type('html')
      .send(renderErrorPage({ frame: frameOf(request), status, requestId: request.requestId }));
  else
    response
      .status(status)
      .type('application/problem+json')
      .send(JSON.stringify(problemBody(status, detail, [], request.requestId)));
  return false;
}

/** Its page asks a font service for letters; nothing here asks another host (R8), so the line goes before the page does. */
function withoutForeignLinks(response: Response): void {
  const send = response.send.bind(response);
  response.send = (body: unknown) =>
    send(typeof body === 'string' ? body.replace(/<link\b[^>]*\bhref="https?:[^>]*>/g, '') : body);
}
