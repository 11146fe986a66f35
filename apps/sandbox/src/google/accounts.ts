import type { Random } from '../world/random.js';

export interface GoogleAccount {
  email: string;
  name: string;
  /** The stable key of an account: 21 digits. */
  sub: string;
  /** The Workspace domain; absent for consumer accounts. */
  hd?: string;
  /** No Meet links for this account: createRequest is refused (providers.md §2.8). */
  meetDisabled: boolean;
  /** A conference is pending for so many reads. */
  pendingReads: number;
  /** A conference ends in `failure` instead of `success`. */
  conferenceFailure: boolean;
}

const CONSUMER_DOMAINS = ['gmail.com', 'googlemail.com'];

/** Every address is an account: it comes to life when it is first used. Addresses are compared without case. */
export class GoogleAccounts {
  readonly #accounts = new Map<string, GoogleAccount>();

  constructor(private readonly random: Random) {}

  at(email: string, name?: string): GoogleAccount {
    const key = email.trim().toLowerCase();
    const known = this.#accounts.get(key);
    if (known) {
      if (name !== undefined) known.name = name;
      return known;
    }
    const domain = key.split('@')[1] ?? '';
    const account: GoogleAccount = {
      email: key,
      name: name ?? key.split('@')[0] ?? key,
      sub: `1${this.random.fixedText(`google sub ${key}`, 20, '0123456789')}`,
      ...(CONSUMER_DOMAINS.includes(domain) ? {} : { hd: domain }),
      meetDisabled: false,
      pendingReads: 0,
      conferenceFailure: false,
    };
    this.#accounts.set(key, account);
    return account;
  }

  all(): GoogleAccount[] {
    return [...this.#accounts.values()];
  }
}
