import { createHmac, timingSafeEqual, type Hmac } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { webhookKey } from '#libs/platform';
import { Problem } from '../http/problem.js';
import { readBody, refuseTooLong } from '../http/read-body.js';

const MOST_BYTES = 2 * 1024 * 1024;
const TOLERANCE_SECONDS = 300;
/** A sender that changes its secret signs with two. */
const MOST_SIGNATURES = 10;
/** Bodies that this process holds while their signature is not known yet: 64 of the largest. */
const MOST_UNVERIFIED_BYTES = 64 * MOST_BYTES;

/**
 * The same for every fault, so that nothing is learned from trying. Thrown before the body is read where the headers
 * suffice to know.
 */
export class NotSigned extends Problem {
  constructor() {
    const detail =
      'The signature does not verify, or its time is more than 5 minutes away. Sign the body with a secret of EVENT_SECRETS (Standard Webhooks).';
    super(401, detail);
  }
}

interface SignedHeaders {
  /** What is signed before the body, as the bytes that came. */
  readonly prefix: Buffer;
  readonly signatures: readonly Buffer[];
}

/**
 * Reads signed bodies (Standard Webhooks: HMAC-SHA256 of `id.timestamp.body`; any live secret verifies). What costs little
 * comes first: length and headers before the body, then one pass over its bytes as they come; nothing is parsed.
 *
 * Memory is bounded, too: beyond `mostUnverified` bytes the body that has been on its way for longest is refused, so that
 * slow senders without a secret cannot fill it. A sender that is not slow is never that one, whatever its address.
 */
export class SignedBodies {
  private readonly keys: readonly Buffer[];
  private readonly reading = new Set<{ bytes: number; end: AbortController }>();
  private unverified = 0;

  constructor(
    secrets: readonly string[],
    private readonly mostUnverified = MOST_UNVERIFIED_BYTES,
  ) {
    this.keys = secrets.map((secret) => webhookKey(secret)!);
  }

  /** @throws Problem 413, 401 (`NotSigned`), 503 where others were faster and memory is full */
  async read(request: IncomingMessage): Promise<Buffer> {
    refuseTooLong(request, MOST_BYTES);
    const signed = signedHeaders(request.headers);
    if (!signed) throw new NotSigned();
    const macs = this.keys.map((key) => createHmac('sha256', key).update(signed.prefix));
    const body = await this.hold(request, (chunk) => {
      for (const mac of macs) mac.update(chunk);
    });
    if (!isSignedBy(macs, signed.signatures)) throw new NotSigned();
    return body;
  }

  private async hold(request: IncomingMessage, onChunk: (chunk: Buffer) => void): Promise<Buffer> {
    const held = { bytes: 0, end: new AbortController() };
    this.reading.add(held);
    try {
      return await readBody(request, MOST_BYTES, {
        signal: held.end.signal,
        onChunk: (chunk) => {
          held.bytes += chunk.length;
          this.unverified += chunk.length;
          this.makeRoom();
          onChunk(chunk);
        },
      });
    } finally {
      this.forget(held);
    }
  }

  /** A set keeps its order: the first one came first. */
  private makeRoom(): void {
    while (this.unverified > this.mostUnverified) {
      const [oldest] = this.reading;
      this.forget(oldest!);
      oldest!.end.abort(
        new Problem(503, 'Too many bodies are on their way and this one is the slowest. Send it again.', [], {
          'Retry-After': '1',
        }),
      );
    }
  }

  private forget(held: { bytes: number; end: AbortController }): void {
    if (this.reading.delete(held)) this.unverified -= held.bytes;
  }
}

/** Null where the headers alone say that nothing will verify: absent, malformed, too old or too new. */
function signedHeaders(headers: IncomingHttpHeaders): SignedHeaders | null {
  const one = (name: string) => (typeof headers[name] === 'string' ? headers[name] : '');
  const id = one('webhook-id');
  const timestamp = one('webhook-timestamp');
  if (id === '' || !/^\d{1,12}$/.test(timestamp)) return null;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return null;
  const signatures = one('webhook-signature')
    .split(' ', MOST_SIGNATURES)
    .flatMap((part) => {
      const [, base64] = /^v1,([A-Za-z0-9+/]{43}=)$/.exec(part) ?? [];
      return base64 === undefined ? [] : [Buffer.from(base64, 'base64')];
    });
  return signatures.length === 0 ? null : { prefix: Buffer.from(`${id}.${timestamp}.`, 'latin1'), signatures };
}

const isSignedBy = (macs: readonly Hmac[], signatures: readonly Buffer[]): boolean =>
  macs.map((mac) => mac.digest()).some((digest) => signatures.some((signature) => timingSafeEqual(digest, signature)));
