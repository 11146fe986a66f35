import type { OwnDataTexts } from './own-data-texts.js';

const gesprekken = (count: number) => (count === 1 ? '1 gesprek' : `${count} gesprekken`);

export const ownDataNl: OwnDataTexts = {
  words: {
    status: { planned: 'gepland', cancelled: 'afgezegd' },
    meeting: {
      pending: 'in de rij',
      calling: 'wordt gemaakt, veranderd of verwijderd',
      settled: 'zoals het hoort',
      parked: 'wacht op inlog',
      waiting: 'wacht op een nieuwe poging',
      stuck: 'niet gelukt',
      gone: 'verwijderd',
      over: 'voorbij',
    },
    message: {
      pending: 'nog niet verstuurd',
      sent: 'verstuurd',
      dropped: 'niet meer nodig',
      failed: 'niet te versturen',
    },
    kind: {
      ready: 'de link van een gesprek',
      changed: 'een gesprek is veranderd',
      cancelled: 'een gesprek is afgezegd',
      'video-removed': 'een gesprek is niet meer met video',
      'planned-again': 'een gesprek gaat weer door',
      digest: 'wiens account een avond gebruikt',
      'owner-needed': 'een inlog is nodig',
      'take-over-offer': 'gesprekken van een collega kunnen worden overgenomen',
      'owner-away': 'de inlog van een collega ontbreekt',
      'retention-notice': 'personen worden verwijderd',
      'erasure-late': 'een wissing duurt lang',
    },
    channel: { email: 'mail', webhook: 'bericht aan een programma' },
    by: {
      teacher: 'een leraar',
      parent: 'een ouder',
      admin: 'een beheerder van de school',
      privacy: 'een privacymedewerker van de school',
      support: 'de helpdesk',
      ops: 'wie dit systeem draait',
      self: 'de persoon zelf',
      person: 'een persoon',
      system: 'dit systeem, vanzelf',
      program: 'de oudergesprekkenmodule',
    },
    action: {
      'event.taken-in': 'gaf het aan ons door',
      'event.looked-at': 'zocht een bericht van de module op',
      'conference.wanted': 'vroeg een videogesprek aan',
      'conference.removed': 'haalde een videogesprek weg',
      'conference.retried': 'liet een videogesprek opnieuw proberen',
      'conference.taken-over': 'nam een videogesprek over',
      'evening.looked-at': 'bekeek een avond',
      'evening.cleaned': 'verwijderde links en namen na een avond',
      'person.looked-at': 'bekeek de gegevens',
      'person.exported': 'nam een kopie van de gegevens',
      'person.corrected': 'verbeterde de gegevens',
      'erasure.requested': 'vroeg om de gegevens te wissen',
      'erasure.looked-at': 'bekeek een wissing',
      'erasure.finished': 'wiste de gegevens',
      'retention.noticed': 'meldde de school dat gegevens worden verwijderd',
      'retention.deleted': 'verwijderde gegevens na hun termijn',
      'audit.looked-at': 'bekeek dit logboek',
      'audit.verified': 'controleerde dit logboek',
      'ops.looked-at': 'bekeek hoe het systeem draait',
      'queues.looked-at': 'bekeek de wachtrijen',
      'queues.changed': 'veranderde een wachtrij',
      'keys.rotated': 'verving sleutels',
      'sessions.ended': 'meldde overal af',
    },
    notGiven: 'niet opgegeven',
  },
  others: {
    title: (id) => `Gegevens van ${id}`,
    headings: {
      person: 'Wie het is',
      asParent: 'Gesprekken als ouder',
      asTeacher: 'Gesprekken als leraar',
      meetings: 'Gesprekken die in het eigen account zijn gemaakt',
      messages: 'Berichten aan deze persoon',
      looks: 'Wie deze gegevens bekeek of veranderde',
      looksIntro: 'Deze blik is opgeschreven.',
    },
    labels: { assigned: 'Van deze ouder', urlWasShown: 'Opende het gesprek', joinLink: 'Eigen link' },
    told: 'de school, via de oudergesprekkenmodule',
  },
  notSaved: 'Nog niet bewaard: kijk wat hieronder is aangegeven.',
  wrong: {
    name: 'Vul een naam in van 1 tot 200 tekens, op één regel.',
    email: 'Vul één e-mailadres in, zoals elif@mail.example.',
    locale: 'Vul de code van een taal in, zoals nl, en of tr.',
    about: 'Vul een voornaam in van hoogstens 200 tekens, of niets.',
  },
  sessions: {
    own: {
      title: 'Overal afmelden',
      intro:
        'Bent u een telefoon kwijt, of bleef u aangemeld op een computer die ook door anderen wordt gebruikt? Hiermee meldt u zich in alle browsers af, ook hier. U kunt zich daarna weer aanmelden via het systeem van uw school.',
      go: 'Afmelden in alle browsers',
    },
    others: {
      title: 'Deze persoon afmelden',
      intro:
        'Hiermee wordt deze persoon bij deze school in alle browsers afgemeld. Opnieuw aanmelden kan zolang de oudergesprekkenmodule dat toelaat.',
      go: 'Afmelden in alle browsers',
    },
  },
  erase: {
    title: 'Mijn gegevens laten wissen',
    intro: 'U kunt alles laten wissen wat wij op deze school over u hebben. Dat kan niet ongedaan worden gemaakt.',
    happensTitle: 'Wat er gebeurt',
    happens: [
      'Het begint meteen: uw naam, e-mailadres en taal, de voornaam van uw kind, uw links en de lijst van berichten aan u worden gewist.',
      'Uw links in mails werken dan niet meer, en op deze school maken wij geen nieuwe voor u.',
    ],
    happensTeacher: (days) => [
      `De videogesprekken in uw account vervallen. Ze worden daar verwijderd als u deze pagina's opent met dat account gekoppeld; wat er na ${days} dagen nog staat, kunt alleen uzelf verwijderen.`,
    ],
    keptTitle: 'Wat blijft, en tot wanneer',
    kept: (slotYears, backupDays) => [
      `Dat er een tijdslot was, zonder uw naam: tot ${slotYears} jaar erna.`,
      'In het logboek: dat er iets is gedaan, niet meer bij wie. En een code waaraan wij zien dat u bent gewist; uw naam is er niet uit te lezen.',
      `Reservekopieën: hoogstens ${backupDays} dagen. Wordt er een teruggezet, dan wordt u daarin opnieuw gewist voordat er iets opengaat.`,
    ],
    toldTitle: 'Wie het hoort',
    told: [
      'U krijgt er geen mail over: uw adres is dan weg. Op een pagina ziet u hoe het ervoor staat.',
      'De privacymedewerker van uw school ziet dat er om een wissing is gevraagd.',
      'Wat uw school zelf bewaart, blijft daar: vraag dat aan uw school.',
    ],
    toldTeacher: 'Ouders van uw komende gesprekken krijgen een mail dat er geen video is.',
    sure: 'Ja, ik wil dat mijn gegevens op deze school worden gewist.',
    notSure: 'Zet eerst het vinkje, als u het zeker weet.',
    go: 'Wis mijn gegevens',
  },
  erasure: {
    own: {
      title: 'Uw gegevens worden gewist',
      waiting: (count) =>
        `Er ${count === 1 ? 'staat' : 'staan'} nog ${gesprekken(count)} in uw Google- of Microsoft-account. Zodra u dat account koppelt, wordt het daar vanzelf verwijderd.`,
      leftBehind: (count) =>
        `Er ${count === 1 ? 'is' : 'zijn'} ${gesprekken(count)} in uw Google- of Microsoft-account blijven staan. Alleen uzelf kunt dat daar verwijderen.`,
    },
    others: {
      title: 'Gegevens worden gewist',
      waiting: (count) =>
        `Er ${count === 1 ? 'staat' : 'staan'} nog ${gesprekken(count)} in het Google- of Microsoft-account van wie wordt gewist. Zodra die persoon hier komt en dat account koppelt, wordt het daar verwijderd.`,
      leftBehind: (count) =>
        `Er ${count === 1 ? 'is' : 'zijn'} ${gesprekken(count)} in het Google- of Microsoft-account van wie is gewist blijven staan. Alleen de eigenaar kan dat daar verwijderen.`,
    },
    state: {
      requested: 'gevraagd, begint zo',
      erasing: 'hier gewist; het bewijs wordt gemaakt',
      waiting_for_owner: 'hier gewist; er staat nog iets in het eigen account',
      done: 'klaar',
    },
    stateLabel: 'Hoe het ervoor staat',
    requestedAt: 'Gevraagd op',
    dueAt: 'Uiterlijk klaar op',
    doneAt: 'Klaar op',
    dueSentence: (day) => `Het is uiterlijk op ${day} klaar; meestal binnen een minuut.`,
    dueWaiting: (day) =>
      `Het is uiterlijk op ${day} klaar. Wat dan nog in het account staat, kan alleen de eigenaar verwijderen.`,
    connect: 'Koppel nog één keer het account waarin die gesprekken zijn gemaakt:',
    keepAddress:
      'Bewaar het adres van deze pagina: hier ziet u, ook later, hoe het ervoor staat zolang u bent ingelogd.',
    again: 'Kijk opnieuw',
    asJson: "Hetzelfde voor programma's (JSON)",
    receipt: 'Het ondertekende bewijs',
  },
};
