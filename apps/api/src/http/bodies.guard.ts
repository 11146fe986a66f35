import { parse } from 'node:querystring';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { isObject } from '../events/checker.js';
import type { CalledRequest } from './caller.js';
import { isCleanText } from './clean-text.js';
import { parsePart, scanDocument } from './json-text.js';
import { mediaTypeOf } from './media-type.js';
import { Problem, type Fault } from './problem.js';
import { readBody } from './read-body.js';

/** Bodies of programs; signed events have a limit of their own (`signed-bodies.ts`). */
const JSON_BYTES = 256 * 1024;
/** The largest form is a ticket, or a reason of 500 characters in percent-encoding. */
const FORM_BYTES = 16 * 1024;
const FORM_FIELDS = 30;

/**
 * Reads a request's body, after the guard of access: who may not use a route gets that answer, and no byte of the body is
 * read or parsed for it. Under /v1 bodies are JSON objects; another type is refused and not read as an empty body. Text
 * that no row can hold is refused in any body.
 */
@Injectable()
export class BodiesGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<CalledRequest>();
    if (request.path === '/v1/events' || !hasBody(request)) return true;
    const type = mediaTypeOf(request);
    const isApi = request.path.startsWith('/v1/');
    if (type === 'application/json' || /^application\/[^+/]+\+json$/.test(type)) {
      refuseEncoded(request);
      request.body = readJson(await readBody(request, isApi ? JSON_BYTES : FORM_BYTES));
      if (isApi && !isObject(request.body)) throw impossible({ pointer: '', detail: 'must be a JSON object' });
    } else if (isApi) {
      throw new Problem(415, 'Send the body as application/json in UTF-8, with that Content-Type.');
    } else if (type === 'application/x-www-form-urlencoded') {
      refuseEncoded(request);
      request.body = readForm(await readBody(request, FORM_BYTES));
    }
    refuseUnclean(request.body);
    return true;
  }
}

function readJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  const part = scanDocument(body);
  if (part.fault) throw impossible(part.fault);
  try {
    return parsePart(body, part);
  } catch {
    throw new Problem(400, 'The body is not JSON in UTF-8.', [{ pointer: '', detail: 'must be JSON' }]);
  }
}

function readForm(body: Buffer): unknown {
  const text = body.toString('utf8');
  if (text.split('&', FORM_FIELDS + 1).length > FORM_FIELDS)
    throw impossible({ pointer: '', detail: `must have at most ${FORM_FIELDS} fields` });
  return { ...parse(text) };
}

function refuseEncoded({ headers }: CalledRequest): void {
  const charset = /charset="?([\w-]+)/i.exec(headers['content-type'] ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  if (charset !== 'utf-8' || (headers['content-encoding'] ?? 'identity') !== 'identity')
    throw new Problem(415, 'Send the body in UTF-8, not compressed.');
}

const impossible = (fault: Fault) => new Problem(422, 'The body holds what cannot be.', [fault]);

/** @throws Problem 422 naming the first text that no row can hold */
function refuseUnclean(body: unknown): void {
  const left: { value: unknown; path: readonly string[] }[] = [{ value: body, path: [] }];
  for (let next = left.pop(); next; next = left.pop()) {
    const { value, path } = next;
    if (typeof value === 'string' && !isCleanText(value))
      throw impossible({
        pointer: path.map((name) => `/${name}`).join(''),
        detail: 'must not hold U+0000 or a lone surrogate',
      });
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, member] of Object.entries(value)) left.push({ value: member, path: [...path, name] });
  }
}

const hasBody = ({ headers }: CalledRequest) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
