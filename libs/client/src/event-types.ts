/** What the parent-meetings module sends; see the outside contract. Times are RFC 3339 with an offset. */
export interface PersonData {
  id: string;
  name: string;
  email: string;
  locale: string;
}

export interface SchoolData {
  id: string;
  name: string;
  timeZone: string;
  locale: string;
}

export interface TimeslotChanged {
  school: SchoolData;
  evening: { id: string; name: string };
  timeslot: { id: string; version: number; start: string; end: string; status: 'planned' | 'cancelled' };
  teacher: PersonData;
  parents: (PersonData & { household?: string; about?: string })[];
  /** Absent: no word about it. Null: not wanted. */
  conference?: { provider: 'google-meet' | 'microsoft-teams' } | null;
}

export interface PersonChanged {
  school: { id: string };
  person: PersonData;
}

export interface PersonLeft {
  school: { id: string };
  person: { id: string };
}

export interface SchoolChanged {
  school: SchoolData & {
    accountDomains?: string[];
    revealMinutes?: number | null;
    joinRequiresSignIn?: boolean;
    contacts?: (PersonData & { role: 'admin' | 'privacy' })[];
  };
}

export interface EventData {
  'parentmeetings.timeslot.changed.v1': TimeslotChanged;
  'parentmeetings.person.changed.v1': PersonChanged;
  'parentmeetings.person.left.v1': PersonLeft;
  'parentmeetings.school.changed.v1': SchoolChanged;
}

export type EventType = keyof EventData;

/** A CloudEvent 1.0 in structured form. `time` is required here. */
export type ParentMeetingsEvent = {
  [T in EventType]: {
    specversion: '1.0';
    id: string;
    source: string;
    type: T;
    time: string;
    datacontenttype?: string;
    data: EventData[T];
  };
}[EventType];
