import type { Database } from '#libs/database';
import { openQueue, restQueue, restsNow } from '#libs/messaging';
import { errorPlace, storeFault, type Clock, type Metrics } from '#libs/platform';
import {
  PROVIDERS,
  ProviderError,
  type MeetingProvider,
  type ProviderAccess,
  type ProviderName,
  type ProviderRegistry,
} from '#libs/providers';
import type { Logger } from 'pino';
import { Breaker, PROBES, type Shown } from './breaker.js';

/** How long a worker may not yet know what another one found. */
const LOOK_EVERY_MS = 1_000;

/** One breaker per provider, shared with the other workers through Postgres. */
export class ProviderPacing {
  private readonly breakers = new Map(PROVIDERS.map((provider) => [provider, new Breaker()]));
  /** Accounts by the login that was borrowed, without keeping it. */
  private readonly accounts = new WeakMap<object, number>();
  private nextAccount = 0;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(private readonly deps: { database: Database; clock: Clock; metrics: Metrics; logger: Logger }) {}

  start(): void {
    this.timer = setInterval(() => {
      this.looking = this.look().catch((error: unknown) => {
        // A store that does not serve is reported once, by StoreHealth.
        if (!storeFault(error))
          this.deps.logger.warn(errorPlace(error), 'pauses could not be read; read again in a second');
      });
    }, LOOK_EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  /** A job of this provider that is on the queue already goes back. */
  rests(provider: ProviderName): boolean {
    return this.breakers.get(provider)!.state(this.deps.clock.now()) === 'resting';
  }

  /** The same providers; what each call shows is heard. */
  watch(providers: ProviderRegistry): ProviderRegistry {
    const watched = PROVIDERS.map((name) => [name, this.watched(providers[name])] as const);
    return Object.fromEntries(watched) as unknown as ProviderRegistry;
  }

  /** What the other workers found. */
  async look(): Promise<void> {
    const { database, clock, metrics } = this.deps;
    const { queues } = await restsNow(database.unscoped(), PROVIDERS, clock.now());
    const now = clock.now();
    for (const [provider, breaker] of this.breakers) {
      const rest = queues.find(({ queue }) => queue === provider);
      breaker.heard(rest ? { until: rest.until, probing: rest.probes !== null } : null, now);
      const left = rest ? Math.max(0, rest.until.getTime() - now.getTime()) / 1000 : 0;
      metrics.restSeconds.set({ provider }, left);
      metrics.probing.set({ provider }, breaker.state(now) === 'probing' ? 1 : 0);
    }
  }

  private watched(provider: MeetingProvider): MeetingProvider {
    const heard = async <T>(access: ProviderAccess, call: () => Promise<T>): Promise<T> => {
      const begunAt = this.deps.clock.now();
      try {
        const answer = await call();
        await this.saw(provider.name, access, 'answered', begunAt);
        return answer;
      } catch (error) {
        await this.saw(provider.name, access, shownBy(error), begunAt);
        throw error;
      }
    };
    return {
      name: provider.name,
      requestsPerCreate: provider.requestsPerCreate,
      openPlace: (access, place) => heard(access, () => provider.openPlace(access, place)),
      create: (access, wish) => heard(access, () => provider.create(access, wish)),
      read: (access, wish) => heard(access, () => provider.read(access, wish)),
      update: (access, wish) => heard(access, () => provider.update(access, wish)),
      remove: (access, wish) => heard(access, () => provider.remove(access, wish)),
    };
  }

  private async saw(provider: ProviderName, access: ProviderAccess, shown: Shown, begunAt: Date): Promise<void> {
    const { database, clock, metrics, logger } = this.deps;
    const now = clock.now();
    const account = this.accounts.get(access.accessToken) ?? this.nextAccount++;
    this.accounts.set(access.accessToken, account);
    const verdict = this.breakers.get(provider)!.saw({ account, shown, begunAt, now });
    if (verdict === null) return;
    try {
      if (verdict === 'works') {
        await database.transaction([], (em) => openQueue(em, provider, now));
        logger.info({ provider }, 'the provider works again');
      } else {
        metrics.rests.inc({ provider, why: verdict.rest });
        const rest = { queue: provider, until: verdict.until, probes: PROBES, why: verdict.rest };
        await database.transaction([], (em) => restQueue(em, rest));
        logger.warn({ provider, why: verdict.rest, until: verdict.until }, 'the provider is left alone for a while');
      }
    } catch (error) {
      // The call's own outcome matters more; what rests is found again by the next calls.
      logger.warn({ provider, ...errorPlace(error) }, 'what a provider showed could not be shared');
    }
  }
}

/** An answer that refuses is an answer: the provider works. An account's own quota says nothing about the others. */
function shownBy(error: unknown): Shown {
  if (!(error instanceof ProviderError)) return 'answered';
  if (error.code === 'rate-limit') return 'limited';
  return ['network', 'timeout', 'server-error'].includes(error.code) ? 'unavailable' : 'answered';
}
