import type { LoginName } from '#libs/providers';
import { loanEndOf } from './lease.js';
import type { Lease, LeaseBook, LeaseLender, LentListener } from './lease.js';
import { LeaseShelf } from './lease-shelf.js';

/** API and worker in one process: the lease is handed over in memory. */
export class MemoryLeases implements LeaseLender, LeaseBook {
  private readonly shelf: LeaseShelf;

  constructor(private readonly now: () => Date = () => new Date()) {
    this.shelf = new LeaseShelf(now);
  }

  lend(lease: Lease): Promise<void> {
    this.shelf.put({ ...lease, expiresAt: loanEndOf(lease, this.now()) });
    return Promise.resolve();
  }

  borrow(personId: string, login: LoginName): Lease | null {
    return this.shelf.borrow(personId, login);
  }

  onLent(listener: LentListener): () => void {
    return this.shelf.onLent(listener);
  }

  withdraw(personId: string, login: LoginName): Promise<void> {
    this.shelf.withdraw(personId, login);
    return Promise.resolve();
  }

  close(): void {
    this.shelf.close();
  }
}
