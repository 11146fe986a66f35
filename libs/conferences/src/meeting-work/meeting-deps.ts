import type { BlindIndex } from '#libs/encryption';
import type { DataKeys, Database, Em } from '#libs/database';
import type { Clock, Timers } from '#libs/platform';
import type { Slot } from '../model.js';

export interface MeetingDeps {
  readonly database: Database;
  readonly keys: DataKeys;
  readonly index: BlindIndex;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly meetingHosts: readonly string[];
  /** Plans the notices of slots in the same transaction that changed them. */
  readonly planNotices: (em: Em, slots: readonly Slot[], now: Date) => Promise<void>;
}
