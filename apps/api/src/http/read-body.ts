import type { IncomingMessage } from 'node:http';
import { Problem } from './problem.js';

export const tooLarge = (limit: number) =>
  new Problem(413, `The body is too large: at most ${limit / 1024} KiB.`, [
    { pointer: '', detail: `must have at most ${limit} bytes` },
  ]);

/** What a body says about its length is judged before a byte of it is read. @throws Problem 413 */
export function refuseTooLong({ headers }: IncomingMessage, limit: number): void {
  if (Number(headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
}

/** Bytes of bodies that are taken in one turn of the event loop, of all requests together. */
const BYTES_PER_TURN = 1024 * 1024;

/**
 * A socket that is full is read two megabytes at a time, and sixty of them in one turn of the event loop: all others would
 * wait for that. So bodies take turns.
 */
class Turns {
  private left = BYTES_PER_TURN;
  private isCounting = false;
  private readonly waiting: IncomingMessage[] = [];

  took(request: IncomingMessage, bytes: number): void {
    this.left -= bytes;
    if (!this.isCounting) {
      this.isCounting = true;
      setImmediate(() => this.next());
    }
    if (this.left > 0) return;
    request.pause();
    this.waiting.push(request);
  }

  private next(): void {
    this.left = BYTES_PER_TURN;
    this.isCounting = this.waiting.length > 0;
    if (this.isCounting) setImmediate(() => this.next());
    for (const request of this.waiting.splice(0, 4)) request.resume();
  }
}

const turns = new Turns();

/**
 * Reads a body of at most `limit` bytes. What is refused stays unread: `edge.ts` ends its connection.
 * @param options.onChunk each piece as it comes; what it throws ends the reading
 * @param options.signal ends the reading with its reason
 * @throws Problem 413; 400 where the sender stopped in the middle
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  options: { onChunk?: (chunk: Buffer) => void; signal?: AbortSignal } = {},
): Promise<Buffer> {
  refuseTooLong(request, limit);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const stop = () => {
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      options.signal?.removeEventListener('abort', onAbort);
    };
    const fail = (error: unknown) => {
      stop();
      reject(error as Error);
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) return fail(tooLarge(limit));
      try {
        options.onChunk?.(chunk);
      } catch (error) {
        return fail(error);
      }
      chunks.push(chunk);
      turns.took(request, chunk.length);
    };
    const onEnd = () => {
      stop();
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length));
    };
    const onClose = () => fail(new Problem(400, 'The body ended in the middle.'));
    const onAbort = () => fail(options.signal!.reason);
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
    options.signal?.addEventListener('abort', onAbort);
  });
}
