import type { Logger } from 'pino';
import type { Clock } from './clock.js';
import type { Metrics } from './metrics.js';

/** What a process asks for the truth and cannot work without for long. The stores have a watch of their own. */
export const DEPENDENCIES = ['host-keys', 'google-sign-in', 'microsoft-sign-in', 'key-management'] as const;
export type Dependency = (typeof DEPENDENCIES)[number];

/** One that does not answer: since when, and the first word of its last failure (a status or an error code). */
export interface AwayDependency {
  readonly name: Dependency;
  readonly since: Date;
  readonly code: string;
}

const AGAIN_MS = 60_000;

/**
 * Which dependencies of this process are away. A caller is never told that this is the caller's fault; ops hear of it by a
 * line when the state changes and one a minute while it lasts, by the metric, and on /ops.
 */
export class DependencyHealth {
  private readonly failing = new Map<Dependency, AwayDependency & { loggedAt: number }>();

  constructor(
    private readonly metrics: Metrics,
    private readonly logger: Logger,
    private readonly clock: Clock,
  ) {
    for (const dependency of DEPENDENCIES) metrics.dependencyAway.set({ dependency }, 0);
  }

  /** @param code a status or an error code, never a text that somebody else wrote */
  failed(name: Dependency, code: string): void {
    const now = this.clock.now();
    const before = this.failing.get(name);
    const isTold = before !== undefined && now.getTime() - before.loggedAt < AGAIN_MS;
    const since = before?.since ?? now;
    this.failing.set(name, { name, since, code, loggedAt: isTold ? before.loggedAt : now.getTime() });
    this.metrics.dependencyAway.set({ dependency: name }, 1);
    if (!isTold) this.logger.error({ dependency: name, code, since: since.toISOString() }, 'dependency away');
  }

  answered(name: Dependency): void {
    const before = this.failing.get(name);
    if (!before) return;
    this.failing.delete(name);
    this.metrics.dependencyAway.set({ dependency: name }, 0);
    const seconds = Math.round((this.clock.now().getTime() - before.since.getTime()) / 1000);
    this.logger.info({ dependency: name, seconds }, 'dependency back');
  }

  away(): readonly AwayDependency[] {
    return [...this.failing.values()].map(({ name, since, code }) => ({ name, since, code }));
  }
}

/** The word that a failed HTTP call or connection leaves: its status, or the code of the error. */
export function failureCode(error: unknown): string {
  for (let cause = error; typeof cause === 'object' && cause !== null; cause = (cause as { cause?: unknown }).cause) {
    const { code, name } = cause as { code?: unknown; name?: unknown };
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,60}$/.test(code)) return code;
    if (name === 'TimeoutError' || name === 'AbortError') return 'TIMEOUT';
  }
  return 'NO_ANSWER';
}
