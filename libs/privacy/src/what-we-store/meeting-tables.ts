import {
  ORDER,
  SCHOOL_ID,
  SCHOOL_TASK,
  type StoredTable,
  WITH_SLOT,
  WORK,
  each,
  personal,
  plain,
  pointer,
  text,
} from './stored-table.js';

const SLOT_ID = plain('welk tijdslot', 'which timeslot');

/** Evenings, slots, and the meetings that are made for them. */
export const MEETING_TABLES: Readonly<Record<string, StoredTable>> = {
  evenings: {
    about: text('De avonden die een school plant.', 'The evenings that a school plans.'),
    basis: SCHOOL_TASK,
    retention: WITH_SLOT,
    fields: {
      school_id: SCHOOL_ID,
      id: plain('welke avond', 'which evening'),
      name_sealed: plain('de naam van de avond', 'the name of the evening'),
      ...each(['told_at', 'told_id'], ORDER),
      ...each(['digest_hash', 'digest_sequence', 'digested_at', 'cleaned_at'], WORK),
    },
  },
  timeslots: {
    about: text('De gesprekken: tijd en leraar.', 'The slots: time and teacher.'),
    basis: SCHOOL_TASK,
    retention: WITH_SLOT,
    fields: {
      school_id: SCHOOL_ID,
      id: SLOT_ID,
      evening_id: plain('van welke avond', 'of which evening'),
      teacher_id: pointer('met welke leraar', 'with which teacher'),
      ...each(['start_at', 'end_at'], plain('wanneer het gesprek is', 'when the meeting is')),
      status: plain('gaat het door', 'does it take place'),
      version: ORDER,
      ...each(['conference_version', 'conference_provider'], WORK),
      conference_teacher_id: pointer('voor welke leraar video gewenst is', 'for which teacher video is wanted'),
    },
  },
  timeslot_parents: {
    about: text(
      'Welke ouder bij welk gesprek hoort, en wat die hoorde.',
      'Which parent has which slot, and what they heard.',
    ),
    basis: SCHOOL_TASK,
    retention: WITH_SLOT,
    fields: {
      school_id: SCHOOL_ID,
      timeslot_id: SLOT_ID,
      person_id: pointer('welke ouder', 'which parent'),
      assigned: personal('of de ouder bij het gesprek hoort', 'whether the parent has the slot'),
      household: pointer('wie aan wie genoemd mag worden', 'who may be named to whom'),
      about_sealed: personal(
        'de voornaam van het kind, alleen in de mails van deze ouder',
        'the first name of the child, in this parent’s own mails only',
      ),
      revealed_id: personal(
        'van welk gesprek deze ouder de link zag',
        'of which meeting this parent was shown the link',
      ),
      told_sequence: WORK,
      ...each(
        ['told', 'heard'],
        personal('wat er in het laatste bericht stond: tijd en leraar', 'what the last message said: time and teacher'),
      ),
    },
  },
  join_links: {
    about: text('De persoonlijke links van ouders.', 'The personal links of parents.'),
    basis: SCHOOL_TASK,
    retention: WITH_SLOT,
    fields: {
      token_hash: plain('afdruk waarmee een link gevonden wordt', 'hash that a link is found by'),
      school_id: SCHOOL_ID,
      timeslot_id: SLOT_ID,
      person_id: pointer('van welke ouder', 'of which parent'),
      token_sealed: personal(
        'de geheime link zelf, voor de volgende mail',
        'the secret link itself, for the next mail',
      ),
    },
  },
  conferences: {
    about: text(
      'Wat de school wenst: één videogesprek bij één tijdslot.',
      'What the school wants: one video meeting for one slot.',
    ),
    basis: SCHOOL_TASK,
    retention: WITH_SLOT,
    fields: {
      school_id: SCHOOL_ID,
      timeslot_id: SLOT_ID,
      owner_id: pointer('in wiens account', 'in whose account'),
      ...each(['provider', 'generations', 'published_id', 'announced'], WORK),
    },
  },
  meetings: {
    about: text('Wat er bij Google of Microsoft is gemaakt.', 'What was made at Google or Microsoft.'),
    basis: SCHOOL_TASK,
    retention: text(
      'Nummer en link tot de opruiming na de avond; de rest zolang het tijdslot bewaard wordt.',
      'Id and link until the clean-up after the evening; the rest as long as the timeslot is kept.',
    ),
    fields: {
      id: plain('ons nummer van het gesprek', 'our number of the meeting'),
      school_id: SCHOOL_ID,
      timeslot_id: SLOT_ID,
      owner_id: pointer('van wie het gesprek is', 'whose the meeting is'),
      account_sealed: personal(
        'het e-mailadres van het gebruikte account, zodat collega’s weten bij wie zij moeten zijn',
        'the e-mail address of the account that was used, so that colleagues know whom to ask',
      ),
      account_index: pointer('sleutel-afdruk van het account', 'keyed hash of the account'),
      made_sealed: personal('nummer, agenda en link bij de aanbieder', 'id, calendar and link at the provider'),
      ...each(
        ['id_index', 'url_index'],
        plain('sleutel-afdruk: twee gesprekken delen nooit een link', 'keyed hash: two slots never share a link'),
      ),
      ...each(
        [
          'generation',
          'provider',
          'wished',
          'retired',
          'wish_version',
          'settled_version',
          'state',
          'reason',
          'epoch',
          'failures',
          'starts',
          'operation',
          'deadline',
          'made_start',
          'made_end',
          'verify_at',
          'verified_at',
          'created_at',
          'settled_at',
          'parked_at',
        ],
        WORK,
      ),
    },
  },
  calendars: {
    about: text(
      'De agenda die wij in een Google-account maken, zodat wij geen andere hoeven te zien.',
      'The calendar that we make in a Google account, so that we need not see another.',
    ),
    basis: SCHOOL_TASK,
    retention: WITH_SLOT,
    fields: {
      school_id: SCHOOL_ID,
      account_index: pointer('sleutel-afdruk van het account', 'keyed hash of the account'),
      owner_id: pointer('van wie', 'whose'),
      place_sealed: personal('het nummer van de agenda', 'the id of the calendar'),
      ...each(['made_at', 'remade', 'gone'], WORK),
    },
  },
};
