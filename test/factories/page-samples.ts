import type { ErasureRow } from '#libs/conferences';
import { Secret } from '#libs/encryption';
import { dataJson, type DataJson } from '../../apps/api/src/rights/data-json.js';
import { erasureJson, type ErasureJson } from '../../apps/api/src/rights/erasure-json.js';
import {
  renderDataPage,
  renderEnterPage,
  renderErasurePage,
  renderErrorPage,
  renderEveningPage,
  renderHomePage,
  renderJoinPage,
  renderLoginRefusedPage,
  renderMessagePage,
  renderPrivacyPage,
  renderStoredPage,
  type EveningModel,
  type EveningRow,
  type Frame,
  type HomeModel,
  type JoinModel,
  type JoinState,
} from '../../apps/api/src/pages/index.js';

/** Nov 24, 19:00 in Amsterdam plus minutes. */
export const at = (minute: number) => new Date(Date.UTC(2026, 10, 24, 18, minute));
export const timeZone = 'Europe/Amsterdam';
export const aFrame = (change: Partial<Frame> = {}): Frame => ({
  locale: 'nl',
  schoolLocale: 'nl',
  schoolName: 'De Regenboog',
  signedInAs: 'Anne de Vries',
  ...change,
});

export const aRow = (change: Partial<EveningRow> = {}): EveningRow => ({
  timeslotId: 't-100',
  start: at(10),
  end: at(20),
  status: 'ready',
  joinable: true,
  provider: 'google-meet',
  owner: { id: 'p-7', name: 'Anne de Vries', account: new Secret('anne@regenboog.example') },
  reason: null,
  leftIn: null,
  meetingUrl: null,
  can: { connect: false, retry: false, remove: false, takeOver: [] },
  ...change,
});

const mine = { connect: true, retry: true, remove: true, takeOver: [] } as const;
const cas = { id: 'p-8', name: 'Cas Bakker', account: new Secret('cas.bakker@regenboog.example') };
const colleagues = { connect: false, retry: false, remove: false, takeOver: ['google-meet'] } as const;
const url = new Secret('https://meet.google.com/abc-defg-hij');

export const anEvening = (change: Partial<EveningModel> = {}): EveningModel => ({
  frame: aFrame(),
  evening: { id: 'e-9', name: 'Oudergesprekken november' },
  date: at(0),
  timeZone,
  viewerId: 'p-7',
  isTeacher: true,
  waiting: [{ login: 'google', account: new Secret('anne@regenboog.example'), meetings: 6, removals: 2 }],
  accounts: [
    { login: 'google', account: new Secret('anne@regenboog.example') },
    { login: 'microsoft', account: null },
  ],
  googleOwnCalendar: true,
  offers: [{ provider: 'google-meet', missing: 3, replaceable: 0, some: 5 }],
  progress: { total: 40, ready: 23, working: 9, needsOwner: 6, failed: 2 },
  rows: [
    aRow({ can: mine, meetingUrl: url }),
    aRow({
      timeslotId: 't-101',
      start: at(20),
      end: at(30),
      status: 'creating',
      joinable: false,
      owner: null,
      can: mine,
    }),
    aRow({
      timeslotId: 't-102',
      start: at(30),
      end: at(40),
      status: 'needs_owner',
      reason: 'login-ended',
      can: mine,
      meetingUrl: url,
    }),
    aRow({
      timeslotId: 't-103',
      start: at(40),
      end: at(50),
      status: 'failed',
      joinable: false,
      reason: 'server-error',
      can: mine,
    }),
    aRow({
      timeslotId: 't-104',
      start: at(50),
      end: at(60),
      status: 'retrying',
      joinable: false,
      reason: 'rate-limit',
      can: mine,
    }),
    aRow({
      timeslotId: 't-105',
      start: at(60),
      end: at(70),
      status: 'none',
      joinable: false,
      provider: null,
      owner: null,
    }),
  ],
  colleagues: [
    {
      teacher: { id: 'p-8', name: 'Cas Bakker' },
      counts: { total: 15, ready: 9, working: 0, needsOwner: 6, failed: 0 },
      rows: [
        aRow({ timeslotId: 't-200', owner: cas, can: colleagues }),
        aRow({
          timeslotId: 't-201',
          start: at(20),
          end: at(30),
          owner: cas,
          status: 'needs_owner',
          joinable: false,
          reason: 'no-login',
          can: colleagues,
        }),
      ],
      takeOver: [{ from: 'p-8', provider: 'google-meet' }],
    },
    {
      teacher: { id: 'p-9', name: 'Şüheda Yılmazoğlu-van den Broek' },
      counts: { total: 12, ready: 12, working: 0, needsOwner: 0, failed: 0 },
      rows: [],
      takeOver: [],
    },
  ],
  ...change,
});

