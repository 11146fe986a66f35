import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import type { LoginName } from '#libs/providers';
import { loanEndOf } from './lease.js';
import type { Lease, LeaseBook, LentListener } from './lease.js';
import { LeaseShelf } from './lease-shelf.js';
import { LeaseWire } from './lease-wire.js';
import type { LeaseWireSettings } from './lease-wire.js';
import { openLease } from './sealed-lease.js';

const BEAT_MS = 5_000;

/**
 * A worker's side of sealed leases. Its key pair is made at start and lives in this process's memory alone, so that a
 * message kept by anybody is useless once the worker is gone.
 */
export class SealedLeaseBook implements LeaseBook {
  readonly id = randomUUID();
  private readonly shelf: LeaseShelf;
  private readonly wire: LeaseWire;
  private readonly beat: NodeJS.Timeout;
  /** Serial numbers of messages that were opened, until they would be too old anyway. */
  private readonly opened = new Map<string, number>();

  private constructor(
    settings: LeaseWireSettings,
    private readonly now: () => Date,
    private readonly keys: { privateKey: CryptoKey; publicKey: JWK },
  ) {
    this.shelf = new LeaseShelf(now);
    this.wire = new LeaseWire(
      settings,
      ['ask', 'lent'],
      (channel, word) => void (channel === 'ask' ? this.announce() : this.take(word)),
      () => void this.announce(),
    );
    this.beat = setInterval(() => void this.announce(), BEAT_MS).unref();
  }

  static async open(settings: LeaseWireSettings, now: () => Date = () => new Date()): Promise<SealedLeaseBook> {
    // Not extractable: not even this process can write the private half down.
    const { privateKey, publicKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519' });
    return new SealedLeaseBook(settings, now, { privateKey, publicKey: await exportJWK(publicKey) });
  }

  borrow(personId: string, login: LoginName): Lease | null {
    return this.shelf.borrow(personId, login);
  }

  onLent(listener: LentListener): () => void {
    return this.shelf.onLent(listener);
  }

  withdraw(personId: string, login: LoginName): void {
    this.shelf.withdraw(personId, login);
  }

  close(): void {
    clearInterval(this.beat);
    this.wire.close();
    this.shelf.close();
  }

  private async announce(): Promise<void> {
    await this.wire.say('workers', { id: this.id, key: this.keys.publicKey, at: this.now().getTime() });
  }

  private async take(word: Record<string, unknown>): Promise<void> {
    if (word['to'] !== this.id || typeof word['sealed'] !== 'string') return;
    const found = await openLease(word['sealed'], { id: this.id, privateKey: this.keys.privateKey }, this.now());
    if (!found || this.isReplay(found.jti, found.goodUntil)) return;
    if (found.word.kind === 'withdrawn') {
      this.shelf.withdraw(found.word.personId, found.word.login);
    } else {
      const { lease } = found.word;
      // The lender has taken the margin off already; what is left here is the ten minutes by our own clock.
      const longest = loanEndOf({ ...lease, expiresAt: new Date(8.64e15) }, this.now());
      this.shelf.put({ ...lease, expiresAt: lease.expiresAt < longest ? lease.expiresAt : longest });
    }
  }

  private isReplay(jti: string, goodUntil: number): boolean {
    const now = this.now().getTime();
    for (const [known, until] of this.opened) if (until < now) this.opened.delete(known);
    if (this.opened.has(jti)) return true;
    this.opened.set(jti, goodUntil);
    return false;
  }
}
