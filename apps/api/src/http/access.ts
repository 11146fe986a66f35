import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  SetMetadata,
  createParamDecorator,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Response } from 'express';
import { Core } from '../core.js';
import { type CalledRequest, type Caller, type Role, hasRole } from './caller.js';
import { cookiesOf } from './cookies.js';
import { HostTokens } from './host-tokens.js';
import { ForeignOrigin, Problem } from './problem.js';
import { NO_REASON, reasonOf } from './reason-of.js';
import { RateLimits } from './rate-limits.js';
import { Sessions } from './sessions.js';

const ACCESS = 'access';

/** `public`: nobody need be signed in. `anyone`: any signed-in caller. Else one of these roles. */
export type Access = 'public' | 'anyone' | readonly Role[];

/** Who may use a route. A route without it admits nobody; `docs.spec.ts` finds such a route. */
export const Allow = (access: Access) => SetMetadata(ACCESS, access);

const WHILE_ERASED = 'while-erased';

/** A route that is left to whom is being erased. To every other route, that session is none. */
export const AlsoWhileErased = () => SetMetadata(WHILE_ERASED, true);

/** Puts the caller into a handler's parameters. */
export const CurrentCaller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<CalledRequest>();
  if (!caller) throw new Problem(401, 'Sign in first.');
  return caller;
});

/** The caller, or null on public routes. */
export const MaybeCaller = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Caller | null =>
    context.switchToHttp().getRequest<CalledRequest>().caller ?? null,
);

const CHANGING = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Finds out who is calling (a bearer wins over the session), then what the route allows: not signed in 401, wrong role
 * 403 by route alone. A change that comes with a cookie of ours needs an Origin that is ours.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly origin: string;

  constructor(
    @Inject(Core) core: Core,
    @Inject(RateLimits) private readonly limits: RateLimits,
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(HostTokens) private readonly tokens: HostTokens,
    @Inject(Sessions) private readonly sessions: Sessions,
  ) {
    this.origin = new URL(core.settings.appUrl).origin;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<CalledRequest>();
    const access =
      this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [context.getHandler(), context.getClass()]) ?? [];
    // Signed intake knows no caller: its signature is checked over the body.
    const isIntake = request.method === 'POST' && request.path === '/v1/events';
    if (isIntake) request.caller = null;
    else await this.findCaller(request);
    const isLeft = this.reflector.get<boolean | undefined>(WHILE_ERASED, context.getHandler()) === true;
    if (request.caller?.erasureId !== undefined && !isLeft) request.caller = null;
    if (CHANGING.has(request.method) && request.caller?.via !== 'bearer') this.checkOrigin(request);
    if (access === 'public') return true;
    if (!request.caller) {
      context.switchToHttp().getResponse<Response>().setHeader('WWW-Authenticate', 'Bearer');
      throw new Problem(401, 'Sign in first: open this page from the parent-meetings module, or send a bearer token.');
    }
    if (access !== 'anyone' && !hasRole(request.caller, ...access))
      throw new Problem(403, 'Your role may not use this.');
    request.caller = { ...request.caller, reason: reasonOf(request) };
    return true;
  }

  private async findCaller(request: CalledRequest): Promise<void> {
    try {
      request.caller = await this.callerOf(request);
    } catch (error) {
      await this.limits.count(request, null);
      throw error;
    }
    await this.limits.count(request, request.caller);
  }

  private async callerOf(request: CalledRequest): Promise<Caller | null> {
    const { authorization } = request.headers;
    if (authorization !== undefined) {
      const token = /^Bearer +(\S{1,8000})$/i.exec(authorization)?.[1];
      const caller = token ? await this.tokens.bearer(token) : null;
      if (!caller) throw new Problem(401, 'The bearer token does not verify, is too old, or is for something else.');
      return { ...caller, via: 'bearer', reason: NO_REASON };
    }
    return this.sessions.read(cookiesOf(request));
  }

  /**
   * A change that a browser sends must come from our own pages. `Sec-Fetch-Site` and `Origin` are set by the browser and by
   * no page: one that is there and foreign is refused whether or not a cookie came along, since a foreign page could
   * otherwise sign its reader in as somebody else. A request with a cookie of ours must say that it is ours.
   */
  private checkOrigin(request: CalledRequest): void {
    const { origin, 'sec-fetch-site': site } = request.headers;
    if (typeof site === 'string' && FOREIGN_SITES.has(site)) throw new ForeignOrigin();
    if (origin === this.origin) return;
    // Under `no-referrer`, which the join page has, a browser says "null" with our own form too.
    if (request.path.startsWith('/j/') && (origin === undefined || origin === 'null')) return;
    if (origin === undefined && !hasCookieOfOurs(request)) return;
    throw new ForeignOrigin();
  }
}

/** What a browser calls a page of another host. A page of a neighbouring host (`same-site`) is not ours either. */
const FOREIGN_SITES: ReadonlySet<string> = new Set(['cross-site', 'same-site']);

const hasCookieOfOurs = (request: CalledRequest) =>
  Object.keys(cookiesOf(request)).some((name) =>
    /^(__Host-)?(session|oauth(-\d+)?|login-(google|microsoft)(-\d+)?)$/.test(name),
  );
