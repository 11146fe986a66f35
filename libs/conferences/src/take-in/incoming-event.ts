import type { ProviderName } from '#libs/providers';

/** An event, checked and with its data in our own types. `toldAt`, `nanoseconds`, `id` order what events say of the same thing. */
export interface IncomingEvent {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  /** `time` to the millisecond. */
  readonly toldAt: Date;
  /** What `time` says below the millisecond: six digits. */
  readonly nanoseconds: string;
  /** Keyed hash of the event as JSON, whatever the order of its members. */
  readonly bodyHash: Buffer;
  readonly change: IncomingChange;
}

export type IncomingChange =
  | {
      kind: 'timeslot';
      school: IncomingSchool;
      evening: { id: string; name: string };
      timeslot: { id: string; version: number; startAt: Date; endAt: Date; status: 'planned' | 'cancelled' };
      teacher: IncomingPerson;
      parents: (IncomingPerson & { household?: string; about?: string })[];
      conference?: { provider: ProviderName } | null;
      /** The teacher was erased: `teacher.id` is a tombstone, and nothing is told of the person. */
      teacherIsErased?: true;
    }
  | { kind: 'person'; schoolId: string; person: IncomingPerson }
  | { kind: 'person-left'; schoolId: string; personId: string }
  /** About somebody who was erased. */
  | { kind: 'nobody'; schoolId: string }
  | {
      kind: 'school';
      school: IncomingSchool;
      settings: {
        accountDomains: string[];
        revealMinutes: number | null;
        joinRequiresSignIn: boolean;
        contacts: (IncomingPerson & { role: string })[];
      };
    };

/** The whole slot as it was when the event was written. */
export type TimeslotChange = Extract<IncomingChange, { kind: 'timeslot' }>;

/** A school with its settings as a whole. */
export type SchoolChange = Extract<IncomingChange, { kind: 'school' }>;

export interface IncomingSchool {
  id: string;
  name: string;
  timeZone: string;
  locale: string;
}

export interface IncomingPerson {
  id: string;
  name: string;
  email: string;
  locale: string;
}

export type IntakeStatus = 'accepted' | 'duplicate' | 'stale';
