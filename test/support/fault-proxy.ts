import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Which bytes do not arrive: all, those to the server, or those to the client (a half-open connection). */
export type Stall = 'both' | 'to-server' | 'to-client';

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  /** The client spoke last: somebody waits for an answer. */
  awaiting: boolean;
  /** A COMMIT was let through, and its answer must not come back. */
  losesReply: boolean;
  isForgotten: boolean;
  /** Bytes that the server sent on this connection. */
  replied: number;
}

/** `COMMIT` in a simple query (its length comes before it) or in a Parse message (the end of its name comes before it). */
// The wire's own framing is what is looked for.
// oxlint-disable-next-line no-control-regex
const COMMIT = /[\0\x0b\x0c]commit;?\0/i;

/**
 * A wire that can be cut, held and slowed at runtime, on this computer only. It knows no protocol but for the bytes that
 * end a transaction in Postgres. What a stall holds back arrives when it ends, as after a lost network.
 */
export class FaultProxy {
  private readonly links = new Set<Link>();
  private refusing = false;
  private stalled: Stall | null = null;
  private delayMs = 0;
  private dropAfter = Infinity;
  private commitsToLose = 0;
  /** How often each thing was really done to somebody. */
  readonly done = { cut: 0, refused: 0, stalled: 0, repliesDropped: 0, commitRepliesLost: 0 };

  private constructor(
    private readonly listener: Server,
    private target: { host: string; port: number },
  ) {}

  static async start(target: { host?: string; port: number }): Promise<FaultProxy> {
    const listener = createServer({ allowHalfOpen: false });
    const proxy = new FaultProxy(listener, { host: target.host ?? '127.0.0.1', port: target.port });
    listener.on('connection', (client) => proxy.link(client));
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(0, '127.0.0.1', () => resolve());
    });
    return proxy;
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  /** From now on it leads elsewhere, as a name does after a failover. What is open stays with whom it was. */
  retarget(port: number): void {
    this.target = { host: this.target.host, port };
  }

  /** The same URL by way of this proxy. */
  through(url: string): string {
    const changed = new URL(url);
    changed.hostname = '127.0.0.1';
    changed.port = String(this.port);
    return changed.href;
  }

  /** Connections whose client waits for an answer at this moment. */
  get awaiting(): number {
    return [...this.links].filter((link) => link.awaiting).length;
  }

  get connections(): number {
    return this.links.size;
  }

  /** All is well again. What was held goes on its way; a connection that was cut stays cut. */
  pass(): void {
    this.refusing = false;
    this.stalled = null;
    this.delayMs = 0;
    this.dropAfter = Infinity;
    this.commitsToLose = 0;
    for (const { client, server, isForgotten } of this.links) {
      if (isForgotten) continue;
      client.resume();
      server.resume();
    }
  }

  /** Ends every connection at once, without a word. */
  cut(): void {
    for (const link of this.links) {
      this.done.cut += 1;
      this.end(link);
    }
  }

  /** Nobody is there: what is open ends, what comes is refused. */
  refuse(): void {
    this.refusing = true;
    this.cut();
  }

  /** Connections stay open, and connecting works, but nothing arrives. */
  stall(which: Stall = 'both'): void {
    this.stalled = which;
    for (const link of this.links) this.hold(link);
  }

  /** What is open hangs for ever, as when a router forgot it; new connections pass. */
  forget(): void {
    for (const link of this.links) {
      this.done.stalled += 1;
      link.isForgotten = true;
      link.client.pause();
      link.server.pause();
    }
  }

  /** Each piece arrives so much later, either way. */
  delay(ms: number): void {
    this.delayMs = ms;
  }

  /** A connection ends once its server sent so many bytes; those beyond do not arrive. Counts from now. */
  dropRepliesAfter(bytes: number): void {
    this.dropAfter = bytes;
    for (const link of this.links) link.replied = 0;
  }

  /** The next COMMITs happen, and nobody learns of it: the connection ends before the answer. */
  loseCommitReplies(count: number): void {
    this.commitsToLose = count;
  }

  async close(): Promise<void> {
    this.refusing = true;
    const closed = new Promise<void>((resolve) => this.listener.close(() => resolve()));
    for (const link of this.links) this.end(link);
    await closed;
  }

  private link(client: Socket): void {
    if (this.refusing) {
      this.done.refused += 1;
      client.destroy();
      return;
    }
    const server = connect(this.target);
    const link: Link = { client, server, awaiting: false, losesReply: false, isForgotten: false, replied: 0 };
    this.links.add(link);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.end(link));
      socket.on('close', () => this.end(link));
    }
    client.on('data', (chunk) => this.ask(link, chunk));
    server.on('data', (chunk) => this.answer(link, chunk));
    if (this.stalled) this.hold(link);
  }

  private ask(link: Link, chunk: Buffer): void {
    link.awaiting = true;
    if (this.commitsToLose > 0 && !link.losesReply && COMMIT.test(chunk.toString('latin1'))) {
      this.commitsToLose -= 1;
      link.losesReply = true;
    }
    this.later(() => link.server.write(chunk));
  }

  private answer(link: Link, chunk: Buffer): void {
    link.awaiting = false;
    link.replied += chunk.length;
    if (link.losesReply) {
      // The server answered, so it has committed.
      this.done.commitRepliesLost += 1;
      this.end(link);
      return;
    }
    if (link.replied <= this.dropAfter) {
      this.later(() => link.client.write(chunk));
      return;
    }
    this.done.repliesDropped += 1;
    const left = chunk.subarray(0, Math.max(0, chunk.length - (link.replied - this.dropAfter)));
    link.client.write(left, () => this.end(link));
  }

  private hold(link: Link): void {
    this.done.stalled += 1;
    if (this.stalled !== 'to-client') link.client.pause();
    if (this.stalled !== 'to-server') link.server.pause();
  }

  private later(write: () => void): void {
    if (this.delayMs === 0) write();
    else setTimeout(write, this.delayMs);
  }

  private end(link: Link): void {
    if (!this.links.delete(link)) return;
    link.client.destroy();
    link.server.destroy();
  }
}
