import { TEACHERS, type History, type Step } from './plan.js';

const work: Step = { do: 'work', pick: 0, worker: 0, fault: null };
const otherQueue: Step = { do: 'work', pick: 1, worker: 0, fault: null };
const mail: Step = { do: 'mail', pick: 0, worker: 0, fault: null };
const tell: Step = { do: 'tell', pick: 0, again: false, lostReply: false };
const times = (n: number, ...steps: Step[]): Step[] => Array.from({ length: n }, () => steps).flat();
/** All four slots made, and their parents told. */
const made: readonly Step[] = [...times(2, work, otherQueue), ...times(4, mail)];
const change = (slot: number, what: Extract<Step, { do: 'change' }>['change'], speaks = false): Step[] => [
  { do: 'change', slot, change: what, speaks },
  tell,
];
const toStart: Step = { do: 'pass', seconds: 3_300 };

/** What happens on an evening, told step by step, so that fate can strike at every point of every job of it. */
export const SCENARIOS: Readonly<Record<string, readonly Step[]>> = {
  'an evening is made': made,
  'a slot moves': [...made, ...change(0, { what: 'move', minutes: 20 }), work, mail, { do: 'be-right' }],
  'a slot is cancelled': [...made, ...change(0, { what: 'cancel' }), work, mail],
  'a slot is planned again': [
    ...made,
    ...change(0, { what: 'cancel' }),
    work,
    ...change(0, { what: 'restore' }),
    work,
    mail,
    mail,
  ],
  'another family after the URL was seen': [
    ...made,
    toStart,
    { do: 'join', slot: 0, parent: 0 },
    ...change(0, { what: 'family', parents: [2] }),
    work,
    work,
    mail,
  ],
  'a former parent tries to join': [
    ...made,
    toStart,
    ...change(0, { what: 'family', parents: [2] }),
    { do: 'join', slot: 0, parent: 0 },
    work,
  ],
  'an older word about somebody who left and came back': [
    { do: 'change', slot: 1, change: { what: 'family', parents: [0, 1] }, speaks: false },
    { do: 'left', person: TEACHERS },
    { do: 'named', person: TEACHERS },
    { ...tell, pick: 1 },
    { ...tell, pick: 1 },
    tell,
  ],
  'another teacher': [...made, ...change(0, { what: 'teacher', teacher: 2 }, true), work, work, mail],
  'another provider': [
    ...made,
    ...change(0, { what: 'wish', provider: 'microsoft-teams' }, true),
    otherQueue,
    work,
    mail,
  ],
  'no video any more': [...made, ...change(1, { what: 'wish', provider: null }, true), otherQueue, mail],
  'a colleague takes over': [
    ...made,
    { do: 'take-over', teacher: 2, provider: 'microsoft-teams', slot: 0, evening: false },
    otherQueue,
    work,
    mail,
  ],
  'deleted by hand': [
    ...made,
    { do: 'outside', pick: 0, what: 'delete' },
    { do: 'visit', teacher: 0, login: 'google', account: 1 },
    work,
    work,
    mail,
  ],
  'said by mistake to be deleted by hand': [
    ...made,
    { do: 'pass', seconds: 1_200 },
    { do: 'visit', teacher: 0, login: 'google', account: 1 },
    { ...work, fault: { kind: 'not-there', seconds: 0 } },
    work,
    work,
    mail,
  ],
  'moved by hand': [
    ...made,
    { do: 'outside', pick: 0, what: 'move' },
    { do: 'visit', teacher: 0, login: 'google', account: 1 },
    work,
    work,
  ],
  // What the frozen worker was about to send takes effect after the removal.
  'cancelled while its worker is frozen': [
    // Point 6 lies right before the provider is asked to make it.
    { do: 'work', pick: 1, worker: 0, fault: { kind: 'freeze', at: 6 } },
    ...change(1, { what: 'cancel' }),
    { do: 'pass', seconds: 41 },
    otherQueue,
    { do: 'thaw', pick: 0 },
  ],
  // Point 3 lies between the making of the place and the storing of where it is; meanwhile a sooner slot of the account comes.
  'its worker freezes while it makes the place of an account': [
    ...change(0, { what: 'wish', provider: null }, true),
    { do: 'work', pick: 0, worker: 0, fault: { kind: 'freeze', at: 3 } },
    ...change(0, { what: 'wish', provider: 'google-meet' }, true),
    { do: 'pass', seconds: 62 },
    { ...work, worker: 1 },
    { do: 'thaw', pick: 0 },
    ...change(0, { what: 'move', minutes: 20 }),
    ...times(4, work),
    { do: 'be-right' },
  ],
  // The queue gives up on the job and keeps its id; nobody visits, so nothing but the relay brings the row back.
  'a job that fails each of its attempts': [
    ...made,
    ...change(0, { what: 'move', minutes: 20 }),
    ...times(3, { do: 'work', pick: 0, worker: 0, fault: { kind: 'lost-reply', at: 0 } }),
    { do: 'pass', seconds: 62 },
    { do: 'be-right' },
  ],
  'moved, and back before a mail left': [
    ...made,
    ...change(0, { what: 'move', minutes: 20 }),
    work,
    ...change(0, { what: 'move', minutes: -20 }),
    work,
    ...times(2, mail),
  ],
  'changed while it is being made': [
    work,
    ...change(0, { what: 'move', minutes: 10 }),
    ...change(2, { what: 'cancel' }),
    work,
    otherQueue,
    mail,
    mail,
  ],
};

export const historyOfScenario = (name: string): History => ({
  seed: 7,
  begins: '2026-11-24T15:00:00.000Z',
  present: true,
  steps: SCENARIOS[name]!,
});
