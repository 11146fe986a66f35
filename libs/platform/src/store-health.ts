import type { Gauge } from 'prom-client';
import type { Logger } from 'pino';
import { errorPlace } from './logging.js';
import { STORE_FAULT_WORDS, storeFault, type StoreFaultKind } from './store-fault.js';

export type StoreName = 'postgres' | 'redis';

const STORE_LABELS: Readonly<Record<StoreName, string>> = { postgres: 'Postgres', redis: 'Redis' };
const REPEAT_MS = 60_000;

/** Whoever failed asks again within this, pauses and time limits included; longer ago, it no longer asks. */
const FORGOTTEN_MS = 12_000;
/** A store that serves some and not others must not fill the log. */
const CHANGES_MS = 1_000;

interface Fault {
  readonly kind: StoreFaultKind;
  readonly word: string;
}

/** A store that does not serve: by which code, and since when. */
export interface StoreAway extends Fault {
  readonly since: Date;
  /** Who of this process asked it in vain. */
  readonly users: readonly string[];
}

/**
 * Whether one store serves this process. Everything that uses the store reports here, under a name of its own; the
 * store is away while any of its users fails. One log line when that changes, and one a minute while it lasts.
 */
export class StoreHealth {
  private readonly failing = new Map<string, Fault & { readonly at: number }>();
  private since: Date | null = null;
  private reportedAt = -Infinity;

  constructor(
    readonly store: StoreName,
    private readonly logger: Pick<Logger, 'info' | 'warn'>,
    private readonly gauge?: Gauge<'store'>,
  ) {
    gauge?.set({ store }, 0);
  }

  /** @returns false where the error does not speak of the store: nothing is reported then */
  failed(user: string, error: unknown): boolean {
    const fault = storeFault(error);
    if (!fault) return false;
    // Too much waits for it, or somebody holds a lock: it serves the others.
    if (fault.kind === 'busy') return true;
    const now = performance.now();
    this.failing.set(user, { ...fault, at: now });
    const isNew = this.since === null;
    this.since ??= new Date();
    this.gauge?.set({ store: this.store }, 1);
    if (now - this.reportedAt < (isNew ? CHANGES_MS : REPEAT_MS)) return true;
    this.reportedAt = now;
    const { at } = errorPlace(error);
    this.logger.warn(
      {
        store: this.store,
        ...fault,
        user,
        users: this.failing.size,
        since: this.since.toISOString(),
        ...(at && { at }),
      },
      isNew ? 'a store does not serve' : 'a store still does not serve',
    );
    return true;
  }

  worked(user: string): void {
    this.failing.delete(user);
    const oldest = performance.now() - FORGOTTEN_MS;
    for (const [name, { at }] of this.failing) if (at < oldest) this.failing.delete(name);
    if (this.failing.size > 0 || this.since === null) return;
    const { since } = this;
    this.since = null;
    this.gauge?.set({ store: this.store }, 0);
    this.logger.info({ store: this.store, user, since: since.toISOString() }, 'a store serves again');
  }

  get away(): StoreAway | null {
    const [first] = this.failing.values();
    if (!first || !this.since) return null;
    return { kind: first.kind, word: first.word, since: this.since, users: [...this.failing.keys()] };
  }

  /** What readiness and ops say of it: since when, by which code, what to do; null while it serves. */
  get sentence(): string | null {
    const { away } = this;
    return (
      away &&
      `${STORE_LABELS[this.store]} does not serve since ${away.since.toISOString()} (${away.word}): ${STORE_FAULT_WORDS[away.kind]}.`
    );
  }
}
