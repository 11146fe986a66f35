import { DataKeys, Database, type Keys } from '#libs/database';
import { BlindIndex, Secret, reportingWrapper } from '#libs/encryption';
import { MeetingWork } from '#libs/conferences';
import type { LeaseBook } from '#libs/login';
import { DeliveryWork, EmailChannel, NoticePlanner, WebhookChannel } from '#libs/notifications';
import {
  DependencyHealth,
  Metrics,
  StoreHealth,
  createLogger,
  TIMERS,
  type Clock,
  type Settings,
  type Timers,
} from '#libs/platform';
import { CheckpointWriter, ErasureLedger, ledgerFolder, signingKeysOf, type SigningKeys } from '#libs/privacy';
import { providersFrom, type ProviderRegistry } from '#libs/providers';
import type { Logger } from 'pino';
import { ProviderPacing } from './pacing/provider-pacing.js';

/** Connections of this process to Postgres: two queues of meetings, one of deliveries, the relay and upkeep share them. */
const POOL_SIZE = 16;
/** The longest of our statements takes seconds; a connection that is silent for longer is dead. */
const SILENT_MS = 60_000;

/** What the whole worker shares. One per process. */
export class WorkerCore {
  private constructor(
    readonly settings: Settings,
    readonly database: Database,
    readonly keys: DataKeys,
    readonly index: BlindIndex,
    readonly clock: Clock,
    readonly timers: Timers,
    readonly metrics: Metrics,
    readonly logger: Logger,
    readonly notices: NoticePlanner,
    readonly meetings: MeetingWork,
    readonly deliveries: DeliveryWork,
    readonly email: EmailChannel,
    readonly webhook: WebhookChannel | null,
    readonly providers: ProviderRegistry,
    readonly leases: LeaseBook,
    readonly pacing: ProviderPacing,
    readonly ledger: ErasureLedger,
    readonly signing: SigningKeys,
    /** Whether Postgres serves this process, and whether the store of its queues does: Redis, or the same Postgres. */
    readonly postgres: StoreHealth,
    readonly queueStore: StoreHealth,
    readonly checkpoints: CheckpointWriter,
  ) {}

  static async open(
    settings: Settings,
    leases: LeaseBook,
    { clock, keys: opened, timers = TIMERS }: { clock: Clock; keys: Keys; timers?: Timers },
  ): Promise<WorkerCore> {
    const index = new BlindIndex(opened.root);
    const notices = new NoticePlanner({ index, hasWebhook: settings.webhook !== null });
    const metrics = new Metrics();
    const logger = createLogger('worker');
    const dependencies = new DependencyHealth(metrics, logger, clock);
    const keys = new DataKeys(reportingWrapper(opened.wrapper, dependencies), opened.root);
    const postgres = new StoreHealth('postgres', logger, metrics.storeAway);
    const queueStore = settings.redisUrl ? new StoreHealth('redis', logger, metrics.storeAway) : postgres;
    const database = await Database.connect(settings.databaseUrl, POOL_SIZE, { health: postgres, silentMs: SILENT_MS });
    const shared = { database, keys, index, clock, timers };
    const signing = signingKeysOf(settings.signingKey);
    const folder = await ledgerFolder(settings, opened.databaseId, (sentence) => logger.warn({}, sentence));
    const ledger = new ErasureLedger(folder, signing);
    const pacing = new ProviderPacing({ database, clock, metrics, logger });
    return new WorkerCore(
      settings,
      database,
      keys,
      index,
      clock,
      timers,
      metrics,
      logger,
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
      pacing.watch(
        providersFrom(
          {
            google: { apiUrl: settings.google.apiUrl, scope: settings.google.scope },
            microsoft: { graphUrl: settings.microsoft.graphUrl },
          },
          () => clock.now(),
        ),
      ),
      leases,
      pacing,
      ledger,
      signing,
      postgres,
      queueStore,
      new CheckpointWriter({ database, index, folder, signing }),
    );
  }

  async close(): Promise<void> {
    await this.email.close();
    await this.webhook?.close();
    await this.database.close();
  }
}