export const aJoin = (state: JoinState, change: Partial<JoinModel> = {}): JoinModel => ({
  frame: aFrame({ signedInAs: null }),
  teacherName: 'Anne de Vries',
  start: at(10),
  end: at(20),
  timeZone,
  state,
  joinPath: new Secret('/j/Zq3_secretToken-77'),
  ...change,
});

export const JOIN_STATES: readonly JoinState[] = [
  { kind: 'early', opens: at(0), minutesBefore: 10 },
  { kind: 'open' },
  { kind: 'over' },
  { kind: 'cancelled' },
  { kind: 'removed' },
  { kind: 'not-ready' },
  { kind: 'sign-in' },
];

export const aHome = (change: Partial<HomeModel> = {}): HomeModel => ({
  frame: aFrame(),
  signedIn: true,
  waiting: [{ login: 'microsoft', account: null, meetings: 0, removals: 1 }],
  evenings: [
    { id: 'e-9', name: 'Oudergesprekken november', date: at(0), timeZone, total: 40, ready: 23, needsOwner: 6 },
    { id: 'e-10', name: 'Adviesgesprekken', date: at(60 * 24 * 60), timeZone, total: 0, ready: 0, needsOwner: 0 },
  ],
  conferences: [
    {
      teacherName: 'Cas Bakker',
      start: at(10),
      end: at(20),
      timeZone,
      status: 'creating',
      joinable: false,
      joinLink: new Secret('https://conf.school.example/j/Own_link-1'),
    },
  ],
  privacy: true,
  ops: true,
  ...change,
});

/** What a parent sees of the own data, as the API says it. */
export const ownData: DataJson = dataJson(
  'p-31',
  { id: 's-1', timeZone },
  {
    person: {
      name: 'Elif Yılmaz',
      email: 'elif@mail.example',
      locale: 'tr',
      toldAt: at(0),
      correctedAt: null,
      leftAt: null,
    },
    contact: null,
    asParent: [
      {
        timeslotId: 't-100',
        start: at(10),
        end: at(20),
        status: 'planned',
        assigned: true,
        teacher: 'Anne de Vries',
        about: 'Deniz',
        household: 'h-1',
        shown: false,
        token: 'Own_link-1',
      },
    ],
    asTeacher: [],
    meetings: [],
    messages: [
      { kind: 'ready', channel: 'email', state: 'sent', timeslotId: 't-100', createdAt: at(0), sentAt: at(1) },
    ],
  },
  [
    {
      sequence: 12,
      at: at(2),
      action: 'person.looked-at',
      actor: { kind: 'person', id: 'p-90', role: 'privacy' },
      person: 'p-31',
      timeslot: null,
      reason: 'asked by phone',
      detail: null,
      erased: false,
    },
  ],
  'own',
  'https://conf.school.example',
);

export const anErasure = (change: Partial<ErasureRow> = {}): ErasureJson =>
  erasureJson(
    {
      id: '3b8f4a52-6c1e-4d0f-8a77-5f2f0c9d1e64',
      schoolId: 's-1',
      personIndex: Buffer.alloc(32),
      subjectSealed: null,
      cause: 'request',
      state: 'requested',
      requestedAt: at(0),
      dueAt: new Date(at(0).getTime() + 30 * 86_400_000),
      erasedAt: null,
      ledgerSequence: null,
      waiting: 0,
      alarmedDays: 0,
      counts: null,
      doneAt: null,
      receipt: null,
      ...change,
    },
    'https://conf.school.example',
  );

