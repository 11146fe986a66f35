import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';

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

/** What may be said of an unexpected error: its kind and its place in our own code, never its text. */
export function errorPlace(error: unknown): { kind: string; at?: string; code?: string } {
  if (!(error instanceof Error)) return { kind: typeof error };
  // The stack begins with the message, which may span lines that look like places.
  const at = error.stack
    ?.replace(error.message, '')
    .split('\n')
    .map((line) => PLACE.exec(line)?.[1])
    .find((place) => place !== undefined);
  const code =
    'code' in error && (typeof error.code === 'string' || typeof error.code === 'number')
      ? String(error.code)
      : undefined;
  return {
    kind: error.constructor.name,
    ...(at && { at }),
    ...(code && { code }),
  };
}
