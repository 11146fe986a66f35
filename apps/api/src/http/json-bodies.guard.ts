import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { CalledRequest } from './caller.js';
import { mediaTypeOf } from './media-type.js';
import { Problem } from './problem.js';

/**
 * Bodies under /v1 are JSON. Another type is refused and not read as an empty body, which would be refused for reasons that
 * lead nowhere, or taken. Signed intake has types of its own, judged before its size (`edge.ts`). Stands after the guard of access:
 * who may not use a route hears just that.
 */
@Injectable()
export class JsonBodiesGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<CalledRequest>();
    if (!request.path.startsWith('/v1/') || request.path === '/v1/events' || !hasBody(request)) return true;
    const type = mediaTypeOf(request);
    if (type === 'application/json' || /^application\/[^+/]+\+json$/.test(type)) return true;
    throw new Problem(415, 'Send the body as application/json in UTF-8, with that Content-Type.');
  }
}

const hasBody = ({ headers }: CalledRequest) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
