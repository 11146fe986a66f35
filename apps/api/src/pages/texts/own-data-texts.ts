import type { ErasureState, MeetingStateWord } from '#libs/conferences';
import type { ParentNoticeKind } from '#libs/notifications';
import type { AuditAction } from '#libs/privacy';
import type { Role } from '../../http/caller.js';

type Words<W extends string> = Readonly<Record<W, string>>;

/** The closed words that stand in somebody's data, in the reader's language. */
export interface DataWords {
  /** Of a slot. */
  readonly status: Words<'planned' | 'cancelled'>;
  /** Of a meeting at the provider. */
  readonly meeting: Words<MeetingStateWord>;
  /** Of a message. */
  readonly message: Words<'pending' | 'sent' | 'dropped' | 'failed'>;
  readonly kind: Words<
    | ParentNoticeKind
    | 'digest'
    | 'owner-needed'
    | 'take-over-offer'
    | 'owner-away'
    | 'retention-notice'
    | 'erasure-late'
  >;
  readonly channel: Words<'email' | 'webhook'>;
  /** Who did something: with which role, or what kind of thing. */
  readonly by: Words<Role | 'self' | 'person' | 'system' | 'program'>;
  readonly action: Words<AuditAction>;
  readonly notGiven: string;
}

/** What the page of somebody's data says to staff, where it says "you" to the person. */
export interface OthersDataTexts {
  readonly title: (id: string) => string;
  readonly headings: Words<'person' | 'asParent' | 'asTeacher' | 'meetings' | 'messages' | 'looks' | 'looksIntro'>;
  readonly labels: Words<'assigned' | 'urlWasShown' | 'joinLink'>;
  /** Where the name and address come from. */
  readonly told: string;
}

/** Fields of the form on the own page. */
export type CorrectionField = 'name' | 'email' | 'locale' | 'about';

interface ErasureOf {
  readonly title: string;
  /** Meetings still in the owner's account; then, meetings that were left there. */
  readonly waiting: (count: number) => string;
  readonly leftBehind: (count: number) => string;
}

/** The forms of the own page, and the page of an erasure. */
export interface OwnDataTexts {
  readonly words: DataWords;
  readonly others: OthersDataTexts;
  /** Stands above the form. */
  readonly notSaved: string;
  /** What to do, beside the field. */
  readonly wrong: Words<CorrectionField>;
  /** To end all sessions: on the own page, and on that of somebody else to a privacy officer. */
  readonly sessions: Readonly<
    Record<'own' | 'others', { readonly title: string; readonly intro: string; readonly go: string }>
  >;
  readonly erase: {
    readonly title: string;
    readonly intro: string;
    readonly happensTitle: string;
    readonly happens: readonly string[];
    /** For whom has slots or meetings as a teacher. @param days until what waits for the owner is given up */
    readonly happensTeacher: (days: number) => readonly string[];
    readonly keptTitle: string;
    readonly kept: (slotYears: number, backupDays: number) => readonly string[];
    readonly toldTitle: string;
    readonly told: readonly string[];
    readonly toldTeacher: string;
    readonly sure: string;
    readonly notSure: string;
    readonly go: string;
  };
  readonly erasure: {
    /** To whom it is about, and to a privacy officer of the school. */
    readonly own: ErasureOf;
    readonly others: ErasureOf;
    readonly state: Words<ErasureState>;
    readonly stateLabel: string;
    readonly requestedAt: string;
    readonly dueAt: string;
    readonly doneAt: string;
    readonly dueSentence: (day: string) => string;
    /** The same while it waits for the owner. */
    readonly dueWaiting: (day: string) => string;
    /** Above the buttons that connect. */
    readonly connect: string;
    readonly keepAddress: string;
    readonly again: string;
    readonly asJson: string;
    readonly receipt: string;
  };
}
