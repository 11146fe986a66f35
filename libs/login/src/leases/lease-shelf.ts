import type { LoginName } from '#libs/providers';
import type { Lease, LentListener } from './lease.js';

const SWEEP_MS = 30_000;
const keyOf = (personId: string, login: LoginName) => JSON.stringify([personId, login]);

/** Leases in memory until they end. Swept by a timer, so that no token stays after its loan though nobody asks for it. */
export class LeaseShelf {
  private readonly leases = new Map<string, Lease>();
  private readonly listeners = new Set<LentListener>();
  private readonly sweeper: NodeJS.Timeout;

  constructor(private readonly now: () => Date) {
    this.sweeper = setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  get size(): number {
    return this.leases.size;
  }

  /** @param lease with the end of the loan as `expiresAt`; one that is over is not put. */
  put(lease: Lease): void {
    if (lease.expiresAt <= this.now()) return;
    this.leases.set(keyOf(lease.personId, lease.login), lease);
    for (const listener of this.listeners) listener({ personId: lease.personId, login: lease.login });
  }

  borrow(personId: string, login: LoginName): Lease | null {
    this.sweep();
    return this.leases.get(keyOf(personId, login)) ?? null;
  }

  onLent(listener: LentListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  withdraw(personId: string, login: LoginName): void {
    this.leases.delete(keyOf(personId, login));
  }

  sweep(): void {
    const now = this.now();
    for (const [key, lease] of this.leases) if (lease.expiresAt <= now) this.leases.delete(key);
  }

  close(): void {
    clearInterval(this.sweeper);
    this.leases.clear();
    this.listeners.clear();
  }
}