/** Every page once, by file name, in one language. */
export function everyPage(locale: string): Readonly<Record<string, string>> {
  const frame = aFrame({ locale });
  return {
    home: renderHomePage(aHome({ frame })),
    'home-erased': renderHomePage(aHome({ frame, waiting: [], erasure: { id: anErasure().id, meetings: 2 } })),
    'home-signed-out': renderHomePage({
      frame: aFrame({ locale, signedInAs: null, schoolName: null }),
      signedIn: false,
    }),
    evening: renderEveningPage(anEvening({ frame })),
    'evening-new': renderEveningPage(
      anEvening({
        frame,
        accounts: [
          { login: 'google', account: null },
          { login: 'microsoft', account: null },
        ],
        offers: [],
        rows: anEvening().rows.map((row) => ({ ...row, status: 'none', reason: null, owner: null, joinable: false })),
        progress: { total: 0, ready: 0, working: 0, needsOwner: 0, failed: 0 },
        colleagues: [],
      }),
    ),
    ...Object.fromEntries(
      JOIN_STATES.map((state) => [`join-${state.kind}`, renderJoinPage(aJoin(state, { frame: aFrame({ locale }) }))]),
    ),
    enter: renderEnterPage({
      frame,
      signedInAs: 'Anne de Vries',
      enteringAs: 'Cas Bakker',
      ticket: new Secret('eyJ.ticket.sig'),
      to: '/evenings/e-9',
    }),
    error: renderErrorPage({ frame, status: 404, requestId: 'r-123' }),
    'error-foreign': renderErrorPage({ frame, status: 403, isForeign: true, requestId: 'r-123' }),
    'login-refused': renderLoginRefusedPage({
      frame,
      login: 'microsoft',
      reason: 'admin-consent-needed',
      to: '/evenings/e-9',
    }),
    privacy: renderPrivacyPage({
      frame,
      region: 'eu-west-1',
      privacyContact: 'privacy@conf.school.example',
      securityContact: 'mailto:security@conf.school.example',
    }),
    data: renderDataPage({ frame, data: ownData, isOwn: true, own: { saved: true } }),
    'data-of-other': renderDataPage({ frame, data: ownData, isOwn: false, own: null }),
    'data-not-saved': renderDataPage({
      frame,
      data: ownData,
      isOwn: true,
      own: { wrong: { fields: ['email', 'locale'], typed: { name: 'Elif', email: 'elif', locale: '?' } } },
    }),
    'data-not-sure': renderDataPage({ frame, data: ownData, isOwn: true, own: { notSure: true } }),
    erasure: renderErasurePage({
      frame,
      erasure: anErasure({ state: 'waiting_for_owner', waiting: 2 }),
      timeZone,
      isOwn: true,
      logins: ['google', 'microsoft'],
    }),
    'erasure-done': renderErasurePage({
      frame,
      erasure: anErasure({ state: 'done', doneAt: at(3), receipt: 'eyJ.receipt.sig' }),
      timeZone,
      isOwn: true,
      logins: [],
    }),
    'data-nothing': renderDataPage({
      frame,
      data: dataJson('p-ops', null, null, [], 'own', 'https://conf.school.example'),
      isOwn: true,
      own: { erasure: { id: anErasure().id, isOpen: false } },
    }),
    'what-we-store': renderStoredPage({
      frame,
      columns: [
        {
          table: 'people',
          column: 'profile_sealed',
          about: 'Ouders en leraren.',
          purpose: 'naam en e-mailadres',
          basis: 'De taak van de school.',
          retention: 'Tot de persoon wordt gewist.',
          personal: 'yes',
          sealed: true,
        },
      ],
    }),
    message: renderMessagePage({ frame, title: 'Klaar', sentences: ['Eén.'], back: { path: '/', label: 'Terug' } }),
  };
}
