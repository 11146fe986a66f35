import type { MailTexts } from './mail-texts.js';

const meetings = (count: number) => (count === 1 ? '1 videogesprek wacht' : `${count} videogesprekken wachten`);

export const nl: MailTexts = {
  dir: 'ltr',
  greeting: (name) => `Dag ${name},`,
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
    lead: (count) => `${meetings(count)} tot u even langskomt.`,
    first: (day, time) => `Het eerste is op ${day} om ${time}.`,
    why: 'Uw inlog staat alleen in uw eigen browser. Zonder u kunnen wij daarom niets maken of veranderen in uw account.',
    button: 'Open de pagina',
    once: 'U krijgt deze mail hoogstens één keer per dag.',
  },
  privacy: 'Privacy: wat wij bewaren en wat niet',
  sentBy: (school) => `Deze mail is verstuurd namens ${school}.`,
};
