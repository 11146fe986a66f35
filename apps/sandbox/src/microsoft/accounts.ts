import type { Random } from '../world/random.js';

export interface MicrosoftAccount {
  email: string;
  name: string;
  /** The stable key: tenant id and object id. */
  tid: string;
  oid: string;
  /** A personal account cannot even sign in under `organizations`. */
  personal: boolean;
  /** Without a Teams licence online meetings are 403 with an empty message (providers.md §4.7). */
  noLicence: boolean;
}

const PERSONAL_DOMAINS = ['outlook.com', 'hotmail.com', 'live.com'];
const PERSONAL_TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad';

/** Every address is an account; its domain is its tenant. */
export class MicrosoftAccounts {
  readonly #accounts = new Map<string, MicrosoftAccount>();
  readonly #adminConsentNeeded = new Set<string>();
  readonly #adminConsentGiven = new Set<string>();

  constructor(private readonly random: Random) {}

  at(email: string, name?: string): MicrosoftAccount {
    const key = email.trim().toLowerCase();
    const known = this.#accounts.get(key);
    if (known) {
      if (name !== undefined) known.name = name;
      return known;
    }
    const domain = key.split('@')[1] ?? '';
    const personal = PERSONAL_DOMAINS.includes(domain);
    const account: MicrosoftAccount = {
      email: key,
      name: name ?? key.split('@')[0] ?? key,
      tid: personal ? PERSONAL_TENANT : this.tenantOf(domain),
      oid: this.random.fixedGuid(`microsoft oid ${key}`),
      personal,
      noLicence: false,
    };
    this.#accounts.set(key, account);
    return account;
  }

  all(): MicrosoftAccount[] {
    return [...this.#accounts.values()];
  }

  tenantOf(domain: string): string {
    return this.random.fixedGuid(`microsoft tenant ${domain.toLowerCase()}`);
  }

  /** Switches user consent off for a tenant: an admin must approve first (providers.md §0, fact 2). */
  requireAdminConsent(tid: string, required: boolean): void {
    if (required) this.#adminConsentNeeded.add(tid);
    else this.#adminConsentNeeded.delete(tid);
    this.#adminConsentGiven.delete(tid);
  }

  giveAdminConsent(tid: string): void {
    this.#adminConsentGiven.add(tid);
  }

  awaitsAdminConsent(tid: string): boolean {
    return this.#adminConsentNeeded.has(tid) && !this.#adminConsentGiven.has(tid);
  }
}
