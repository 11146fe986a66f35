import { createServer, type RequestListener, type Server } from 'node:http';

/** What any server of ours allows whoever connects to it, signed in or not. Times are in milliseconds. */
export interface HttpLimits {
  /** Until the headers are here, from the first byte or from the connection on. */
  readonly headersMs: number;
  /** Until the whole request is here. Answers may take their time (progress). */
  readonly requestMs: number;
  /** A connection without a request; more than the minute for which proxies keep theirs, so that they close first. */
  readonly idleMs: number;
  /** A connection on which nothing moves, in either direction. Streams send something twice a minute. */
  readonly silentMs: number;
  /** How often the times above are checked. */
  readonly checkMs: number;
  readonly connections: number;
  readonly headers: number;
  readonly headerBytes: number;
}

export const HTTP_LIMITS: HttpLimits = {
  headersMs: 10_000,
  requestMs: 30_000,
  idleMs: 65_000,
  silentMs: 90_000,
  checkMs: 1_000,
  // Below what systems allow one process to open (often 4,096 or more), so that Postgres and providers are still reached.
  connections: 3_000,
  headers: 200,
  headerBytes: 16 * 1024,
};

/** A server that holds these limits. Connections beyond are closed at once. */
export function limitedServer(listener: RequestListener, limits: HttpLimits = HTTP_LIMITS): Server {
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
      connectionsCheckingInterval: limits.checkMs,
      maxHeaderSize: limits.headerBytes,
    },
    listener,
  );
  server.timeout = limits.silentMs;
  server.maxConnections = limits.connections;
  server.maxHeadersCount = limits.headers;
  return server;
}
