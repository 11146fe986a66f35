import type { OwnDataTexts } from './own-data-texts.js';
import type { LoginRefusal, ReasonAction, ReasonName, StatusName } from '../view-models.js';

/** What a row's reason means for the reader, and what mends it. */
export interface ReasonText {
  readonly sentence: string;
  readonly action: ReasonAction;
}

/** A title, what happened, and what to do. */
export interface TitledText {
  readonly title: string;
  readonly sentence: string;
  readonly todo: string;
}

/**
 * Every sentence of the pages in one language. A new language is one file in this folder and one line in
 * `catalogues.ts`; the type makes sure that no sentence is missing.
 */
export interface UiTexts {
  readonly dir: 'ltr' | 'rtl';
  readonly product: string;
  readonly skip: string;
  readonly leave: string;
  readonly privacyLink: string;
  /** Of whom no name is left: to parents, to colleagues, and whose account it was. */
  readonly theTeacher: string;
  readonly erasedPerson: string;
  readonly erasedAccount: string;
  readonly status: Readonly<Record<StatusName, string>>;
  readonly reason: Readonly<Record<ReasonName, string>>;
  readonly loginRefused: Readonly<Record<LoginRefusal, TitledText>>;
  readonly error: Readonly<Record<'400' | '401' | '403' | '404' | '409' | '429' | '500' | '503', TitledText>>;
  /** A change that did not come from one of our pages. */
  readonly foreignOrigin: TitledText;
  /** In the place of `todo`, where it is known how long. */
  readonly errorWait: (seconds: number) => string;
  /** On an open page that is no longer kept up to date. */
  readonly connection: {
    readonly lost: string;
    readonly signedOut: string;
    readonly somebodyElse: string;
    readonly reload: string;
  };
  readonly errorQuote: (requestId: string) => string;
  readonly retryLogin: (login: string) => string;
  readonly adminConsentLink: string;
  readonly backHome: string;
  readonly home: {
    readonly title: string;
    readonly signedOut: readonly string[];
    readonly evenings: string;
    readonly noEvenings: string;
    readonly ready: (ready: number, total: number) => string;
    readonly needsOwner: (count: number) => string;
    readonly own: string;
    readonly noOwn: string;
    readonly open: string;
    readonly privacy: string;
    readonly whatWeStore: string;
    readonly erasures: string;
    readonly audit: string;
    readonly auditVerdict: string;
    readonly docs: string;
    readonly ops: string;
    readonly opsPage: string;
    readonly queues: string;
  };
  readonly evening: {
    readonly accounts: string;
    readonly connect: (login: string) => string;
    readonly connected: string;
    readonly forget: string;
    readonly promiseGoogle: string;
    readonly promiseGooglePrimary: string;
    readonly promiseMicrosoft: string;
    readonly add: (count: number, provider: string) => string;
    readonly addIn: (account: string) => string;
    readonly onlyMissing: string;
    readonly replace: (count: number, provider: string) => string;
    readonly allDone: string;
    readonly progress: string;
    /** `{ready}` and `{total}` are filled in, in the browser too. */
    readonly progressSummary: string;
    readonly readyLabel: string;
    readonly needsOwnerLabel: string;
    readonly failedLabel: string;
    readonly workingLabel: string;
    readonly own: string;
    readonly noOwn: string;
    readonly time: string;
    readonly state: string;
    readonly todo: string;
    readonly colleagues: string;
    readonly noColleagues: string;
    readonly teacher: string;
    readonly account: string;
    readonly noAccount: string;
    readonly slots: (count: number) => string;
    readonly joinableStill: string;
    /** Followed by the name and the account, and a full stop. */
    readonly leftIn: string;
    readonly open: string;
    readonly retry: string;
    readonly remove: string;
    readonly takeOver: (provider: string) => string;
    readonly takeOverAfterConnecting: string;
    readonly takeOverAll: (name: string, provider: string) => string;
    readonly at: (time: string) => string;
  };
  readonly waiting: {
    readonly label: string;
    readonly meetings: (count: number) => string;
    readonly removals: (count: number) => string;
    readonly connect: (login: string) => string;
    /** Followed by the address of the account. */
    readonly connectAs: (login: string) => string;
    readonly after: string;
    /** The reader asked to be forgotten, and this still waits in the own account. */
    readonly erasure: (count: number) => string;
    readonly toErasure: string;
  };
  readonly join: {
    readonly title: (teacher: string) => string;
    readonly with: string;
    readonly owner: string;
    readonly day: string;
    readonly time: string;
    readonly early: (time: string, minutes: number) => string;
    readonly open: string;
    readonly over: string;
    readonly cancelled: string;
    readonly removed: string;
    readonly notReady: string;
    readonly signIn: string;
    readonly join: string;
    readonly again: string;
    readonly calendar: string;
    readonly personal: string;
  };
  readonly enter: {
    readonly title: string;
    readonly sentence: (now: string, next: string) => string;
    readonly go: (next: string) => string;
    readonly stay: string;
  };
  readonly privacy: {
    readonly title: string;
    readonly sections: readonly { readonly title: string; readonly sentences: readonly string[] }[];
    readonly region: (region: string) => string;
    readonly contact: string;
    readonly security: string;
    readonly whatWeStore: string;
  };
  readonly dataLink: string;
  readonly data: {
    readonly title: string;
    readonly intro: string;
    readonly nothing: string;
    /** Above the way to the page of an erasure. */
    readonly erasureAsked: string;
    readonly toErasure: string;
    readonly none: string;
    readonly person: string;
    readonly contact: string;
    readonly asParent: string;
    readonly asTeacher: string;
    readonly meetings: string;
    readonly messages: string;
    readonly looks: string;
    readonly looksIntro: string;
    readonly labels: Readonly<Record<DataLabel, string>>;
    readonly yes: string;
    readonly no: string;
    readonly source: Readonly<Record<'told' | 'corrected', string>>;
    readonly takeAlong: string;
    readonly asJson: string;
    readonly asPage: string;
    readonly correct: string;
    readonly correctIntro: string;
    readonly save: string;
    readonly saved: string;
  };
  readonly ownData: OwnDataTexts;
  readonly stored: {
    readonly title: string;
    readonly intro: readonly string[];
    readonly column: string;
    readonly purpose: string;
    readonly personal: string;
    readonly sealed: string;
    readonly basis: string;
    readonly retention: string;
    readonly personalWord: Readonly<Record<'yes' | 'id' | 'no', string>>;
  };
}

/** What a row of somebody's data is called. */
export type DataLabel =
  | 'id'
  | 'name'
  | 'email'
  | 'locale'
  | 'role'
  | 'source'
  | 'toldAt'
  | 'correctedAt'
  | 'leftAt'
  | 'start'
  | 'end'
  | 'status'
  | 'assigned'
  | 'teacher'
  | 'about'
  | 'household'
  | 'urlWasShown'
  | 'joinLink'
  | 'timeslotId'
  | 'provider'
  | 'state'
  | 'account'
  | 'createdAt'
  | 'sentAt'
  | 'meetingId'
  | 'meetingUrl'
  | 'kind'
  | 'channel'
  | 'at'
  | 'action'
  | 'by'
  | 'reason';
