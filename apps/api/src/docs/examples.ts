/** One school, one evening, one family: every example tells the same story. */
export const APP = 'https://video.school.example';
export const SOURCE = 'https://meetings.school.example';

const school = { id: 's-1', name: 'De Regenboog', timeZone: 'Europe/Amsterdam', locale: 'nl' };
const teacher = { id: 'p-7', name: 'Anne de Vries', email: 'anne@regenboog.example', locale: 'nl' };
const parent = { id: 'p-31', name: 'Elif Yılmaz', email: 'elif@mail.example', locale: 'tr' };

const event = (id: string, type: string, data: unknown) => ({
  specversion: '1.0',
  id,
  source: SOURCE,
  type: `parentmeetings.${type}.v1`,
  time: '2026-11-10T09:00:00Z',
  datacontenttype: 'application/json',
  data,
});

export const timeslotChanged = event('ev-100', 'timeslot.changed', {
  school,
  evening: { id: 'e-9', name: 'Oudergesprekken november' },
  timeslot: {
    id: 't-100',
    version: 3,
    start: '2026-11-24T19:10:00+01:00',
    end: '2026-11-24T19:20:00+01:00',
    status: 'planned',
  },
  teacher,
  parents: [{ ...parent, household: 'h-1', about: 'Deniz' }],
  conference: { provider: 'google-meet' },
});

export const timeslotCancelled = event('ev-101', 'timeslot.changed', {
  ...(timeslotChanged.data as object),
  timeslot: {
    id: 't-100',
    version: 4,
    start: '2026-11-24T19:10:00+01:00',
    end: '2026-11-24T19:20:00+01:00',
    status: 'cancelled',
  },
  conference: null,
});

export const personChanged = event('ev-102', 'person.changed', {
  school: { id: 's-1' },
  person: { ...parent, email: 'elif.yilmaz@mail.example' },
});

export const personLeft = event('ev-103', 'person.left', { school: { id: 's-1' }, person: { id: 'p-31' } });

export const schoolChanged = event('ev-104', 'school.changed', {
  school: {
    ...school,
    accountDomains: ['regenboog.example'],
    revealMinutes: 15,
    joinRequiresSignIn: false,
    contacts: [
      { id: 'p-1', name: 'Bo Jansen', email: 'bo@regenboog.example', locale: 'nl', role: 'admin' },
      { id: 'p-2', name: 'Kim Smit', email: 'privacy@regenboog.example', locale: 'nl', role: 'privacy' },
    ],
  },
});

export const schoolAlways = event('ev-105', 'school.changed', { school: { ...school, revealMinutes: null } });

export const eventOut = (kind: string, status: string, joinable: boolean) => ({
  specversion: '1.0',
  id: '6f1c2a4e-8b0d-4f57-9a3c-2d1e0f9b8a76',
  source: APP,
  type: `videoconferences.conference.${kind}.v1`,
  subject: 't-100',
  time: '2026-11-10T09:00:04.120Z',
  datacontenttype: 'application/json',
  data: { school: { id: 's-1' }, timeslot: { id: 't-100', version: 3 }, status, joinable },
});

const REQUEST_ID = '0d6c0c6e-2f8e-4a49-9d8c-6f4a4b2c1e10';

export const problem = (
  status: number,
  title: string,
  detail: string,
  errors?: readonly { pointer: string; detail: string }[],
) => ({ type: 'about:blank', title, status, detail, ...(errors && { errors }), requestId: REQUEST_ID });

export const row = {
  timeslotId: 't-100',
  start: '2026-11-24T18:10:00.000Z',
  end: '2026-11-24T18:20:00.000Z',
  status: 'ready',
  joinable: true,
  provider: 'google-meet',
  owner: { id: 'p-7', name: 'Anne de Vries', account: 'anne@regenboog.example' },
  meetingUrl: 'https://meet.google.com/abc-defg-hij',
};

export const waitingRow = {
  timeslotId: 't-101',
  start: '2026-11-24T18:20:00.000Z',
  end: '2026-11-24T18:30:00.000Z',
  status: 'needs_owner',
  joinable: false,
  provider: 'microsoft-teams',
  owner: { id: 'p-8', name: 'Cas Bakker', account: null },
  reason: 'no-login',
  action: 'connect',
};

export const readiness = {
  checkpoint: '24 hours',
  light: 'red',
  total: 2,
  ready: 1,
  needsOwner: 1,
  failed: 0,
  working: 0,
  perTeacher: [
    {
      teacher: { id: 'p-7', name: 'Anne de Vries' },
      total: 1,
      ready: 1,
      needsOwner: 0,
      failed: 0,
      working: 0,
      light: 'green',
    },
    {
      teacher: { id: 'p-8', name: 'Cas Bakker' },
      total: 1,
      ready: 0,
      needsOwner: 1,
      failed: 0,
      working: 0,
      light: 'red',
    },
  ],
};

export const progress = {
  total: 15,
  ready: 13,
  needsOwner: 1,
  failed: 0,
  working: 1,
  perTeacher: [
    { teacher: { id: 'p-7', name: 'Anne de Vries' }, total: 14, ready: 13, needsOwner: 0, failed: 0, working: 1 },
    { teacher: { id: 'p-8', name: 'Cas Bakker' }, total: 1, ready: 0, needsOwner: 1, failed: 0, working: 0 },
  ],
};
