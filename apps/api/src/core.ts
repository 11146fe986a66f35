import { Injectable } from '@nestjs/common';
import { BlindIndex } from '#libs/encryption';
import { DataKeys, Database, type Em, type Keys, type Scope } from '#libs/database';
import {
  CookieSealer,
  LoginCookies,
  OauthCookie,
  loginFlowsFrom,
  type LeaseLender,
  type LoginFlows,
} from '#libs/login';
import { NoticePlanner } from '#libs/notifications';
import { Metrics, createLogger, type Clock, type Settings } from '#libs/platform';
import { CheckpointWriter, ErasureLedger, ledgerFolder, signingKeysOf, type SigningKeys } from '#libs/privacy';
import type { Logger } from 'pino';

/** What the whole API shares. One per process; everything with a life is closed by `close()`. */
@Injectable()
export class Core {
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
    readonly oauthCookie: OauthCookie,
    readonly leases: LeaseLender,
    readonly signing: SigningKeys,
    readonly ledger: ErasureLedger,
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
    const signing = signingKeysOf(settings.signingKey);
    const folder = await ledgerFolder(settings, keys.databaseId, (sentence) => logger.warn({}, sentence));
    const database = await Database.connect(settings.databaseUrl);
    return new Core(
      settings,
      database,
      new DataKeys(keys.wrapper, keys.root),
      index,
      clock,
      new Metrics(),
      logger,
      new NoticePlanner({ index, hasWebhook: settings.webhook !== null }),
      sealer,
      logins,
      new LoginCookies({ sealer, secure }),
      new OauthCookie({ sealer, secure }),
      leases,
      signing,
      new ErasureLedger(folder, signing),
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

  close(): Promise<void> {
    return this.database.close();
  }
}
