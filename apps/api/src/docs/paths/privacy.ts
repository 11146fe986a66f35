import { APP, problem } from '../examples.js';
import type { Parameter, Paths } from '../openapi-types.js';
import { html, idempotencyKey, json, limit, ok, operation, pathId, problems, schemaRef, seeOther } from '../parts.js';

const person = pathId('id', 'the person: your own id, or, for privacy and support, anybody of the school', 'p-31');
const reason: Parameter[] = [
  {
    name: 'X-Reason',
    in: 'header',
    required: false,
    description: "why staff look at another's data; written down as `not given` where it is missing",
    schema: { type: 'string', maxLength: 500 },
    example: 'asked by phone',
  },
  {
    name: 'reason',
    in: 'query',
    required: false,
    description: 'the same, where a header cannot be sent',
    schema: { type: 'string', maxLength: 500 },
  },
];
const query = (name: string, description: string, schema: Parameter['schema']): Parameter => ({
  name,
  in: 'query',
  required: false,
  description,
  schema,
});
const slot = {
  timeslotId: 't-100',
  start: '2026-11-24T18:10:00.000Z',
  end: '2026-11-24T18:20:00.000Z',
  status: 'planned',
  assigned: true,
  teacher: { name: 'Anne de Vries' },
  about: 'Deniz',
  household: 'h-1',
  urlWasShown: false,
  joinLink: `${APP}/j/nV3kExampleTokenOf43CharactersBase64urlText0`,
};
const profile = {
  name: 'Elif Yılmaz',
  email: 'elif@mail.example',
  locale: 'tr',
  source: 'the parent-meetings module',
  toldAt: '2026-11-10T09:00:00.000Z',
  correctedAt: null,
  leftAt: null,
};
const data = {
  id: 'p-31',
  school: { id: 's-1', timeZone: 'Europe/Amsterdam' },
  person: profile,
  contact: null,
  asParent: [slot],
  asTeacher: [],
  meetings: [],
  messages: [
    {
      kind: 'ready',
      channel: 'email',
      state: 'sent',
      timeslotId: 't-100',
      createdAt: '2026-11-10T09:00:02.000Z',
      sentAt: '2026-11-10T09:00:03.000Z',
    },
  ],
  looks: [
    {
      at: '2026-11-12T10:00:00.000Z',
      action: 'person.looked-at',
      by: { kind: 'person', role: 'privacy' },
      reason: 'asked by phone',
    },
  ],
};
const notSaved = problem(422, 'Unprocessable Content', 'The correction holds data that cannot be.', [
  { pointer: '/email', detail: 'must be an e-mail address, like anne@school.example' },
]);
const notSure = problem(422, 'Unprocessable Content', 'Nothing was erased.', [
  { pointer: '/sure', detail: 'must be true' },
]);
const next = {
  'X-Request-Id': { $ref: '#/components/headers/RequestId' },
  Link: { $ref: '#/components/headers/NextLink' },
};

