import type { Secret } from '#libs/encryption';
import type { LoginName } from '#libs/providers';

/** A loan of one access token to a worker: minutes long, in memory only (R4). */
export interface Lease {
  readonly personId: string;
  readonly login: LoginName;
  /** A meeting binds to one account; the borrower compares. */
  readonly account: { readonly subject: string; readonly email: string };
  readonly accessToken: Secret;
  /** When lent: the token's end. When borrowed: the end of the loan. */
  readonly expiresAt: Date;
}

/** Hands leases to whoever works. */
export interface LeaseLender {
  /** Never throws and never takes longer than a second: a visit must not wait for the queue's sake. */
  lend(lease: Lease): Promise<void>;
  /** The person takes the login back: nobody borrows it any more. As far as workers can be reached. */
  withdraw(personId: string, login: LoginName): Promise<void>;
}

export type LentListener = (lent: { personId: string; login: LoginName }) => void;

/** Where a worker finds what it was lent. */
export interface LeaseBook {
  borrow(personId: string, login: LoginName): Lease | null;
  /** Told of every lease that comes in. Returns the way to stop listening. */
  onLent(listener: LentListener): () => void;
  /** Forgets a lease, e.g. one whose token was refused. */
  withdraw(personId: string, login: LoginName): void;
}

const LONGEST_MS = 10 * 60_000;
/** A call that starts with the token's last minute would outlive it. */
const MARGIN_MS = 60_000;

/** The end of a loan: ten minutes from now, or a minute before the token's own end. */
export const loanEndOf = (lease: Lease, now: Date): Date =>
  new Date(Math.min(lease.expiresAt.getTime() - MARGIN_MS, now.getTime() + LONGEST_MS));
