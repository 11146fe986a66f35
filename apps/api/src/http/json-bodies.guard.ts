import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { isObject } from '../events/checker.js';
import type { CalledRequest } from './caller.js';
import { isCleanText } from './clean-text.js';
import { mediaTypeOf } from './media-type.js';
import { Problem } from './problem.js';

/**
 * Bodies under /v1 are JSON. Another type is refused and not read as an empty body, which would be refused for reasons that
 * lead nowhere, or taken; so is JSON that is no object. Text that no row can hold is refused in any body. Signed intake has types of its own, judged before its size (`edge.ts`). Stands after the guard of access:
 * who may not use a route hears just that.
 */
@Injectable()
export class JsonBodiesGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<CalledRequest>();
    if (request.bodyFault !== undefined) throw request.bodyFault;
    if (request.path === '/v1/events' || !hasBody(request)) return true;
    refuseUnclean(request.body);
    if (!request.path.startsWith('/v1/')) return true;
    const type = mediaTypeOf(request);
    if (type === 'application/json' || /^application\/[^+/]+\+json$/.test(type)) {
      if (isObject(request.body)) return true;
      throw new Problem(422, 'The body holds what cannot be.', [{ pointer: '', detail: 'must be a JSON object' }]);
    }
    throw new Problem(415, 'Send the body as application/json in UTF-8, with that Content-Type.');
  }
}

/** Nothing that anybody sends us is nested deeper; what reads it further on may go down by recursion. */
const DEEPEST = 32;

/** @throws Problem 422 naming the first text that no row can hold, or what is nested too deep */
function refuseUnclean(body: unknown): void {
  const left: { value: unknown; path: readonly string[] }[] = [{ value: body, path: [] }];
  const refuse = (path: readonly string[], detail: string) => {
    const pointer = path.map((name) => `/${name}`).join('');
    return new Problem(422, 'The body holds what cannot be.', [{ pointer, detail }]);
  };
  for (let next = left.pop(); next; next = left.pop()) {
    const { value, path } = next;
    if (typeof value === 'string' && !isCleanText(value))
      throw refuse(path, 'must not hold U+0000 or a lone surrogate');
    if (typeof value !== 'object' || value === null) continue;
    if (path.length >= DEEPEST) throw refuse(path.slice(0, 1), `must not be nested deeper than ${DEEPEST} levels`);
    for (const [name, member] of Object.entries(value)) left.push({ value: member, path: [...path, name] });
  }
}

const hasBody = ({ headers }: CalledRequest) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
