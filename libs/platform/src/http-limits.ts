import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';

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
  /** Requests of one connection that wait for their answers; browsers and proxies send one at a time. */
  readonly pipelined: number;
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
  pipelined: 8,
};

/**
 * Node hands on every request that stands in one read of a socket, thousands of them in a turn of the event loop. A
 * connection that does not wait for its answers is cut, before anything is done for what it sent.
 */
function boundPipelines(listener: RequestListener, most: number): RequestListener {
  const inHand = new WeakMap<Socket, number>();
  return (request, response) => {
    const { socket } = request;
    if (socket.destroyed) return;
    const count = (inHand.get(socket) ?? 0) + 1;
    if (count > most) {
      socket.destroy();
      return;
    }
    inHand.set(socket, count);
    response.once('close', () => inHand.set(socket, (inHand.get(socket) ?? 1) - 1));
    listener(request, response);
  };
}

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
    boundPipelines(listener, limits.pipelined),
  );
  server.timeout = limits.silentMs;
  server.maxConnections = limits.connections;
  server.maxHeadersCount = limits.headers;
  return server;
}
