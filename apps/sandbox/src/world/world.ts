import type { Faults } from './faults.js';
import type { Ledger } from './ledger.js';
import type { Random } from './random.js';

/** What all parts of the sandbox share. */
export interface World {
  /** Our own address, without a slash at the end; known once we listen. */
  url: string;
  /** The product's APP_URL, without a slash at the end; may be set later. */
  appUrl: string | undefined;
  /** `local`: meetings are pages of ours, a browser can arrive there. `https`: the real hosts' URLs, never opened. */
  meetUrls: 'local' | 'https';
  /** Where a meeting's page leads a visitor on to, as to an account chooser; null: it is shown. */
  meetingsLeadTo: string | null;
  latencyMs: number;
  now: () => Date;
  random: Random;
  ledger: Ledger;
  faults: Faults;
}
