import { Injectable } from '@nestjs/common';
import { BlindIndex, reportingWrapper } from '#libs/encryption';
import { DataKeys, Database, type Em, type Keys, type Scope } from '#libs/database';
import {
  CookieSealer,
  LoginCookies,
  OauthCookies,
  loginFlowsFrom,
  type LeaseLender,
  type LoginFlows,
} from '#libs/login';
import { NoticePlanner } from '#libs/notifications';
import { DependencyHealth, Metrics, StoreHealth, createLogger, type Clock, type Settings } from '#libs/platform';
import { CheckpointWriter, ErasureLedger, ledgerFolder, signingKeysOf, type SigningKeys } from '#libs/privacy';
import type { Logger } from 'pino';
import { RedisWatch } from '#libs/messaging';
import { Gates } from './gates.js';

/**
 * Connections of this process to Postgres, and how many of them intake may hold: in all, and for one school, whose intake
 * is done in order anyhow.
 */
const POOL_SIZE = 16;
const WRITERS = { inAll: 10, ofOneSchool: 3, waitMs: 3_000, longestQueue: 200 };
/** A request that gets no connection within this is refused: whoever waits longer has gone away. */
const WAIT_MS = 1_500;
const LIMITS = {
  waitMs: WAIT_MS,
  longestQueue: 200,
  lockTimeoutMs: 8_000,
  statementTimeoutMs: 20_000,
  silentMs: 25_000,
};

/** What the whole API shares. One per process; everything with a life is closed by `close()`. */
@Injectable()
export class Core {
  private readonly writers = new Gates(WRITERS);

  constructor(
    readonly settings: Settings,
    readonly database: Database,
    readonly keys: DataKeys,
    readonly index: BlindIndex,
    readonly clock: Clock,
    readonly metrics: Metrics,
    readonly logger: Logger,
    readonly notices: NoticePlanner,
    readonly sealer: CookieSealer,
    readonly logins: LoginFlows,
    readonly loginCookies: LoginCookies,
    readonly oauthCookies: OauthCookies,
    readonly leases: LeaseLender,
    readonly signing: SigningKeys,
    readonly ledger: ErasureLedger,
    readonly dependencies: DependencyHealth,
    /** The store of the queues, as this process sees it; null: the queues live in Postgres. */
    readonly redis: { readonly health: StoreHealth; readonly watch: RedisWatch } | null,
    readonly checkpoints: CheckpointWriter,
  ) {}

  static async open(settings: Settings, leases: LeaseLender, clock: Clock, keys: Keys): Promise<Core> {
    const index = new BlindIndex(keys.root);
    const now = () => clock.now();
    const sealer = new CookieSealer(settings.cookieKeys, now);
    const secure = settings.appUrl.startsWith('https:');
    const logins = loginFlowsFrom(
      {
        google: {
          issuer: settings.google.issuer,
          clientId: settings.google.clientId,
          clientSecret: settings.google.clientSecret,
          redirectUri: `${settings.appUrl}/login/google/callback`,
          scope: `openid email ${settings.google.scope}`,
          allowHttp: !settings.production,
          allowedHosts: settings.discoverableHosts,
        },
        microsoft: {
          issuer: settings.microsoft.issuer,
          clientId: settings.microsoft.clientId,
          clientSecret: settings.microsoft.clientSecret,
          redirectUri: `${settings.appUrl}/login/microsoft/callback`,
          allowHttp: !settings.production,
          allowedHosts: settings.discoverableHosts,
        },
      },
      now,
    );
    const logger = createLogger('api');
    const metrics = new Metrics();
    const dependencies = new DependencyHealth(metrics, logger, clock);
    const signing = signingKeysOf(settings.signingKey);
    const folder = await ledgerFolder(settings, keys.databaseId, (sentence) => logger.warn({}, sentence));
    const health = new StoreHealth('postgres', logger, metrics.storeAway);
    const database = await Database.connect(settings.databaseUrl, POOL_SIZE, { health, ...LIMITS });
    return new Core(
      settings,
      database,
      new DataKeys(reportingWrapper(keys.wrapper, dependencies), keys.root),
      index,
      clock,
      metrics,
      logger,
      new NoticePlanner({ index, hasWebhook: settings.webhook !== null }),
      sealer,
      logins,
      new LoginCookies({ sealer, secure }),
      new OauthCookies({ sealer, secure }),
      leases,
      signing,
      new ErasureLedger(folder, signing),
      dependencies,
      settings.redisUrl ? watchRedis(settings.redisUrl, settings.queuePrefix, logger, metrics) : null,
      new CheckpointWriter({ database, index, folder, signing }),
    );
  }

  /** What the domain's functions take. */
  deps() {
    return { keys: this.keys, index: this.index, now: this.clock.now() };
  }

  /** Commits when `work` resolves. When it throws, the keys that it made are forgotten with what it wrote. */
  async transaction<T>(scope: Scope, work: (em: Em) => Promise<T>): Promise<T> {
    let made: Em | null = null;
    try {
      return await this.database.transaction(scope, (em) => work((made = em)));
    } catch (error) {
      if (made) this.keys.rolledBack(made);
      throw error;
    }
  }

  /** For intake, which waits for other intake of its schools: it takes no more than its share of the connections. */
  intake<T>(schools: readonly string[], work: (em: Em) => Promise<T>): Promise<T> {
    return this.writers.run(JSON.stringify(schools), () => this.transaction(schools, work));
  }

  close(): Promise<void> {
    this.redis?.watch.close();
    return this.database.close();
  }
}

function watchRedis(url: string, prefix: string, logger: Logger, metrics: Metrics) {
  const health = new StoreHealth('redis', logger, metrics.storeAway);
  return { health, watch: new RedisWatch(url, prefix, health) };
}
