import pg from 'pg';
import { DUE_CHANNEL } from '#libs/messaging';

const AGAIN_MS = 1_000;

/** Hears NOTIFY on a connection of its own, and comes back when it breaks. Meanwhile the relays poll. */
export class DueListener {
  private client: pg.Client | null = null;
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly databaseUrl: string,
    private readonly onDue: () => void,
  ) {}

  async start(): Promise<void> {
    if (this.stopped) return;
    const client = new pg.Client({ connectionString: this.databaseUrl, keepAlive: true });
    this.client = client;
    client.on('notification', () => this.onDue());
    client.on('error', () => this.again());
    client.on('end', () => this.again());
    try {
      await client.connect();
      await client.query(`listen ${DUE_CHANNEL}`);
      this.onDue();
    } catch {
      this.again();
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.client?.end().catch(() => undefined);
  }

  private again(): void {
    if (this.stopped || this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.start();
    }, AGAIN_MS);
  }
}
