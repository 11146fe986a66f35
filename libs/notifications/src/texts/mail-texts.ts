import type { ParentNoticeKind } from '../plan/plan-parent-notice.js';

/** Who and when, already in the reader's language and the school's zone. */
export interface ParentMailWords {
  readonly teacher: string;
  readonly day: string;
  readonly shortDay: string;
  readonly time: string;
}

export interface PrivacyNoticeTexts {
  readonly subject: (count: number) => string;
  readonly lead: (count: number, day: string) => string;
  readonly todo: string;
}

/**
 * Every sentence of our mails in one language. A new language is one file in this folder and one line in
 * `catalogues.ts`; the type makes sure that no sentence is missing.
 */
export interface MailTexts {
  readonly dir: 'ltr' | 'rtl';
  readonly greeting: (name: string) => string;
  /** Of whom no name is left: to parents, and to colleagues. */
  readonly theTeacher: string;
  readonly erasedPerson: string;
  readonly parent: {
    readonly subject: Readonly<Record<ParentNoticeKind, (words: ParentMailWords) => string>>;
    readonly lead: Readonly<Record<ParentNoticeKind, (words: ParentMailWords) => string>>;
    readonly teacherLabel: string;
    readonly ownerLabel: string;
    /** An owner whom no event has named: a colleague took over who has no slot of the own. */
    readonly unnamedOwner: string;
    readonly aboutLabel: string;
    readonly dayLabel: string;
    readonly timeLabel: string;
    readonly previousLabel: string;
    /** The button of a conference that takes place, and of one that does not. */
    readonly join: string;
    readonly look: string;
    readonly opensBefore: (minutes: number, time: string) => string;
    readonly opensAtStart: (time: string) => string;
    readonly opensAlways: string;
    readonly personal: string;
    readonly calendarAdd: string;
    readonly calendarRemove: string;
    readonly summary: (teacher: string) => string;
  };
  readonly digest: {
    readonly subject: (evening: string) => string;
    readonly lead: (evening: string) => string;
    readonly why: string;
    readonly teacher: string;
    readonly madeBy: string;
    readonly account: string;
    readonly meetings: string;
    readonly button: string;
  };
  readonly ownerNeeded: {
    readonly subject: (count: number) => string;
    /** Where nothing waits but removals. */
    readonly subjectRemovals: (count: number) => string;
    readonly subjectByHand: (count: number) => string;
    readonly lead: (count: number) => string;
    readonly first: (day: string, time: string) => string;
    readonly removals: (count: number) => string;
    /** The last word: remove these yourself. `title` is what the meeting is called in the account. */
    readonly byHand: (count: number, title: string) => string;
    readonly why: string;
    readonly button: string;
    readonly once: string;
  };
  /** To colleagues, and to the school's contacts: slots of an evening have no link since their owner is away. */
  readonly ownerAway: {
    readonly subject: (count: number, evening: string) => string;
    readonly lead: (count: number, evening: string) => string;
    readonly first: (day: string, time: string) => string;
    readonly offer: string;
    readonly offerButton: string;
    readonly contact: string;
    readonly contactButton: string;
    readonly why: string;
    readonly teacher: string;
    readonly waitsFor: string;
    readonly meetings: string;
    readonly from: string;
  };
  /** To privacy contacts (R15): so many people are deleted, the first on that day. */
  readonly retentionNotice: PrivacyNoticeTexts;
  /** To privacy contacts (R14): so many erasures are not done, the first is due on that day. */
  readonly erasureLate: PrivacyNoticeTexts;
  readonly privacy: string;
  readonly sentBy: (school: string) => string;
}
