import { DataKeys, Database } from '#libs/database';
import { BlindIndex, KeyRing, Secret } from '#libs/encryption';
import { MeetingWork } from '#libs/conferences';
import type { LeaseBook } from '#libs/login';
import { DeliveryWork, EmailChannel, NoticePlanner, WebhookChannel } from '#libs/notifications';
import { Metrics, createLogger, systemClock, type Clock, type Settings } from '#libs/platform';
import { providersFrom, type ProviderRegistry } from '#libs/providers';
import type { Logger } from 'pino';

/** Connections of this process to Postgres: two queues of meetings, one of deliveries, the relay and upkeep share them. */
const POOL_SIZE = 16;

/** What the whole worker shares. One per process. */
export class WorkerCore {
  private constructor(
    readonly settings: Settings,
    readonly database: Database,
    readonly keys: DataKeys,
    readonly index: BlindIndex,
    readonly clock: Clock,
    readonly metrics: Metrics,
    readonly logger: Logger,
    readonly notices: NoticePlanner,
    readonly meetings: MeetingWork,
    readonly deliveries: DeliveryWork,
    readonly email: EmailChannel,
    readonly webhook: WebhookChannel | null,
    readonly providers: ProviderRegistry,
    readonly leases: LeaseBook,
  ) {}

  static async open(settings: Settings, leases: LeaseBook, clock: Clock = systemClock): Promise<WorkerCore> {
    const ring = KeyRing.fromSetting(settings.keyRing);
    const index = new BlindIndex(ring);
    const keys = new DataKeys(ring);
    const database = await Database.connect(settings.databaseUrl, POOL_SIZE);
    const notices = new NoticePlanner({ index, hasWebhook: settings.webhook !== null });
    const shared = { database, keys, index, clock };
    return new WorkerCore(
      settings,
      database,
      keys,
      index,
      clock,
      new Metrics(),
      createLogger('worker'),
      notices,
      new MeetingWork({ ...shared, meetingHosts: settings.meetingHosts, planNotices: notices.plan }),
      new DeliveryWork({
        ...shared,
        appUrl: settings.appUrl,
        mailFrom: settings.mailFrom,
        planNotices: notices.plan,
      }),
      new EmailChannel({
        smtpUrl: new Secret(settings.smtpUrl),
        from: settings.mailFrom,
        requireTls: settings.production,
      }),
      settings.webhook &&
        new WebhookChannel({ url: settings.webhook.url, secret: new Secret(settings.webhook.secret) }),
      providersFrom(
        {
          google: { apiUrl: settings.google.apiUrl, scope: settings.google.scope },
          microsoft: { graphUrl: settings.microsoft.graphUrl },
        },
        () => clock.now(),
      ),
      leases,
    );
  }

  async close(): Promise<void> {
    await this.email.close();
    await this.webhook?.close();
    await this.database.close();
  }
}
