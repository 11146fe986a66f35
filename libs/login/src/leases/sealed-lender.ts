import type { JWK } from 'jose';
import type { LoginName } from '#libs/providers';
import { loanEndOf } from './lease.js';
import type { Lease, LeaseLender } from './lease.js';
import { LeaseWire } from './lease-wire.js';
import type { LeaseWireSettings } from './lease-wire.js';
import { sealLease } from './sealed-lease.js';
import type { LeaseWord } from './sealed-lease.js';

/** A worker that has not announced itself for three times its beat is gone. */
const LIVE_MS = 15_000;
const LONGEST_WAIT_MS = 1_000;

const isPublicKey = (key: unknown): key is JWK =>
  typeof key === 'object' && key !== null && 'crv' in key && key.crv === 'X25519' && 'x' in key && !('d' in key);

/**
 * The API's side of sealed leases: seals each lease to the ephemeral key of every live worker and publishes it. Keeps no
 * token. A worker that starts later gets its leases with the next visit.
 */
export class SealedLender implements LeaseLender {
  private readonly wire: LeaseWire;
  private readonly workers = new Map<string, { id: string; key: JWK; seenAt: number }>();
  private readonly waiting = new Set<() => void>();

  constructor(
    settings: LeaseWireSettings,
    private readonly now: () => Date = () => new Date(),
  ) {
    const ask = () => void this.wire.say('ask', {});
    this.wire = new LeaseWire(settings, ['workers'], (_channel, word) => this.meet(word), ask);
  }

  async lend(lease: Lease): Promise<void> {
    const expiresAt = loanEndOf(lease, this.now());
    if (expiresAt > this.now()) await this.tell({ kind: 'lent', lease: { ...lease, expiresAt } });
  }

  async withdraw(personId: string, login: LoginName): Promise<void> {
    await this.tell({ kind: 'withdrawn', personId, login });
  }

  close(): void {
    this.wire.close();
    for (const go of this.waiting) go();
  }

  /** Ends within a second, told or not: without a worker the work parks, and the next visit lends again. */
  private async tell(word: LeaseWord): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LONGEST_WAIT_MS);
    });
    await Promise.race([deadline, this.tellLive(word)]);
    clearTimeout(timer);
  }

  private async tellLive(word: LeaseWord): Promise<void> {
    if (this.live().length === 0) await this.firstWorker();
    await Promise.all(
      this.live().map(async (worker) => {
        try {
          const sealed = await sealLease(word, worker, this.now());
          await this.wire.say('lent', { to: worker.id, sealed });
        } catch {
          // A key that nothing can be sealed to is no worker of ours.
          this.workers.delete(worker.id);
        }
      }),
    );
  }

  private async firstWorker(): Promise<void> {
    let go = () => {};
    const met = new Promise<void>((resolve) => {
      go = resolve;
      this.waiting.add(go);
    });
    const timer = setTimeout(go, LONGEST_WAIT_MS);
    await this.wire.say('ask', {});
    await met;
    clearTimeout(timer);
    this.waiting.delete(go);
  }

  private live() {
    const oldest = this.now().getTime() - LIVE_MS;
    for (const worker of this.workers.values()) if (worker.seenAt < oldest) this.workers.delete(worker.id);
    return [...this.workers.values()];
  }

  private meet(word: Record<string, unknown>): void {
    const { id, key, at } = word;
    const now = this.now().getTime();
    // An old announcement played again would bring a worker that is gone back to life.
    if (typeof id !== 'string' || !isPublicKey(key) || typeof at !== 'number' || Math.abs(now - at) > LIVE_MS) return;
    this.workers.set(id, { id, key, seenAt: Math.min(at, now) });
    for (const go of this.waiting) go();
  }
}
