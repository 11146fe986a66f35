import { FamilyNames } from './family-names.js';
import type { SandboxProvider } from './provider.js';

/** Something that lives, or lived, at a provider. Instants are ISO 8601 in UTC; start and end as the client sent them. */
export interface LedgerEntry {
  provider: 'google' | 'microsoft';
  kind: 'calendar' | 'event' | 'onlineMeeting';
  account: string;
  id: string;
  calendarId?: string;
  externalId?: string;
  /** The opaque references that the client attached (Google: extendedProperties.private). */
  reference?: Record<string, string>;
  url?: string;
  subject?: string;
  start?: string;
  end?: string;
  createdAt: string;
  updatedAt: string;
  deletedAt?: string;
}

export interface LedgerRequest {
  at: string;
  method: string;
  /** The route's pattern, never the path: paths hold ids. */
  route: string;
  provider: SandboxProvider;
  operation: string;
  account?: string;
  /** 0: the connection was cut or held without an answer. */
  status: number;
  /** The fault that answered instead of, or after, the real thing. */
  fault?: string;
}

export type ViolationKind = 'list-or-search' | 'foreign-item' | 'family-name';

/** What the product promises never to do (design.md, invariant 6). */
export interface Violation {
  at: string;
  kind: ViolationKind;
  provider: SandboxProvider;
  operation: string;
  account?: string;
  detail: string;
}

/** Everything that ever happened here, for the tests to judge by. */
export class Ledger {
  readonly entries: LedgerEntry[] = [];
  readonly requests: LedgerRequest[] = [];
  readonly violations: Violation[] = [];
  readonly familyNames = new FamilyNames();

  constructor(private readonly now: () => Date) {}

  add(entry: Omit<LedgerEntry, 'createdAt' | 'updatedAt'>): LedgerEntry {
    const at = this.now().toISOString();
    const added: LedgerEntry = { ...entry, createdAt: at, updatedAt: at };
    this.entries.push(added);
    return added;
  }

  update(entry: LedgerEntry, changes: Partial<LedgerEntry>): void {
    Object.assign(entry, changes, { updatedAt: this.now().toISOString() });
  }

  remove(entry: LedgerEntry): void {
    entry.deletedAt ??= this.now().toISOString();
  }

  request(request: Omit<LedgerRequest, 'at'>): void {
    this.requests.push({ at: this.now().toISOString(), ...request });
  }

  violation(violation: Omit<Violation, 'at'>): void {
    this.violations.push({ at: this.now().toISOString(), ...violation });
  }

  /** The meetings alive now: events and online meetings that nobody deleted; not the calendars that hold them. */
  live(): LedgerEntry[] {
    return this.entries.filter((entry) => entry.kind !== 'calendar' && entry.deletedAt === undefined);
  }

  /** How often each account used each operation: `counts()['anne@regenboog.example']['events.insert']`. */
  counts(): Record<string, Record<string, number>> {
    const counts: Record<string, Record<string, number>> = {};
    for (const { account = '', operation } of this.requests) {
      const ofAccount = (counts[account] ??= {});
      ofAccount[operation] = (ofAccount[operation] ?? 0) + 1;
    }
    return counts;
  }

  snapshot() {
    const { entries, requests, violations } = this;
    return { entries, live: this.live(), requests, counts: this.counts(), violations };
  }

  /** Forgets requests and violations; what lives stays, since forgetting it would hide an orphan. */
  forgetRequests(): void {
    this.requests.length = 0;
    this.violations.length = 0;
  }
}
