import type { MailTexts } from './mail-texts.js';

const meetings = (count: number) => (count === 1 ? '1 video meeting waits' : `${count} video meetings wait`);

const oldMeetings = (count: number) =>
  count === 1 ? '1 cancelled video meeting is' : `${count} cancelled video meetings are`;
const talks = (count: number) => (count === 1 ? '1 meeting' : `${count} meetings`);

export const en: MailTexts = {
  dir: 'ltr',
  greeting: (name) => `Dear ${name},`,
  theTeacher: 'the teacher',
  erasedPerson: 'somebody who was erased',
  parent: {
    subject: {
      ready: (w) => `Video meeting with ${w.teacher} on ${w.shortDay} at ${w.time}`,
      changed: (w) => `Changed: video meeting with ${w.teacher} on ${w.shortDay} at ${w.time}`,
      cancelled: (w) => `Cancelled: video meeting with ${w.teacher} on ${w.shortDay} at ${w.time}`,
      'video-removed': (w) => `No longer by video: meeting with ${w.teacher} on ${w.shortDay} at ${w.time}`,
      'planned-again': (w) => `On again: video meeting with ${w.teacher} on ${w.shortDay} at ${w.time}`,
    },
    lead: {
      ready: (w) => `Your parent meeting with ${w.teacher} is a video meeting. Your link is below.`,
      changed: (w) => `Your video meeting with ${w.teacher} has changed. Your link stays the same.`,
      cancelled: (w) => `Your video meeting with ${w.teacher} on ${w.day} is cancelled.`,
      'video-removed': (w) =>
        `Your meeting with ${w.teacher} on ${w.day} is no longer a video meeting. The appointment itself stands. ` +
        'Ask the school where it will be.',
      'planned-again': (w) => `Your video meeting with ${w.teacher} takes place after all. Your link stays the same.`,
    },
    teacherLabel: 'Meeting with',
    ownerLabel: 'Who will be there',
    unnamedOwner: 'a colleague',
    aboutLabel: 'About',
    dayLabel: 'Day',
    timeLabel: 'Time',
    previousLabel: 'It was',
    join: 'Go to the video meeting',
    look: 'See how it stands',
    opensBefore: (minutes, time) => `You can get in from ${time}, ${minutes} minutes before the start.`,
    opensAtStart: (time) => `You can get in from ${time}, when the meeting starts.`,
    opensAlways: 'The link works already.',
    personal: 'This link is yours alone. Whoever has it can get in: do not forward this mail.',
    calendarAdd: 'The attachment puts the meeting into your calendar.',
    calendarRemove: 'The attachment takes the video meeting out of your calendar.',
    summary: (teacher) => `Parent meeting (video) with ${teacher}`,
  },
  digest: {
    subject: (evening) => `Video meetings of ${evening}: whose account was used`,
    lead: (evening) => `The video meetings of ${evening} were made in these accounts.`,
    why: 'Must something change? Ask the person whose account it is, or take the meeting over.',
    teacher: 'Teacher',
    madeBy: 'Made by',
    account: 'Account',
    meetings: 'Meetings',
    button: 'Go to the evening',
  },
  ownerNeeded: {
    subject: (count) => `${meetings(count)} for you`,
    subjectRemovals: (count) => `${oldMeetings(count)} still in your account`,
    subjectByHand: (count) => `Remove ${count === 1 ? 'this video meeting' : `these ${count} video meetings`} yourself`,
    lead: (count) => `${meetings(count)} until you drop by.`,
    first: (day, time) => `The first is on ${day} at ${time}.`,
    removals: (count) => `${oldMeetings(count)} still in your account. As soon as you drop by, we take them out.`,
    byHand: (count, title) =>
      `Without you we cannot take the ${count === 1 ? 'meeting' : 'meetings'} below out of your account. Remove ` +
      `${count === 1 ? 'it' : 'them'} yourself: in your calendar ${count === 1 ? 'it is' : 'they are'} called "${title}". ` +
      'We will not remind you of this again.',
    why: 'Your login is kept in your own browser only, so without you we cannot make or change anything in your account.',
    button: 'Open the page',
    once: 'You get this mail once a day at most.',
  },
  ownerAway: {
    subject: (count, evening) => `${talks(count)} of ${evening} ${count === 1 ? 'has' : 'have'} no link yet`,
    lead: (count, evening) =>
      `${talks(count)} of ${evening} ${count === 1 ? 'has' : 'have'} no link yet: we wait until the colleague whose account it is drops by.`,
    first: (day, time) => `The first meeting begins on ${day} at ${time}.`,
    offer:
      'Can you be there? Then take the meeting over. It will be made in your account, and the parents will read that you will be there.',
    offerButton: 'Look and take over',
    contact: 'Ask the colleague to drop by, or ask another colleague to take the meeting over.',
    contactButton: 'Go to the evening',
    why: "A teacher's login is kept in the own browser only. Without that teacher we cannot make anything in that account.",
    teacher: 'Teacher',
    waitsFor: 'Waits for',
    meetings: 'Meetings',
    from: 'From',
  },
  retentionNotice: {
    subject: (count) => `${count} ${count === 1 ? 'person' : 'people'} will be deleted`,
    lead: (count, day) =>
      `${count} ${count === 1 ? 'person has' : 'people have'} had no school with us for almost two years. From ${day} we delete ${count === 1 ? "that person's" : 'their'} data.`,
    todo: 'You need do nothing. Does somebody belong to the school after all? Then name that person again from the parent-meetings module.',
  },
  erasureLate: {
    subject: (count) => `${count} ${count === 1 ? 'request' : 'requests'} to be forgotten not done yet`,
    lead: (count, day) =>
      `${count} ${count === 1 ? 'request' : 'requests'} to be forgotten ${count === 1 ? 'is' : 'are'} not done yet. The first is done on ${day} at the latest.`,
    todo: 'Mostly there are video meetings left in the account of the teacher: they go as soon as he or she visits with that account. If that is not in time, the receipt says what was left in the account.',
  },
  privacy: 'Privacy: what we keep and what we do not',
  sentBy: (school) => `This mail was sent on behalf of ${school}.`,
};
