import type { Secret } from '#libs/encryption';
import type { ProviderError, MeetingSeen, MeetingWish } from '#libs/providers';
import type { MeetingState, Operation } from '../model.js';

/** Whoever lends a login for a meeting: the account that the worker acts in. */
export interface LentAccount {
  /** The provider's stable id of the account. */
  readonly subject: string;
  readonly email: string;
}

/** What a worker holds between claim and outcome. */
export interface Work {
  readonly meeting: MeetingState;
  /** `verify` asks only: it makes nothing, so it needs no intent. */
  readonly operation: Operation | 'verify';
  readonly wish: MeetingWish;
  /** True: the account's place (calendar) must be made before this. */
  readonly needsPlace: boolean;
  readonly schoolId: string;
  /** A call before this one ended in nobody knows what: until the provider told, a clean failure proves nothing. */
  readonly wasOpen: boolean;
  /** The provider is still making the conference: look, do not write. */
  readonly poll: boolean;
  readonly begunAt: Date;
}

/** What came of a claim. */
export type Begun =
  { kind: 'work'; work: Work } | { kind: 'nothing-to-do' } | { kind: 'parked'; reason: string } | { kind: 'poison' };

/** What came of the provider call. */
export type Outcome =
  | { kind: 'made'; seen: MeetingSeen; place: Secret | null }
  | { kind: 'verified'; seen: MeetingSeen }
  | { kind: 'removed' }
  | { kind: 'failed'; error: ProviderError; retrySoonMs: number | null }
  /** Our own code threw, nobody knows how far it came. Counts as a start without an outcome. */
  | { kind: 'broken' };
