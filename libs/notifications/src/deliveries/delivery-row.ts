import type { DataKeys, Database, Em } from '#libs/database';
import type { BlindIndex } from '#libs/encryption';
import type { Slot } from '#libs/conferences';
import type { Clock, Timers } from '#libs/platform';
import type { EmailMessage } from '../channels/email-channel.js';
import type { OutgoingEvent } from '../channels/webhook-channel.js';

/** A message that waits for its sending, as it is in Postgres. */
export interface DeliveryRow {
  readonly id: string;
  readonly schoolId: string;
  readonly personId: string;
  readonly timeslotId: string;
  readonly eveningId: string;
  readonly channel: 'email' | 'webhook';
  readonly kind: string;
  readonly sequence: number;
  readonly createdAt: Date;
  /** Set: it was tried before, and nobody knows whether it arrived. */
  readonly attemptedAt: Date | null;
}

/** Why a message is not sent. */
export type DropReason =
  /** Whoever it was for must not have it any more, or is not there. */
  | 'not-entitled'
  /** What it would say is not so any more. */
  | 'overtaken'
  /** The slot lies behind us. */
  | 'over'
  /** Nothing waits for its owner any more. */
  | 'nothing-waits';

export type Composed =
  | { readonly channel: 'email'; readonly message: EmailMessage; readonly kind: string }
  | { readonly channel: 'webhook'; readonly message: OutgoingEvent; readonly kind: string }
  | { readonly channel: 'none'; readonly reason: DropReason }
  /** Not yet: an earlier one must leave first, or what it says is being made. */
  | { readonly channel: 'wait' };

export const dropped = (reason: DropReason): Composed => ({ channel: 'none', reason });

export interface DeliveryDeps {
  readonly database: Database;
  readonly keys: DataKeys;
  readonly index: BlindIndex;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly appUrl: string;
  readonly mailFrom: string;
  /** Plans the notices of slots whose rows are held: what a dropped message said must be said by another. */
  readonly planNotices: (em: Em, slots: readonly Slot[], now: Date) => Promise<void>;
  /** For the jitter of waits. Default `Math.random`. */
  readonly random?: () => number;
}
