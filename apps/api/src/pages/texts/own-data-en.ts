import type { OwnDataTexts } from './own-data-texts.js';

const meetings = (count: number) => (count === 1 ? '1 meeting' : `${count} meetings`);

export const ownDataEn: OwnDataTexts = {
  words: {
    status: { planned: 'planned', cancelled: 'cancelled' },
    meeting: {
      pending: 'in line',
      calling: 'being made, changed or removed',
      settled: 'as it should be',
      parked: 'waits for a login',
      waiting: 'waits for another try',
      stuck: 'did not work',
      gone: 'removed',
      over: 'over',
    },
    message: { pending: 'not sent yet', sent: 'sent', dropped: 'not needed any more', failed: 'could not be sent' },
    kind: {
      ready: 'the link to a meeting',
      changed: 'a meeting changed',
      cancelled: 'a meeting was cancelled',
      'video-removed': 'a meeting is no longer by video',
      'planned-again': 'a meeting takes place again',
      digest: 'whose account is used for an evening',
      'owner-needed': 'a login is needed',
      'take-over-offer': "a colleague's meetings can be taken over",
      'owner-away': 'a colleague’s login is missing',
      'retention-notice': 'people will be deleted',
      'erasure-late': 'an erasure takes long',
    },
    channel: { email: 'mail', webhook: 'message to a program' },
    by: {
      teacher: 'a teacher',
      parent: 'a parent',
      admin: 'an admin of the school',
      privacy: 'a privacy officer of the school',
      support: 'support',
      ops: 'who runs this system',
      self: 'the person',
      person: 'a person',
      system: 'this system, by itself',
      program: 'the parent-meetings module',
    },
    action: {
      'event.taken-in': 'told us about it',
      'event.looked-at': 'looked up a message of the module',
      'conference.wanted': 'asked for a video meeting',
      'conference.removed': 'took a video meeting away',
      'conference.retried': 'had a video meeting tried again',
      'conference.taken-over': 'took a video meeting over',
      'evening.looked-at': 'looked at an evening',
      'evening.cleaned': 'removed links and names after an evening',
      'person.looked-at': 'looked at the data',
      'person.exported': 'took a copy of the data',
      'person.corrected': 'corrected the data',
      'erasure.requested': 'asked for the data to be erased',
      'erasure.looked-at': 'looked at an erasure',
      'erasure.finished': 'erased the data',
      'retention.noticed': 'told the school that data will be deleted',
      'retention.deleted': 'deleted data after their period',
      'audit.looked-at': 'looked at this log',
      'audit.verified': 'checked this log',
      'ops.looked-at': 'looked at how the system runs',
      'queues.looked-at': 'looked at the queues',
      'queues.changed': 'changed a queue',
      'keys.rotated': 'replaced keys',
      'sessions.ended': 'signed out everywhere',
    },
    notGiven: 'not given',
  },
  others: {
    title: (id) => `Data of ${id}`,
    headings: {
      person: 'Who it is',
      asParent: 'Slots as a parent',
      asTeacher: 'Slots as a teacher',
      meetings: 'Meetings made in the own account',
      messages: 'Messages to this person',
      looks: 'Who looked at or changed these data',
      looksIntro: 'This look was written down.',
    },
    labels: { assigned: 'Of this parent', urlWasShown: 'Opened the meeting', joinLink: 'Own link' },
    told: 'the school, through the parent-meetings module',
  },
  notSaved: 'Not saved yet: look at what is marked below.',
  wrong: {
    name: 'Fill in a name of 1 to 200 characters, on one line.',
    email: 'Fill in one e-mail address, like elif@mail.example.',
    locale: 'Fill in the code of a language, like nl, en or tr.',
    about: 'Fill in a first name of 200 characters at most, or nothing.',
  },
  sessions: {
    own: {
      title: 'Sign out everywhere',
      intro:
        'Have you lost a phone, or did you stay signed in on a computer that others use? This signs you out in all browsers, here too. You can sign in again through your school’s system.',
      go: 'Sign out in all browsers',
    },
    others: {
      title: 'Sign this person out',
      intro:
        'This signs the person out of this school in all browsers. Signing in again is possible as long as the parent-meetings module allows it.',
      go: 'Sign out in all browsers',
    },
  },
  erase: {
    title: 'Have my data erased',
    intro: 'You can have everything erased that we hold about you at this school. It cannot be undone.',
    happensTitle: 'What will happen',
    happens: [
      'It begins at once: your name, e-mail address and language, the first name of your child, your links and the list of messages to you are erased.',
      'Your links in mails stop working, and we make no new ones for you at this school.',
    ],
    happensTeacher: (days) => [
      `The video meetings in your account end. They are removed from it when you open these pages with that account connected; what is still there after ${days} days only you can remove.`,
    ],
    keptTitle: 'What stays, and until when',
    kept: (slotYears, backupDays) => [
      `That there was a slot, without your name: ${slotYears} years after it.`,
      'In the log: that something was done, no longer with whom. And a code by which we know that you were erased, from which nobody can read your name.',
      `Backups: ${backupDays} days at most. If one is put back, you are erased from it again before anything opens.`,
    ],
    toldTitle: 'Who hears of it',
    told: [
      'You get no mail about it: your address is gone then. A page shows you how it stands.',
      "Your school's privacy officer sees that an erasure was asked for.",
      'The data that your school keeps itself stay there: ask your school for those.',
    ],
    toldTeacher: 'Parents of your meetings ahead get a mail that there is no video.',
    sure: 'Yes, I want my data at this school to be erased.',
    notSure: 'Tick the box first, if you are sure.',
    go: 'Erase my data',
  },
  erasure: {
    own: {
      title: 'Your data are being erased',
      waiting: (count) =>
        `${meetings(count)} ${count === 1 ? 'is' : 'are'} still in your Google or Microsoft account. Once you connect that account, what is there is removed by itself.`,
      leftBehind: (count) =>
        `${meetings(count)} ${count === 1 ? 'was' : 'were'} left in your Google or Microsoft account. Only you can remove what is there.`,
    },
    others: {
      title: 'Data are being erased',
      waiting: (count) =>
        `${meetings(count)} ${count === 1 ? 'is' : 'are'} still in the Google or Microsoft account of the person who is erased. Once that person comes here and connects that account, what is there is removed.`,
      leftBehind: (count) =>
        `${meetings(count)} ${count === 1 ? 'was' : 'were'} left in the Google or Microsoft account of the person who was erased. Only the owner can remove what is there.`,
    },
    state: {
      requested: 'asked for, begins in a moment',
      erasing: 'erased here; the proof is being made',
      waiting_for_owner: 'erased here; something is still in the own account',
      done: 'done',
    },
    stateLabel: 'How it stands',
    requestedAt: 'Asked for on',
    dueAt: 'Done at the latest on',
    doneAt: 'Done on',
    dueSentence: (day) => `It is done on ${day} at the latest; as a rule within a minute.`,
    dueWaiting: (day) =>
      `It is done on ${day} at the latest. What is still in the account then, only its owner can remove.`,
    connect: 'Connect once more the account in which those meetings were made:',
    keepAddress: 'Keep the address of this page: here you see how it stands, also later, while you are signed in.',
    again: 'Look again',
    asJson: 'The same for programs (JSON)',
    receipt: 'The signed receipt',
  },
};
