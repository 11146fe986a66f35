export const STORE_LOCALES = ['nl', 'en'] as const;
export type StoreLocale = (typeof STORE_LOCALES)[number];
export type LocalText = Readonly<Record<StoreLocale, string>>;

/** `yes`: says something about a person. `id`: only points to one. `no`: neither. */
export type Personal = 'yes' | 'id' | 'no';

export interface StoredField {
  readonly purpose: LocalText;
  readonly personal: Personal;
}

/** One table of the database: what it is for, on what ground, for how long, and each of its columns. */
export interface StoredTable {
  readonly about: LocalText;
  readonly basis: LocalText;
  readonly retention: LocalText;
  readonly fields: Readonly<Record<string, StoredField>>;
}

export const text = (nl: string, en: string): LocalText => ({ nl, en });
/** A column that says something about a person. */
export const personal = (nl: string, en: string): StoredField => ({ purpose: text(nl, en), personal: 'yes' });
/** A column that points to a person. */
export const pointer = (nl: string, en: string): StoredField => ({ purpose: text(nl, en), personal: 'id' });
/** A column that says nothing about anybody. */
export const plain = (nl: string, en: string): StoredField => ({ purpose: text(nl, en), personal: 'no' });
/** Several columns of the same purpose. */
export const each = (names: readonly string[], field: StoredField): Record<string, StoredField> =>
  Object.fromEntries(names.map((name) => [name, field]));

export const SCHOOL_ID = plain('welke school', 'which school');
export const ORDER = plain(
  'welk bericht het laatst gold, zodat een ouder bericht niets terugzet',
  'which event counted last, so that an older one puts nothing back',
);
export const WORK = plain(
  'de stand van ons eigen werk: wat gevraagd is, wat gedaan is, wat nog moet',
  'the state of our own work: what was asked for, what is done, what is left',
);

/** On behalf of the school, which is the controller. */
export const SCHOOL_TASK = text(
  'De taak van de school (AVG art. 6 lid 1 onder e of f); wij werken in opdracht van de school (art. 28).',
  "The school's task (GDPR art. 6(1)(e) or (f)); we work on behalf of the school (art. 28).",
);
export const ACCOUNTABILITY = text(
  'Verantwoording en beveiliging (AVG art. 5 lid 2 en art. 32).',
  'Accountability and security (GDPR art. 5(2) and art. 32).',
);
export const NO_PERSON = text('Geen persoonsgegevens.', 'No personal data.');

export const WHILE_AT_SCHOOL = text(
  'Tot de persoon wordt gewist: op verzoek binnen 30 dagen, en in elk geval twee jaar nadat er geen school meer is.',
  'Until the person is erased: on request within 30 days, and in any case after two years without a school.',
);
export const WITH_SLOT = text(
  'Zolang het tijdslot bewaard wordt; wat over een persoon gaat, verdwijnt met die persoon.',
  'As long as the timeslot is kept; what is about a person goes with that person.',
);
