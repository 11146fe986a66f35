import pg from 'pg';
import { postgresConfig } from '#libs/database';
import { DUE_CHANNEL } from '#libs/messaging';

const AGAIN_MS = 1_000;
/** A listener hears nothing most of the time: it asks now and then whether anybody is there. */
const ASK_EVERY_MS = 10_000;
const SILENT_MS = 5_000;

/** Hears NOTIFY on a connection of its own, and comes back when it breaks. Meanwhile the relays poll. */
export class DueListener {
  private client: pg.Client | null = null;
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;
  private asking: NodeJS.Timeout | undefined;

  constructor(
    private readonly databaseUrl: string,
    private readonly onDue: () => void,
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
    const lost = () => void (client === this.client && this.again());
    client.on('error', lost);
    client.on('end', lost);
    try {
      await client.connect();
      await client.query(`listen ${DUE_CHANNEL}`);
      this.onDue();
      this.asking = setInterval(() => void client.query('select 1').catch(lost), ASK_EVERY_MS);
    } catch {
      this.again();
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    clearInterval(this.asking);
    await this.client?.end().catch(() => undefined);
  }

  private again(): void {
    if (this.stopped || this.timer) return;
    clearInterval(this.asking);
    void this.client?.end().catch(() => undefined);
    this.client = null;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.start();
    }, AGAIN_MS);
  }
}
