import pg from 'pg';
import { postgresConfig } from '#libs/database';
import { DUE_CHANNEL } from '#libs/messaging';
import { storeFault } from '#libs/platform';
import type { Logger } from 'pino';

const AGAIN_MS = 1_000;
const LONGEST_AGAIN_MS = 5_000;
/** A listener hears nothing most of the time: it asks now and then whether anybody is there, and still the primary. */
const ASK_EVERY_MS = 10_000;
const SILENT_MS = 5_000;

/** Hears NOTIFY on a connection of its own, and comes back when it breaks. Meanwhile the relays poll. */
export class DueListener {
  private client: pg.Client | null = null;
  private stopped = false;
  private failures = 0;
  private timer: NodeJS.Timeout | undefined;
  private asking: NodeJS.Timeout | undefined;

  constructor(
    private readonly databaseUrl: string,
    private readonly onDue: () => void,
    private readonly logger: Pick<Logger, 'info' | 'warn'>,
  ) {}

  async start(): Promise<void> {
    if (this.stopped) return;
    const client = new pg.Client({
      ...postgresConfig(this.databaseUrl),
      keepAlive: true,
      connectionTimeoutMillis: SILENT_MS,
      query_timeout: SILENT_MS,
    });
    this.client = client;
    client.on('notification', () => this.onDue());
    // An earlier client that ends late is none of ours any more.
    const lost = (error?: unknown) => void (client === this.client && this.again(error));
    client.on('error', lost);
    client.on('end', () => lost());
    try {
      await client.connect();
      // A replica refuses LISTEN; a primary that was demoted takes it, and nobody will notify there.
      await client.query(`listen ${DUE_CHANNEL}`);
      if (this.failures > 0) this.logger.info({}, 'due rows are announced again');
      this.failures = 0;
      this.onDue();
      this.asking = setInterval(() => void this.ask(client).catch(lost), ASK_EVERY_MS);
    } catch (error) {
      lost(error);
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    clearInterval(this.asking);
    await this.client?.end().catch(() => undefined);
  }

  private async ask(client: pg.Client): Promise<void> {
    const { rows } = await client.query<{ readOnly: string }>(
      `select current_setting('transaction_read_only') as "readOnly"`,
    );
    if (rows[0]!.readOnly === 'on') throw Object.assign(new Error('The server is read-only.'), { code: '25006' });
  }

  private again(error: unknown): void {
    if (this.stopped || this.timer) return;
    if (this.failures === 0)
      this.logger.warn(
        { word: storeFault(error)?.word ?? 'closed' },
        'due rows are not announced: LISTEN is away, and the relays ask once a second',
      );
    this.failures += 1;
    clearInterval(this.asking);
    void this.client?.end().catch(() => undefined);
    this.client = null;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        void this.start();
      },
      Math.min(AGAIN_MS * this.failures, LONGEST_AGAIN_MS),
    );
  }
}
