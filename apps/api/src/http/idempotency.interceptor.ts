import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import canonicalize from 'canonicalize';
import type { Response } from 'express';
import { Observable, from, lastValueFrom } from 'rxjs';
import type { Sealed } from '#libs/encryption';
import { type Em, rows, sql } from '#libs/database';
import { Core } from '../core.js';
import type { CalledRequest } from './caller.js';
import { Problem, notFound } from './problem.js';

const KEEP_MS = 24 * 3_600_000;
const RUNNING_MS = 60_000;

/** Changing calls with an `Idempotency-Key`: for 24 hours the same key gives the same answer; with another body, 422. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(@Inject(Core) private readonly core: Core) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<CalledRequest>();
    const key = request.headers['idempotency-key'];
    if (
      typeof key !== 'string' ||
      !request.caller ||
      !['POST', 'PATCH', 'DELETE'].includes(request.method) ||
      !request.path.startsWith('/v1/') ||
      request.path === '/v1/events'
    )
      return next.handle();
    if (key.length === 0 || key.length > 255) throw new Problem(422, 'An Idempotency-Key has 1 to 255 characters.');
    return from(this.once(key, request, context.switchToHttp().getResponse<Response>(), next));
  }

  private async once(key: string, request: CalledRequest, response: Response, next: CallHandler): Promise<unknown> {
    const { personId, schoolId } = request.caller!;
    const school = schoolId ?? '';
    const hash = this.core.index.of('idempotency', personId, school, request.method, request.originalUrl, key);
    const bodyHash = this.core.index.of('idempotency-body', bodyText(request.body));
    // A corrected person is shown in the answer: it is sealed with that person's key, and gone with it.
    const person = request.method === 'PATCH' ? personIn(request.path) : null;
    const owner = { school, ...(person !== null && { person }) };
    const context = { table: 'idempotency_keys', column: 'answer_sealed', row: hash.toString('hex'), ...owner };
    const now = this.core.clock.now();
    const em = this.core.database.unscoped();
    const [known] = await rows(
      em,
      sql<{
        bodyHash: Buffer;
        status: number | null;
        answerSealed: Sealed | null;
      }>`select body_hash, status, answer_sealed from idempotency_keys where hash = ${hash} and expires_at > ${now}`,
    );
    if (known && !known.bodyHash.equals(bodyHash))
      throw new Problem(422, 'This Idempotency-Key was used with another body. Take a new key.');
    if (known && known.status !== null) {
      const isKnown = await this.core.database.transaction([school], (own) => this.core.keys.loadKnown(own, [owner]));
      if (!known.answerSealed || !isKnown(owner)) throw notFound();
      response.status(known.status);
      const answer = (await this.core.keys.open(known.answerSealed, context)).reveal();
      return answer === '' ? undefined : JSON.parse(answer);
    }
    if (!(await this.reserve(em, hash, bodyHash, now)))
      throw new Problem(409, 'A call with this Idempotency-Key is still running. Try again in a moment.', [], {
        'Retry-After': '1',
      });
    try {
      const answer: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
      await this.core.database.transaction([school], (own) => this.core.keys.load(own, [owner]));
      // Erased meanwhile: nothing of that person is kept, this neither.
      const sealed = this.core.keys.isHeld(owner)
        ? await this.core.keys.seal(answer === undefined ? '' : JSON.stringify(answer), context)
        : null;
      await rows(
        em,
        sql`update idempotency_keys set status = ${response.statusCode}, answer_sealed = ${sealed}, expires_at = ${new Date(now.getTime() + KEEP_MS)} where hash = ${hash}`,
      );
      return answer;
    } catch (error) {
      // A refused call leaves its key free.
      await rows(em, sql`delete from idempotency_keys where hash = ${hash} and status is null`);
      throw error;
    }
  }

  /** One of two calls at once goes first. A reservation that a crash left behind ends by itself. */
  private async reserve(em: Em, hash: Buffer, bodyHash: Buffer, now: Date): Promise<boolean> {
    const reserved = await rows(
      em,
      sql`insert into idempotency_keys (hash, body_hash, expires_at) values (${hash}, ${bodyHash}, ${new Date(now.getTime() + RUNNING_MS)})
        on conflict (hash) do update set body_hash = excluded.body_hash, status = null, answer_sealed = null, expires_at = excluded.expires_at
        where idempotency_keys.expires_at <= ${now} returning 1 as one`,
    );
    return reserved.length === 1;
  }
}

/** Whom a call is about, by its path. */
function personIn(path: string): string | null {
  const [, id] = /^\/v1\/people\/([^/]+)$/.exec(path) ?? [];
  return id === undefined ? null : decodeURIComponent(id);
}

/** The body whatever the order of its members. */
function bodyText(body: unknown): string {
  try {
    return canonicalize(body ?? null) ?? '';
  } catch {
    throw new Problem(422, 'The body holds text that is none (a lone surrogate).');
  }
}
