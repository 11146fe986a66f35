import type { MailTexts } from './mail-texts.js';

const meetings = (count: number) => (count === 1 ? '1 videogesprek wacht' : `${count} videogesprekken wachten`);

const oldMeetings = (count: number) =>
  count === 1 ? 'Er staat 1 vervallen videogesprek' : `Er staan ${count} vervallen videogesprekken`;
const talks = (count: number) => (count === 1 ? '1 gesprek' : `${count} gesprekken`);

export const nl: MailTexts = {
  dir: 'ltr',
  greeting: (name) => `Dag ${name},`,
  theTeacher: 'de leraar',
  erasedPerson: 'iemand die is gewist',
  parent: {
    subject: {
      ready: (w) => `Videogesprek met ${w.teacher} op ${w.shortDay} om ${w.time}`,
      changed: (w) => `Gewijzigd: videogesprek met ${w.teacher} op ${w.shortDay} om ${w.time}`,
      cancelled: (w) => `Vervallen: videogesprek met ${w.teacher} op ${w.shortDay} om ${w.time}`,
      'video-removed': (w) => `Niet meer per video: gesprek met ${w.teacher} op ${w.shortDay} om ${w.time}`,
      'planned-again': (w) => `Gaat toch door: videogesprek met ${w.teacher} op ${w.shortDay} om ${w.time}`,
    },
    lead: {
      ready: (w) => `Uw oudergesprek met ${w.teacher} is een videogesprek. Hieronder staat uw link.`,
      changed: (w) => `Uw videogesprek met ${w.teacher} is gewijzigd. Uw link blijft dezelfde.`,
      cancelled: (w) => `Uw videogesprek met ${w.teacher} op ${w.day} gaat niet door.`,
      'video-removed': (w) =>
        `Uw gesprek met ${w.teacher} op ${w.day} is niet langer een videogesprek. De afspraak zelf blijft staan. ` +
        'Vraag de school waar het gesprek is.',
      'planned-again': (w) => `Uw videogesprek met ${w.teacher} gaat toch door. Uw link blijft dezelfde.`,
    },
    teacherLabel: 'Gesprek met',
    ownerLabel: 'Wie er is',
    unnamedOwner: 'een collega',
    aboutLabel: 'Over',
    dayLabel: 'Dag',
    timeLabel: 'Tijd',
    previousLabel: 'Was eerst',
    join: 'Naar het videogesprek',
    look: 'Bekijk hoe het ervoor staat',
    opensBefore: (minutes, time) => `U kunt erin vanaf ${time}, ${minutes} minuten voor het begin.`,
    opensAtStart: (time) => `U kunt erin vanaf ${time}, als het gesprek begint.`,
    opensAlways: 'De link werkt nu al.',
    personal: 'Deze link is alleen voor u. Wie de link heeft, kan erin: stuur deze mail niet door.',
    calendarAdd: 'Met de bijlage zet u het gesprek in uw agenda.',
    calendarRemove: 'De bijlage haalt het videogesprek uit uw agenda.',
    summary: (teacher) => `Oudergesprek (video) met ${teacher}`,
  },
  digest: {
    subject: (evening) => `Videogesprekken van ${evening}: wiens account is gebruikt`,
    lead: (evening) => `Voor ${evening} zijn de videogesprekken gemaakt in deze accounts.`,
    why: 'Moet er iets veranderen aan een gesprek? Vraag het aan degene van wie het account is, of neem het gesprek over.',
    teacher: 'Leraar',
    madeBy: 'Gemaakt door',
    account: 'Account',
    meetings: 'Gesprekken',
    button: 'Naar de avond',
  },
  ownerNeeded: {
    subject: (count) => `${meetings(count)} op u`,
    subjectRemovals: (count) => `${oldMeetings(count)} nog in uw account`,
    subjectByHand: (count) => `Verwijder ${count === 1 ? 'dit videogesprek' : `deze ${count} videogesprekken`} zelf`,
    lead: (count) => `${meetings(count)} tot u even langskomt.`,
    first: (day, time) => `Het eerste is op ${day} om ${time}.`,
    removals: (count) => `${oldMeetings(count)} nog in uw account. Zodra u langskomt, halen wij ze weg.`,
    byHand: (count, title) =>
      `Zonder u kunnen wij ${count === 1 ? 'het gesprek' : 'de gesprekken'} hieronder niet uit uw account halen. Verwijder ` +
      `${count === 1 ? 'het' : 'ze'} zelf: in uw agenda ${count === 1 ? 'heet het' : 'heten ze'} "${title}". ` +
      'Wij herinneren u er niet meer aan.',
    why: 'Uw inlog staat alleen in uw eigen browser. Zonder u kunnen wij daarom niets maken of veranderen in uw account.',
    button: 'Open de pagina',
    once: 'U krijgt deze mail hoogstens één keer per dag.',
  },
  ownerAway: {
    subject: (count, evening) => `${talks(count)} van ${evening} ${count === 1 ? 'heeft' : 'hebben'} nog geen link`,
    lead: (count, evening) =>
      `${talks(count)} van ${evening} ${count === 1 ? 'heeft' : 'hebben'} nog geen link: wij wachten tot de collega van wie het account is even langskomt.`,
    first: (day, time) => `Het eerste gesprek begint op ${day} om ${time}.`,
    offer:
      'Kunt u erbij zijn? Neem het gesprek dan over. Het wordt gemaakt in uw account, en de ouders lezen dat u er bent.',
    offerButton: 'Bekijken en overnemen',
    contact: 'Vraag de collega om langs te komen, of vraag een andere collega om het gesprek over te nemen.',
    contactButton: 'Naar de avond',
    why: 'De inlog van een leraar staat alleen in de eigen browser. Zonder die leraar kunnen wij niets maken in dat account.',
    teacher: 'Leraar',
    waitsFor: 'Wacht op',
    meetings: 'Gesprekken',
    from: 'Vanaf',
  },
  retentionNotice: {
    subject: (count) => `${count} ${count === 1 ? 'persoon wordt' : 'personen worden'} verwijderd`,
    lead: (count, day) =>
      `${count} ${count === 1 ? 'persoon heeft' : 'personen hebben'} al bijna twee jaar geen school meer bij ons. Vanaf ${day} verwijderen wij ${count === 1 ? 'de gegevens van die persoon' : 'hun gegevens'}.`,
    todo: 'U hoeft niets te doen. Hoort iemand toch nog bij de school? Meld die persoon dan opnieuw vanuit de oudergesprekkenmodule.',
  },
  erasureLate: {
    subject: (count) => `${count} ${count === 1 ? 'verzoek' : 'verzoeken'} om vergetelheid nog niet afgerond`,
    lead: (count, day) =>
      `${count} ${count === 1 ? 'verzoek' : 'verzoeken'} om vergeten te worden ${count === 1 ? 'is' : 'zijn'} nog niet afgerond. Uiterlijk op ${day} is het eerste klaar.`,
    todo: 'Meestal staan er nog videogesprekken in het account van de leraar: die gaan weg zodra hij of zij met dat account langskomt. Lukt dat niet op tijd, dan zegt het bewijs wat er in het account is blijven staan.',
  },
  privacy: 'Privacy: wat wij bewaren en wat niet',
  sentBy: (school) => `Deze mail is verstuurd namens ${school}.`,
};
