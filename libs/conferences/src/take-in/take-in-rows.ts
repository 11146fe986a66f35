import type { Columns } from '#libs/database';
import type { Sealed } from '#libs/encryption';

// What intake writes: a row of each table, and how a bulk write carries it.

export interface SchoolRow {
  id: string;
  nameSealed: Sealed;
  timeZone: string;
  locale: string;
  toldAt: Date;
  toldId: string;
  accountDomains: string[];
  revealMinutes: number | null;
  joinRequiresSignIn: boolean;
  contactsSealed: Sealed | null;
  settingsAt: Date | null;
  settingsId: string | null;
}
export interface EveningRow {
  schoolId: string;
  id: string;
  nameSealed: Sealed;
  toldAt: Date;
  toldId: string;
}
export interface PersonRow {
  schoolId: string;
  id: string;
  profileSealed: Sealed;
  profileHash: Buffer;
  locale: string;
  toldAt: Date;
  toldId: string;
  leftAt: Date | null;
  leftId: string | null;
}
/** A person as stored, with what the person corrected; intake reads that and never writes it. */
export interface KnownPerson extends PersonRow {
  correctedAt?: Date | null;
  aboutSealed?: Sealed | null;
  aboutAt?: Date | null;
}
export interface JoinLinkRow {
  tokenHash: Buffer;
  schoolId: string;
  timeslotId: string;
  personId: string;
  tokenSealed: Sealed;
}

export const SCHOOL: Columns<SchoolRow> = {
  id: 'text',
  nameSealed: 'text',
  timeZone: 'text',
  locale: 'text',
  toldAt: 'timestamptz',
  toldId: 'text',
  accountDomains: 'text[]',
  revealMinutes: 'int',
  joinRequiresSignIn: 'boolean',
  contactsSealed: 'text',
  settingsAt: 'timestamptz',
  settingsId: 'text',
};
export const EVENING: Columns<EveningRow> = {
  schoolId: 'text',
  id: 'text',
  nameSealed: 'text',
  toldAt: 'timestamptz',
  toldId: 'text',
};
export const PERSON: Columns<PersonRow> = {
  schoolId: 'text',
  id: 'text',
  profileSealed: 'text',
  profileHash: 'bytea',
  locale: 'text',
  toldAt: 'timestamptz',
  toldId: 'text',
  leftAt: 'timestamptz',
  leftId: 'text',
};
export const JOIN_LINK: Columns<JoinLinkRow> = {
  tokenHash: 'bytea',
  schoolId: 'text',
  timeslotId: 'text',
  personId: 'text',
  tokenSealed: 'text',
};