export const PRIVACY_PATHS: Paths = {
  '/v1/people/{id}/data': {
    get: operation('anyone', {
      operationId: 'personData',
      tags: ['Rights'],
      summary: 'Everything that is held about a person',
      description:
        'One\u2019s own, with the own links; of another person of the school for `privacy`, without what opens a meeting, and for `support` masked. For everybody else others are unknown: 404. Who is signed in and of whom nothing is held gets an empty answer. Each look of staff is written down. JSON, or a page by `Accept`.',
      parameters: [person, ...reason],
      responses: {
        '200': ok('What is held.', { ...json(schemaRef('PersonalData'), data), ...html() }),
        ...problems(401, 404, 422),
      },
    }),
  },
  '/v1/people/{id}/export': {
    get: operation('anyone', {
      operationId: 'exportPerson',
      tags: ['Rights'],
      summary: 'The same, to take along',
      parameters: [
        person,
        query('format', 'a file for programs, or a page to read', { enum: ['json', 'html'] }),
        ...reason,
      ],
      responses: {
        '200': ok('A download.', { ...json(schemaRef('PersonalData'), data), ...html() }),
        ...problems(401, 404, 422),
      },
    }),
  },
  '/v1/people/{id}': {
    patch: operation('anyone', {
      operationId: 'correctPerson',
      tags: ['Rights'],
      summary: 'Put data right',
      description:
        'One\u2019s own, or, for `privacy`, those of anybody of the school. Holds until an event with a later `time` names the person. The next mail goes to the new address.',
      parameters: [person, ...reason, idempotencyKey],
      requestBody: { required: true, content: json(schemaRef('Correction'), { email: 'elif@new.example' }) },
      responses: {
        '200': ok(
          'As it is now.',
          json(schemaRef('Corrected'), {
            id: 'p-31',
            person: {
              ...profile,
              email: 'elif@new.example',
              source: 'corrected here',
              correctedAt: '2026-11-12T10:00:00.000Z',
            },
            asParent: [slot],
          }),
        ),
        ...problems(401, 403, 404, 409, 415, 422),
      },
    }),
  },
  '/v1/audit': {
    get: operation(['privacy'], {
      operationId: 'listAudit',
      tags: ['Rights'],
      summary: 'What staff and programs did with personal data, newest first',
      parameters: [
        limit,
        query('after', 'what the Link header of the last answer said', { type: 'string', pattern: '^\\d{1,15}$' }),
        query('person', 'who did it, or whom it is about', { type: 'string', minLength: 1, maxLength: 128 }),
        query('action', 'one kind of entry', { type: 'string' }),
        query('from', 'not before', { type: 'string', format: 'date-time' }),
        query('to', 'before', { type: 'string', format: 'date-time' }),
        ...reason,
      ],
      responses: {
        '200': {
          ...ok(
            'Entries of the school. Reading them is written down too.',
            json(schemaRef('AuditRows'), {
              rows: [
                {
                  sequence: 12,
                  at: '2026-11-12T10:00:00.000Z',
                  action: 'person.looked-at',
                  actor: { kind: 'person', id: 'p-90', role: 'privacy' },
                  person: 'p-31',
                  timeslot: null,
                  reason: 'asked by phone',
                  detail: null,
                  erased: false,
                },
              ],
            }),
          ),
          headers: next,
        },
        ...problems(401, 403, 422),
      },
    }),
  },
  '/v1/audit/verify': {
    get: operation(['privacy'], {
      operationId: 'verifyAudit',
      tags: ['Rights'],
      summary: 'Is the audit as it was written?',
      description:
        'Walks the chain of the school and holds it against the signed checkpoints outside the database. A restored backup is reported as such, and is no fault.',
      responses: {
        '200': ok(
          'The verdict.',
          json(schemaRef('AuditVerdict'), {
            ok: true,
            entries: 4312,
            checkpoints: 17,
            faults: [],
            restores: [{ at: '2026-11-25T07:40:00.000Z', kept: 4120, cut: 12, why: 'other-server' }],
            lag: { entries: 0, seconds: 0 },
          }),
        ),
        ...problems(401, 403),
      },
    }),
  },
  '/privacy': {
    get: operation('public', {
      operationId: 'privacy',
      tags: ['Rights'],
      summary: 'The privacy statement',
      responses: { '200': ok('A page.', html()) },
    }),
  },
  '/what-we-store': {
    get: operation('public', {
      operationId: 'whatWeStore',
      tags: ['Rights'],
      summary: 'Every field that is kept: purpose, ground, until when, encrypted or not',
      description:
        'A page, or JSON by `Accept`; Dutch or English by `Accept-Language`. Made from the tables themselves.',
      responses: {
        '200': ok('The list.', {
          ...json(schemaRef('StoredColumns'), {
            rows: [
              {
                table: 'people',
                column: 'profile_sealed',
                about: 'Parents, teachers and contacts.',
                purpose: 'name and e-mail address: to mail, and to show whom one meets',
                basis: "The school's task (GDPR art. 6(1)(e) or (f)); we work on behalf of the school (art. 28).",
                retention: 'Until the person is erased.',
                personal: 'yes',
                sealed: true,
              },
            ],
          }),
          ...html(),
        }),
      },
    }),
  },
  '/me/data': {
    get: operation('anyone', {
      operationId: 'ownDataPage',
      tags: ['Rights'],
      summary: 'The own data, with a form to put them right',
      responses: { '200': ok('A page.', html()), ...problems(401) },
    }),
    post: operation('anyone', {
      operationId: 'correctOwnDataForm',
      tags: ['Rights'],
      summary: 'PATCH of the own data, from a form',
      requestBody: {
        required: true,
        content: {
          'application/x-www-form-urlencoded': {
            schema: schemaRef('Correction'),
            example: { name: 'Elif Yılmaz', email: 'elif@new.example', locale: 'tr', about: 'Deniz' },
          },
        },
      },
      responses: {
        '303': seeOther('Back to the page.'),
        '422': ok('To a browser the page, with what is wrong beside each field and what was typed; else the problem.', {
          ...html(),
          ...json(schemaRef('Problem'), notSaved),
        }),
        ...problems(401, 403, 404),
      },
    }),
  },
  '/v1/people/{id}/sessions': {
    delete: operation('anyone', {
      operationId: 'endSessions',
      tags: ['Rights'],
      summary: 'End all sessions of a person',
      description:
        "The own: in all browsers, at all schools. A privacy officer: anybody's at the own school of whom something is held. Event streams end too. Signing in again is the parent-meetings module's to allow.",
      parameters: [person, ...reason],
      responses: { '204': { description: 'Ended.' }, ...problems(401, 403, 404) },
    }),
  },
  '/me/sessions/end': {
    post: operation('anyone', {
      operationId: 'endOwnSessionsForm',
      tags: ['Rights'],
      summary: 'End all own sessions, from a form',
      responses: { '303': seeOther('To the front page, signed out.'), ...problems(401, 403) },
    }),
  },
  '/people/{id}/sessions/end': {
    post: operation(['privacy'], {
      operationId: 'endSessionsForm',
      tags: ['Rights'],
      summary: 'End all sessions of a person at the own school, from a form',
      parameters: [pathId('id', 'the person', 'p-31')],
      responses: { '303': seeOther('Back to the data of the person.'), ...problems(401, 403, 404) },
    }),
  },
  '/me/data/erasure': {
    post: operation('anyone', {
      operationId: 'eraseOwnDataForm',
      tags: ['Rights'],
      summary: 'Erasure of the own data at this school, from a form',
      description: 'The page of the own data says what will happen, what stays and who hears of it.',
      requestBody: {
        required: true,
        content: { 'application/x-www-form-urlencoded': { schema: schemaRef('EraseForm'), example: { sure: 'true' } } },
      },
      responses: {
        '303': seeOther('To the page of the erasure: the new one, or the one that was asked for before.'),
        '422': ok('Without the tick nothing is erased: to a browser the page again, else the problem.', {
          ...html(),
          ...json(schemaRef('Problem'), notSure),
        }),
        ...problems(400, 401, 403, 404),
      },
    }),
  },
  '/me/erasures/{id}': {
    get: operation('anyone', {
      operationId: 'erasurePage',
      tags: ['Rights'],
      summary: 'How an erasure stands, as a page',
      description:
        'To the teacher it is about, while meetings wait in the own account: a button per login that removes them. Loading it is a visit.',
      parameters: [pathId('id', 'the erasure', '3b8f4a52-6c1e-4d0f-8a77-5f2f0c9d1e64')],
      responses: { '200': ok('A page.', html()), ...problems(401, 404) },
    }),
  },
};
