/** How long things may take before somebody else looks after them, in milliseconds. Tests on real processes scale them down. */
export interface Timers {
  /** A worker's claim on a meeting ends by itself after this long; every call of a claim must have ended by then. */
  readonly claimMs: number;
  /** One provider call. */
  readonly callMs: number;
  /** A job that nobody claimed for this long is put on the queue again. */
  readonly unclaimedMs: number;
  /** A worker's claim on one message. */
  readonly deliveryClaimMs: number;
  /** BullMQ gives a job whose worker fell silent to another one after this long. */
  readonly jobLockMs: number;
  /** Upkeep of what passed while it waited. */
  readonly tidyMs: number;
}

/**
 * What production uses. A worker that dies with a claim in hand costs a claim's time and the checking read after it costs
 * another: together they stay below the 120 s in which everything must have healed (design.md, invariant 9).
 */
export const TIMERS: Timers = {
  claimMs: 40_000,
  callMs: 15_000,
  unclaimedMs: 60_000,
  deliveryClaimMs: 60_000,
  jobLockMs: 30_000,
  tidyMs: 60_000,
};

/** The same proportions, `factor` times as long. */
export const scaledTimers = (factor: number): Timers =>
  Object.fromEntries(
    Object.entries(TIMERS).map(([name, ms]: [string, number]) => [name, ms * factor]),
  ) as unknown as Timers;
