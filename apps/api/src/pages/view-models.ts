import type { ErasureJson } from '../rights/erasure-json.js';
import type { CorrectionField } from './texts/own-data-texts.js';
import type { StoredColumn } from '#libs/privacy';
import type { DataJson } from '../rights/data-json.js';
import type { Secret } from '#libs/encryption';
import type { ProviderName } from '#libs/providers';

/** The logins that a teacher can connect; each makes meetings of one provider. */
export const LOGINS = ['google', 'microsoft'] as const;
export type LoginName = (typeof LOGINS)[number];

export const LOGIN_OF: Readonly<Record<ProviderName, LoginName>> = {
  'google-meet': 'google',
  'microsoft-teams': 'microsoft',
};

/** The statuses of the outside contract; null there is `none` here. */
export const STATUSES = [
  'none',
  'queued',
  'creating',
  'ready',
  'updating',
  'needs_owner',
  'retrying',
  'failed',
  'removing',
  'removed',
  'over',
] as const;
export type StatusName = (typeof STATUSES)[number];

/** Why a row is not ready, in closed words. */
export const REASONS = [
  'no-login',
  'other-account',
  'login-ended',
  'scope-missing',
  'token-rejected',
  'no-conferences',
  'no-licence',
  'blocked-by-admin',
  'rate-limit',
  'account-quota',
  'server-error',
  'network',
  'timeout',
  'bad-url-host',
  'url-taken',
  'conference-pending',
  'conference-failed',
  'poison',
  'place-not-found',
  'owner-left',
  'bad-request',
  'configuration',
  'not-found',
  'unknown-answer',
] as const;
export type ReasonName = (typeof REASONS)[number];

/** What mends it. `ask-admin` and `retry` offer the same button, with another sentence. */
export type ReasonAction = 'connect' | 'retry' | 'wait' | 'ask-admin' | 'none';

/** Why the provider's sign-in did not end in a login. */
export const LOGIN_REFUSALS = [
  'declined',
  'scope-missing',
  'personal-account',
  'admin-consent-needed',
  'other-domain',
  'email-not-verified',
  'state-mismatch',
  'login-ended',
  'configuration',
  'unavailable',
] as const;
export type LoginRefusal = (typeof LOGIN_REFUSALS)[number];

/** What stands around every page. */
export interface Frame {
  /** BCP 47: the reader's own language, and the school's where there is one. */
  readonly locale: string | null;
  readonly schoolLocale?: string | null;
  readonly schoolName?: string | null;
  /** Name of who is signed in; shows the way out (`POST /leave`). Null on pages for anybody with the link. */
  readonly signedInAs?: string | null;
}

export interface Named {
  readonly id: string;
  readonly name: string;
}

/** What waits for the reader's login (P1), per account. */
export interface WaitingForReader {
  readonly login: LoginName;
  /** The reader's own account that the meetings are in; null where they are in none yet. */
  readonly account: Secret | null;
  /** Of slots ahead. */
  readonly meetings: number;
  /** Still in the account, not wanted any more. */
  readonly removals: number;
}

export interface HomeModel {
  readonly frame: Frame;
  /** False: nobody is signed in, and nothing below is shown. */
  readonly signedIn: boolean;
  readonly waiting?: readonly WaitingForReader[];
  /** The reader's erasure, while it waits for the reader's login. `meetings`: still in the account. */
  readonly erasure?: { readonly id: string; readonly meetings: number };
  /** For teachers and admins. `total`, `ready`, `needsOwner` count wanted slots ahead. */
  readonly evenings?: readonly {
    readonly id: string;
    readonly name: string;
    /** Start of the first slot. */
    readonly date: Date;
    readonly timeZone: string;
    readonly total: number;
    readonly ready: number;
    readonly needsOwner: number;
  }[];
  /** For parents: the own slots only (R6). */
  readonly conferences?: readonly {
    readonly teacherName: string;
    readonly start: Date;
    readonly end: Date;
    readonly timeZone: string;
    readonly status: StatusName;
    readonly joinable: boolean;
    /** Absolute, as the mail carries it. */
    readonly joinLink: Secret;
  }[];
  /** Role privacy: shows the way to what is kept, to the erasures and to the audit. */
  readonly privacy?: boolean;
  /** Role ops: shows the way to /ops and /ops/queues. */
  readonly ops?: boolean;
}

/** Counts of wanted slots ahead: total = ready + needsOwner + failed + working. */
export interface Counts {
  readonly total: number;
  readonly ready: number;
  readonly needsOwner: number;
  readonly failed: number;
  readonly working: number;
}

export interface EveningRow {
  readonly timeslotId: string;
  readonly start: Date;
  readonly end: Date;
  readonly status: StatusName;
  readonly joinable: boolean;
  readonly provider: ProviderName | null;
  /** Whose account it is (R7). */
  readonly owner: (Named & { readonly account: Secret }) | null;
  readonly reason: ReasonName | null;
  /** In whose account a meeting is left that could not be removed; `reason` says why. The row itself may be ready. */
  readonly leftIn: (Named & { readonly account: Secret }) | null;
  /** Only for the slot's teacher and the meeting's owner; null for everybody else. */
  readonly meetingUrl: Secret | null;
  /** What this reader may do with this row; the page picks the one button that helps. */
  readonly can: {
    readonly connect: boolean;
    readonly retry: boolean;
    readonly remove: boolean;
    /** Providers of the reader's own logins; empty where taking over is not allowed. */
    readonly takeOver: readonly ProviderName[];
  };
}

