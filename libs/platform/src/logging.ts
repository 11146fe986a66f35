import type { LoggerService } from '@nestjs/common';
import { types } from 'node:util';
import { pino, type Logger } from 'pino';

// Above our own frames stand those of the drivers, often more than the usual ten.
Error.stackTraceLimit = 25;

/**
 * JSON lines on stdout. Log ids, counts and codes, never a person's data, a URL of a meeting, a token, or an error object
 * from a library: such objects carry what they were given.
 */
export function createLogger(name: string, level = process.env['LOG_LEVEL'] ?? 'info'): Logger {
  return pino({
    name,
    level,
    base: { process: name },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: () => '[not logged]' },
  });
}

/** Nest's own lines in the same shape. Only text passes: an object could hold anything. */
export class NestLog implements LoggerService {
  constructor(private readonly logger: Logger) {}
  log(message: unknown, context?: unknown) {
    this.logger.debug({ context: text(context) }, text(message));
  }
  warn(message: unknown, context?: unknown) {
    this.logger.warn({ context: text(context) }, text(message));
  }
  error(message: unknown, ...rest: unknown[]) {
    this.logger.error({ context: text(rest.at(-1)) }, text(message));
  }
  debug(message: unknown, context?: unknown) {
    this.logger.debug({ context: text(context) }, text(message));
  }
  verbose(message: unknown, context?: unknown) {
    this.logger.trace({ context: text(context) }, text(message));
  }
}

const text = (value: unknown): string =>
  typeof value === 'string' ? value : value instanceof Error ? value.name : typeof value;

const PLACE = /^\s+at .*?\b((?:apps|libs)\/[\w./-]+:\d+:\d+)\)?$/;
/** What carries a statement or a report for others: the caller is meant, not these. */
const PLUMBING =
  /\blibs\/(?:platform\/src\/(?:logging|store-health)|database\/src\/(?:database|pooled-client|bounded-pool))\.[jt]s:/;

/**
 * What may be said of an unexpected error: its kind, its code, and the place in our own code that asked, never its text.
 * A driver's error that begins in its own event loop names none of our places; then whoever caught it is named.
 */
export function errorPlace(error: unknown): { kind: string; at?: string; code?: string } {
  const caught = new Error();
  if (!types.isNativeError(error)) return { kind: typeof error };
  const chain = causesOf(error);
  const code = chain
    .map((one) => ('code' in one && ['string', 'number'].includes(typeof one.code) ? String(one.code) : undefined))
    .find((found) => found !== undefined);
  return { kind: error.constructor.name, ...placeOf([...chain, caught]), ...(code !== undefined && { code }) };
}

function causesOf(error: Error): Error[] {
  const chain = [error];
  while (chain.length < 5 && types.isNativeError(chain.at(-1)!.cause)) chain.push(chain.at(-1)!.cause as Error);
  return chain;
}

/** One stack after the other: writing one out costs a millisecond and more where source maps are on. */
function placeOf(errors: readonly Error[]): { at?: string } {
  let first: string | undefined;
  for (const error of errors) {
    // A stack begins with the message, which may span lines that look like places.
    const places = (error.stack?.replace(error.message, '').split('\n') ?? [])
      .map((line) => PLACE.exec(line)?.[1])
      .filter((place) => place !== undefined);
    const at = places.find((place) => !PLUMBING.test(place));
    if (at !== undefined) return { at };
    first ??= places[0];
  }
  return first === undefined ? {} : { at: first };
}
