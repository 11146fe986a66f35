import type { calendar_v3 } from '@googleapis/calendar';
import type { LedgerEntry } from '../world/ledger.js';

/** An event as the server keeps it: the resource that a client sees, and what it does not see. */
export interface EventRow {
  resource: calendar_v3.Schema$Event;
  entry: LedgerEntry;
  deleted: boolean;
  /** Reads until a pending conference is done. */
  readsLeft: number;
}
