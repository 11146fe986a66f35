import {
  ACCOUNTABILITY,
  ORDER,
  SCHOOL_ID,
  SCHOOL_TASK,
  type StoredTable,
  WHILE_AT_SCHOOL,
  WORK,
  each,
  personal,
  plain,
  pointer,
  text,
} from './stored-table.js';

const AS_LONG_AS_SCHOOL = text('Zolang de school meedoet.', 'As long as the school takes part.');

/** Schools and people. */
export const PEOPLE_TABLES: Readonly<Record<string, StoredTable>> = {
  schools: {
    about: text('De school en haar instellingen.', 'The school and its settings.'),
    basis: SCHOOL_TASK,
    retention: AS_LONG_AS_SCHOOL,
    fields: {
      id: SCHOOL_ID,
      name_sealed: plain('de naam boven pagina’s en mails', 'the name above pages and mails'),
      time_zone: plain('tijden tonen zoals op de schoolklok', 'to show times as on the school’s clock'),
      locale: plain('de taal van de school', 'the language of the school'),
      contacts_sealed: personal(
        'naam, e-mailadres en taal van wie de school voor vragen aanwees',
        'name, e-mail address and language of whom the school named for questions',
      ),
      account_domains: plain('welke accounts mogen', 'which accounts are allowed'),
      reveal_minutes: plain('hoe lang voor het gesprek de link opengaat', 'how long before the meeting the link opens'),
      join_requires_sign_in: plain('of ouders moeten inloggen', 'whether parents must sign in'),
      ...each(['told_at', 'told_id', 'settings_at', 'settings_id'], ORDER),
    },
  },
  people: {
    about: text('Ouders, leraren en contactpersonen.', 'Parents, teachers and contacts.'),
    basis: SCHOOL_TASK,
    retention: WHILE_AT_SCHOOL,
    fields: {
      school_id: SCHOOL_ID,
      id: pointer('wie het is, in de oudergesprekkenmodule', 'who it is, in the parent-meetings module'),
      profile_sealed: personal(
        'naam en e-mailadres: om te mailen en om te tonen met wie men spreekt',
        'name and e-mail address: to mail, and to show whom one meets',
      ),
      profile_hash: pointer(
        'sleutel-afdruk van het profiel, om te zien of het veranderde',
        'keyed hash of the profile, to see whether it changed',
      ),
      locale: personal('in welke taal wij schrijven', 'in which language we write'),
      about_sealed: personal(
        'de voornaam van het kind, zoals de ouder die verbeterde',
        'the first name of the child, as the parent corrected it',
      ),
      corrected_at: personal('wanneer de persoon iets verbeterde', 'when the person corrected something'),
      about_at: personal('wanneer de voornaam verbeterd werd', 'when the first name was corrected'),
      ...each(['left_at', 'left_id'], personal('dat de persoon van school is', 'that the person left the school')),
      expires_at: personal(
        'wanneer de gegevens verdwijnen van wie al lang geen school meer heeft',
        'when the data go of who has had no school for long',
      ),
      ...each(['told_at', 'told_id'], ORDER),
    },
  },
  data_keys: {
    about: text(
      'De sleutels waarmee gegevens versleuteld zijn, zelf versleuteld.',
      'The keys that data are sealed with, sealed themselves.',
    ),
    basis: ACCOUNTABILITY,
    retention: text(
      'Tot de persoon wordt gewist: zonder deze sleutel is niets van die persoon nog leesbaar.',
      'Until the person is erased: without this key nothing of that person can be read.',
    ),
    fields: {
      school_id: SCHOOL_ID,
      person_id: pointer('wiens sleutel; leeg: die van de school', 'whose key; empty: the school’s'),
      wrapped: plain('de sleutel, versleuteld met de sleutelring', 'the key, sealed with the key ring'),
      wrapped_by: plain('welke sleutel van de sleutelring', 'which key of the key ring'),
      ref: pointer(
        'toevallig nummer dat in het logboek voor de persoon staat',
        'random number that stands for the person in the audit',
      ),
    },
  },
  audit_entries: {
    about: text(
      'Wat medewerkers en programma’s met persoonsgegevens deden of bekeken.',
      'What staff and programs did with personal data, or looked at.',
    ),
    basis: ACCOUNTABILITY,
    retention: text(
      'Blijft staan en kan niet ongezien veranderd worden; wat over een gewiste persoon gaat, is onleesbaar.',
      'Stays and cannot be changed unseen; what is about an erased person is unreadable.',
    ),
    fields: {
      id: plain('nummer van de regel', 'number of the entry'),
      school_id: SCHOOL_ID,
      at: plain('wanneer', 'when'),
      action: plain('wat er gebeurde, als vast woord', 'what happened, as a closed word'),
      actor_kind: plain('een persoon, een programma of wijzelf', 'a person, a program or ourselves'),
      ...each(
        ['actor_tag', 'subject_tag'],
        pointer(
          'sleutel-afdruk, om de regels van één persoon te vinden zolang diens sleutel er is',
          'keyed hash, to find one person’s entries while that person’s key is there',
        ),
      ),
      actor_sealed: personal('wie het deed en in welke rol', 'who did it and in which role'),
      about_sealed: personal('over wie het ging, en waarom', 'whom it was about, and why'),
      ...each(
        ['sequence', 'previous_hash', 'hash'],
        plain('de ketting waaraan men ziet dat niets veranderd is', 'the chain that shows that nothing was changed'),
      ),
    },
  },
  spent_tokens: {
    about: text('Gebruikte toegangsbriefjes en beëindigde sessies.', 'Used tickets and ended sessions.'),
    basis: ACCOUNTABILITY,
    retention: text('Tot ze vanzelf verlopen waren.', 'Until they would have expired by themselves.'),
    fields: {
      hash: plain('afdruk van het briefje', 'hash of the ticket'),
      expires_at: WORK,
    },
  },
  erasures: {
    about: text('Verzoeken om vergeten te worden, en hun bewijs.', 'Requests to be forgotten, and their receipts.'),
    basis: ACCOUNTABILITY,
    retention: text(
      'Blijvend, als bewijs; zodra het verzoek klaar is staat er niets meer in dat zonder onze sleutels naar iemand leidt.',
      'For good, as proof; once it is done nothing in it leads to anybody without our keys.',
    ),
    fields: {
      id: plain('welk verzoek', 'which request'),
      school_id: SCHOOL_ID,
      person_index: pointer(
        'sleutel-afdruk van school en persoon: of dit over de vrager gaat',
        'keyed hash of school and person: whether it is about who asks',
      ),
      subject_sealed: pointer('over wie het gaat, tot het klaar is', 'whom it is about, until it is done'),
      cause: plain('op verzoek, of na twee jaar zonder school', 'on request, or after two years without a school'),
      counts: plain('hoeveel er gewist is', 'how much was erased'),
      receipt: plain('het ondertekende bewijs', 'the signed receipt'),
      ...each(
        ['state', 'requested_at', 'due_at', 'erased_at', 'ledger_sequence', 'waiting', 'alarmed_days', 'done_at'],
        WORK,
      ),
    },
  },
  erased_people: {
    about: text(
      'Wie gewist is, zodat latere berichten die persoon overslaan.',
      'Who was erased, so that later events leave that person out.',
    ),
    basis: ACCOUNTABILITY,
    retention: text('Blijvend: anders kwam de persoon terug.', 'For good: the person would come back otherwise.'),
    fields: {
      school_id: SCHOOL_ID,
      person_index: pointer('sleutel-afdruk van school en persoon', 'keyed hash of school and person'),
      erased_at: plain('wanneer', 'when'),
    },
  },
};