export interface EveningModel {
  readonly frame: Frame;
  readonly evening: Named;
  /** Start of the first slot, and the school's IANA zone. */
  readonly date: Date;
  readonly timeZone: string;
  /** The person id of the reader; the live script follows its own counts. */
  readonly viewerId: string;
  /** False for an admin who teaches nothing this evening: no accounts, no own rows. */
  readonly isTeacher: boolean;
  readonly waiting: readonly WaitingForReader[];
  /** One per login that this installation offers; `account` null: not connected in this browser. */
  readonly accounts: readonly { readonly login: LoginName; readonly account: Secret | null }[];
  /** True with the scope that makes a calendar of its own; false where events go to the primary calendar. */
  readonly googleOwnCalendar: boolean;
  /**
   * One per connected account. `missing`: own slots ahead without a conference. `replaceable`: own ones made with
   * another provider. `some`: own slots ahead that have a conference already.
   */
  readonly offers: readonly {
    readonly provider: ProviderName;
    readonly missing: number;
    readonly replaceable: number;
    readonly some: number;
  }[];
  readonly progress: Counts;
  readonly rows: readonly EveningRow[];
  readonly colleagues: readonly {
    readonly teacher: Named;
    readonly counts: Counts;
    readonly rows: readonly EveningRow[];
    /** The whole evening of this teacher at once: one form per owner and own login. */
    readonly takeOver: readonly { readonly from: string; readonly provider: ProviderName }[];
  }[];
}

export type JoinState =
  | { readonly kind: 'early'; readonly opens: Date; readonly minutesBefore: number }
  | { readonly kind: 'open' }
  | { readonly kind: 'over' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'removed' }
  | { readonly kind: 'not-ready' }
  | { readonly kind: 'sign-in' };

/** No child, no other parent, no meeting URL: there is no member to put one in. */
export interface JoinModel {
  readonly frame: Frame;
  readonly teacherName: string;
  /** Who will be there, where that is somebody else (P9). */
  readonly ownerName?: string | null;
  readonly start: Date;
  readonly end: Date;
  readonly timeZone: string;
  readonly state: JoinState;
  /** `/j/{token}`. */
  readonly joinPath: Secret;
}

export interface EnterModel {
  readonly frame: Frame;
  readonly signedInAs: string;
  /** Name in the new ticket. */
  readonly enteringAs: string;
  readonly ticket: Secret;
  readonly to: string;
}

export interface ErrorModel {
  readonly frame: Frame;
  /** HTTP status. */
  readonly status: number;
  /** The request did not come from one of our pages. */
  readonly isForeign?: boolean;
  /** What Retry-After says; null: nothing. */
  readonly retryAfterSeconds?: number | null;
  /** Shown so that a person can quote it to support. */
  readonly requestId?: string | null;
}

export interface LoginRefusedModel {
  readonly frame: Frame;
  readonly login: LoginName;
  readonly reason: LoginRefusal;
  /** Own path to go back to after another try. */
  readonly to: string;
  /** Where the school's admin can allow the application; null where unknown. */
  readonly adminConsentUrl?: string | null;
}

export interface PrivacyModel {
  readonly frame: Frame;
  /** REGION, as configured; empty: not said, as may be outside of production. What is written there alone is said: we cannot tell whether it lies in the EEA. */
  readonly region: string;
  /** PRIVACY_CONTACT and SECURITY_CONTACT: an address, `mailto:` or `https:`. */
  readonly privacyContact: string | null;
  readonly securityContact: string | null;
}

/** A person's data as `GET /v1/people/{id}/data` says them. */
export interface DataModel {
  readonly frame: Frame;
  readonly data: DataJson;
  /** The reader is the person; else a page of staff, in the third person. */
  readonly isOwn: boolean;
  /** Where a press ends all sessions of the person; absent where the reader may not, and on a copy to take along. */
  readonly endSessions?: string;
  /** What stands on one's own page only: the forms, and what became of the last press. Null elsewhere. */
  readonly own: {
    readonly saved?: boolean;
    /** What was typed and could not be saved, and the fields where it is wrong. */
    readonly wrong?: {
      readonly typed: Readonly<Partial<Record<CorrectionField, string>>>;
      readonly fields: readonly CorrectionField[];
    };
    /** The newest erasure that was asked for here; `isOpen`: asking again would change nothing. */
    readonly erasure?: { readonly id: string; readonly isOpen: boolean } | null;
    /** Erasing was pressed without the tick. */
    readonly notSure?: boolean;
  } | null;
}

/** One erasure as `GET /v1/erasures/{id}` says it. */
export interface ErasureModel {
  readonly frame: Frame;
  readonly erasure: ErasureJson;
  readonly timeZone: string;
  /** The reader is the person it is about, not a privacy officer. */
  readonly isOwn: boolean;
  /** What the reader can connect so that the meetings that wait are removed. */
  readonly logins: readonly LoginName[];
}

export interface StoredModel {
  readonly frame: Frame;
  readonly columns: readonly StoredColumn[];
}

export interface MessageModel {
  readonly frame: Frame;
  readonly title: string;
  readonly sentences: readonly string[];
  readonly back?: { readonly path: string; readonly label: string };
}
