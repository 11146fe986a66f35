import {
  ACCOUNTABILITY,
  NO_PERSON,
  SCHOOL_ID,
  SCHOOL_TASK,
  type StoredTable,
  WORK,
  each,
  personal,
  plain,
  pointer,
  text,
} from './stored-table.js';

/** What is on its way, and what was taken in. */
export const WORK_TABLES: Readonly<Record<string, StoredTable>> = {
  dispatches: {
    about: text('Wat nog gedaan moet worden; alleen nummers.', 'What is still to be done; ids only.'),
    basis: NO_PERSON,
    retention: text('Tot het gedaan is.', 'Until it is done.'),
    fields: {
      school_id: SCHOOL_ID,
      ...each(['queue', 'subject_id', 'lane', 'start_at', 'due_at', 'busy_until', 'routine', 'round', 'turn'], WORK),
    },
  },
  pauses: {
    about: text('Hoe lang een aanbieder met rust gelaten wordt.', 'How long a provider is left alone.'),
    basis: NO_PERSON,
    retention: text('Een uur na de rust.', 'An hour after the rest.'),
    fields: each(['scope', 'until', 'paid_until', 'probes', 'why'], WORK),
  },
  deliveries: {
    about: text(
      'Welk bericht aan wie; de tekst zelf wordt niet bewaard.',
      'Which message to whom; the text itself is not kept.',
    ),
    basis: SCHOOL_TASK,
    retention: text('Zolang het tijdslot bewaard wordt.', 'As long as the timeslot is kept.'),
    fields: {
      id: plain('nummer van het bericht', 'number of the message'),
      school_id: SCHOOL_ID,
      person_id: pointer('aan wie', 'to whom'),
      ...each(['timeslot_id', 'evening_id'], plain('waarover', 'what about')),
      ...each(['channel', 'kind', 'sequence', 'state', 'reason', 'failures'], WORK),
      ...each(
        ['created_at', 'attempted_at', 'sent_at'],
        personal('wanneer de persoon iets hoorde', 'when the person heard something'),
      ),
    },
  },
  inbox: {
    about: text(
      'Welke berichten van de oudergesprekkenmodule al verwerkt zijn; de inhoud wordt niet bewaard.',
      'Which events of the parent-meetings module were taken in; their content is not kept.',
    ),
    basis: SCHOOL_TASK,
    retention: text('Zolang de school meedoet.', 'As long as the school takes part.'),
    fields: {
      ...each(['source', 'id', 'type'], plain('welk bericht', 'which event')),
      school_id: SCHOOL_ID,
      body_hash: plain('sleutel-afdruk van de inhoud', 'keyed hash of the content'),
      ...each(['occurred_at', 'received_at', 'status'], WORK),
      timeslot_id: plain('over welk tijdslot', 'of which timeslot'),
    },
  },
  key_canary: {
    about: text(
      'Eén vaste tekst, versleuteld: een verkeerde sleutelring valt er bij het starten mee op.',
      'One text that everybody knows, sealed: a start with the wrong key ring is noticed by it.',
    ),
    basis: ACCOUNTABILITY,
    retention: text('Zolang de database bestaat.', 'As long as the database.'),
    fields: { ...each(['id', 'wrapped', 'index_wrapped', 'index_check', 'database_id', 'home'], WORK) },
  },
  upkeep_runs: {
    about: text(
      'Wanneer elke terugkerende taak van de dienst voor het laatst begon.',
      'When each recurring task of the service was last begun.',
    ),
    basis: ACCOUNTABILITY,
    retention: text('Zolang de database bestaat.', 'As long as the database.'),
    fields: { ...each(['task', 'begun_at'], WORK) },
  },
  login_epochs: {
    about: text(
      'Hoe vaak iemand een koppeling overal liet beëindigen; niets van de koppeling zelf.',
      'How often somebody had a login ended everywhere; nothing of the login itself.',
    ),
    basis: SCHOOL_TASK,
    retention: text('Zolang de database bestaat.', 'As long as the database.'),
    fields: {
      login_index: plain('sleutel-afdruk van persoon en koppeling', 'keyed hash of person and login'),
      epoch: WORK,
    },
  },
  idempotency_keys: {
    about: text(
      'Antwoorden op herhaalbare aanroepen, zodat een tweede keer niets dubbel doet.',
      'Answers to calls that may be repeated, so that a second one does nothing twice.',
    ),
    basis: SCHOOL_TASK,
    retention: text('24 uur.', '24 hours.'),
    fields: {
      ...each(['hash', 'body_hash'], plain('sleutel-afdruk van de aanroep', 'keyed hash of the call')),
      status: WORK,
      answer_sealed: personal(
        'het antwoord; van een correctie met de sleutel van die persoon, en dus weg met die sleutel',
        'the answer; that of a correction under the key of that person, and so gone with that key',
      ),
      expires_at: WORK,
    },
  },
};
