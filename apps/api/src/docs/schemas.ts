import { STATUSES } from '#libs/conferences';
import { AUDIT_ACTIONS } from '#libs/privacy';
import { PROVIDERS } from '#libs/providers';
import { ROLES } from '../http/caller.js';
import type { JsonSchema } from './openapi-types.js';
import { schemaRef } from './parts.js';

const object = (
  properties: Readonly<Record<string, JsonSchema>>,
  optional: readonly string[] = [],
  description?: string,
): JsonSchema => ({
  type: 'object',
  ...(description !== undefined && { description }),
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});
const text = (description: string, more: JsonSchema = {}): JsonSchema => ({ type: 'string', description, ...more });
const count = (description: string): JsonSchema => ({ type: 'integer', minimum: 0, description });
const instant = (description: string): JsonSchema => text(description, { format: 'date-time' });
const id = (description: string): JsonSchema => text(description, { minLength: 1, maxLength: 128 });
const list = (items: JsonSchema, more: JsonSchema = {}): JsonSchema => ({ type: 'array', items, ...more });
const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });
const url = (description: string): JsonSchema => text(description, { format: 'uri' });

/** Of one erasure, in a list or alone. */
const ERASURE: Readonly<Record<string, JsonSchema>> = {
  id: text('', { format: 'uuid' }),
  school: id('the school'),
  state: {
    enum: ['requested', 'erasing', 'waiting_for_owner', 'done'],
    description: 'waiting_for_owner: all is gone here; meetings in the own account wait for a visit with it',
  },
  requestedAt: instant(''),
  dueAt: instant('30 days after the request'),
  url: url('where it can be seen, also afterwards'),
  erasedAt: { type: ['string', 'null'], format: 'date-time', description: 'when it was gone from the database' },
  doneAt: { type: ['string', 'null'], format: 'date-time' },
  provider: object({
    waiting: count('meetings that are still at the provider'),
    note: { type: ['string', 'null'], description: 'what about them' },
  }),
};

/** What people may ask of us. */
const RIGHTS: Readonly<Record<string, JsonSchema>> = {
  ErasureBody: object({ everywhere: { type: 'boolean', description: 'all schools of the person' } }, ['everywhere']),
  Erasure: object(
    {
      ...ERASURE,
      receipt: { type: ['string', 'null'], description: 'compact JWS, once it is done' },
      erasures: list(schemaRef('Erasure'), { description: 'where `everywhere` was asked for: one per school' }),
    },
    ['erasures'],
  ),
  ErasureRows: object({
    rows: list(
      object({
        ...ERASURE,
        cause: { enum: ['request', 'retention'], description: 'asked for, or two years without a school' },
        late: { type: 'boolean', description: 'not done, and due before now' },
      }),
    ),
  }),
  JsonWebKeys: object({ keys: list({ type: 'object', description: 'RFC 8037' }) }),
};

/** What the parent-meetings module sends. Members that are not named here are ignored. */
const INCOMING: Readonly<Record<string, JsonSchema>> = {
  SchoolData: object({
    id: id('the school'),
    name: text('1 to 200 characters', { minLength: 1, maxLength: 200 }),
    timeZone: text('a zone of the IANA database', { minLength: 1, maxLength: 64 }),
    locale: text('BCP 47', { minLength: 2, maxLength: 35 }),
  }),
  PersonData: object({
    id: id('the person, the same in all schools'),
    name: text('1 to 200 characters', { minLength: 1, maxLength: 200 }),
    email: text('an e-mail address', { minLength: 3, maxLength: 254, pattern: '^[^\\s@]+@[^\\s@]+$' }),
    locale: text('BCP 47', { minLength: 2, maxLength: 35 }),
  }),
  TimeslotChanged: object(
    {
      school: schemaRef('SchoolData'),
      evening: object({ id: id('the evening'), name: text('', { minLength: 1, maxLength: 200 }) }),
      timeslot: object({
        id: id('the timeslot'),
        version: count('rises with every change; one that is not above the stored one is stale'),
        start: instant('with an offset'),
        end: instant('with an offset, after the start'),
        status: { enum: ['planned', 'cancelled'] },
      }),
      teacher: schemaRef('PersonData'),
      parents: list({
        allOf: [
          schemaRef('PersonData'),
          {
            type: 'object',
            properties: {
              household: id('who may be named to whom; without it nobody is'),
              about: text("a child's first name, used in this parent's own mails only", { maxLength: 200 }),
            },
          },
        ],
      }),
      conference: {
        description: "absent: no word about it. null: not wanted. An object: wanted, in the teacher's account",
        oneOf: [{ type: 'null' }, object({ provider: schemaRef('Provider') })],
      },
    },
    ['conference'],
    'The whole slot as it is now.',
  ),
  PersonChanged: object({ school: object({ id: id('the school') }), person: schemaRef('PersonData') }),
  PersonLeft: object(
    { school: object({ id: id('the school') }), person: object({ id: id('the person') }) },
    [],
    'No longer at this school. A later (time, id) that names the person again undoes it.',
  ),
  SchoolChanged: object(
    {
      school: {
        allOf: [
          schemaRef('SchoolData'),
          {
            type: 'object',
            properties: {
              accountDomains: list(text('a login of another domain is refused', { minLength: 1, maxLength: 253 })),
              revealMinutes: {
                type: ['integer', 'null'],
                minimum: 0,
                maximum: 525_600,
                default: 10,
                description: 'how long before the start the meeting URL is shown; null: always',
              },
              joinRequiresSignIn: { type: 'boolean', default: false },
              contacts: list({
                allOf: [
                  schemaRef('PersonData'),
                  { type: 'object', properties: { role: { enum: ['admin', 'privacy'] } }, required: ['role'] },
                ],
              }),
            },
          },
        ],
      },
    },
    [],
    'The settings as a whole: what is absent has its default again.',
  ),
};

/** Every schema by name, in JSON Schema 2020-12. */
export const SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Problem: object(
    {
      type: text('always about:blank'),
      title: text("the status' own words"),
      status: { type: 'integer', minimum: 400, maximum: 599 },
      detail: text('what is wrong, and what to do'),
      errors: list(object({ pointer: text('a JSON pointer (RFC 6901)'), detail: text('what must be') }), {
        minItems: 1,
      }),
      requestId: text('also in X-Request-Id; quote it to ops', { format: 'uuid' }),
    },
    ['errors'],
    'A refusal (RFC 9457).',
  ),
  Provider: { enum: [...PROVIDERS] },
  Login: { enum: ['google', 'microsoft'] },
  Status: {
    description: 'null: no conference was ever wanted',
    enum: [...STATUSES, null],
  },
  ...INCOMING,
  ...RIGHTS,
  EventResults: object({
    results: list(
      object({
        id: text("the event's id"),
        status: {
          enum: ['accepted', 'duplicate', 'stale'],
          description: 'stale: something newer of the same thing is known; nothing of the slot changed',
        },
        url: url("the event's timeline"),
      }),
      { description: 'in the order of the events' },
    ),
  }),
  EventTimeline: object({
    source: text(''),
    id: text(''),
    type: text(''),
    receivedAt: instant(''),
    status: { enum: ['accepted', 'stale'] },
    steps: list(
      object({ at: instant(''), step: text('a word'), detail: text('ids, states and codes only') }, ['detail']),
    ),
  }),
  ConferenceRow: object(
    {
      timeslotId: text(''),
      start: instant('UTC'),
      end: instant('UTC'),
      status: schemaRef('Status'),
      joinable: { type: 'boolean', description: 'a working URL is published' },
      provider: { oneOf: [{ type: 'null' }, schemaRef('Provider')] },
      owner: {
        description: 'whose account is used, or will be',
        oneOf: [
          { type: 'null' },
          object({
            id: text('person id'),
            name: text(''),
            account: { type: ['string', 'null'], description: "the account's e-mail address, where it is known yet" },
          }),
        ],
      },
      reason: text('why it is not ready, a closed word'),
      action: { enum: ['connect', 'retry', 'ask-admin', 'wait'], description: 'what helps' },
      meetingUrl: url("only for the slot's teacher and the meeting's owner"),
    },
    ['reason', 'action', 'meetingUrl'],
  ),
  ConferenceRows: object({ rows: list(schemaRef('ConferenceRow')) }),
  WantBody: {
    ...object(
      {
        provider: schemaRef('Provider'),
        timeslotIds: list(id(''), { minItems: 1, maxItems: 500 }),
        eveningId: id('all own planned slots of the evening'),
        onlyMissing: { type: 'boolean', default: false, description: 'leave slots alone that have a conference' },
      },
      ['timeslotIds', 'eveningId', 'onlyMissing'],
    ),
    oneOf: [{ required: ['timeslotIds'] }, { required: ['eveningId'] }],
  },
  TakeOverBody: object({
    from: id("the owner's person id as the caller saw it, or the slot's teacher where there is no owner"),
    provider: schemaRef('Provider'),
  }),
  Accepted: object({ accepted: count('slots'), url: url('where to look what becomes of it') }),
  Counts: object({
    total: count('wanted slots ahead: the sum of the others'),
    ready: count(''),
    needsOwner: count(''),
    failed: count(''),
    working: count('queued, creating, updating, retrying'),
  }),
  Progress: {
    allOf: [
      schemaRef('Counts'),
      object({
        perTeacher: list({
          allOf: [schemaRef('Counts'), object({ teacher: object({ id: text(''), name: text('') }) })],
        }),
      }),
    ],
  },
  Light: { enum: ['green', 'amber', 'red'] },
  EveningReadiness: {
    allOf: [
      schemaRef('Counts'),
      object({
        checkpoint: { enum: [null, '7 days', '24 hours', '2 hours', '15 minutes'] },
        light: schemaRef('Light'),
        perTeacher: list({
          allOf: [
            schemaRef('Counts'),
            object({ teacher: object({ id: text(''), name: text('') }), light: schemaRef('Light') }),
          ],
        }),
      }),
    ],
  },
  Me: object({
    person: object({ id: text(''), name: text(''), email: text(''), locale: text('') }),
    roles: list({ enum: [...ROLES] }),
    school: { oneOf: [{ type: 'null' }, object({ id: text('') })] },
    logins: list(object({ login: schemaRef('Login'), account: text('e-mail address of the account') }), {
      description: 'what this browser has connected; empty for a bearer token',
    }),
    needsOwner: count('meetings of this school that wait for the caller'),
  }),
  Visit: object({
    resumed: count('meetings that go on now'),
    needsOwner: count("meetings that still wait, in all the person's schools"),
  }),
  ParentRows: object({
    rows: list(
      object({
        timeslotId: text(''),
        start: instant('UTC'),
        end: instant('UTC'),
        status: schemaRef('Status'),
        joinable: { type: 'boolean' },
        teacher: object({ name: text('') }),
        joinLink: url('the link that the mail carries: a bearer secret'),
      }),
    ),
  }),
  EnterForm: object({ ticket: text('the JWT'), to: text('an own path', { default: '/' }) }, ['to']),
  ForgetForm: object(
    { to: text('an own path', { default: '/' }), everywhere: { enum: ['true', 'false'], default: 'false' } },
    ['to', 'everywhere'],
  ),
  AddForm: object({ provider: schemaRef('Provider'), onlyMissing: { enum: ['true', 'false'] } }, ['onlyMissing']),
  Correction: object(
    {
      name: text('one line of 1 to 200 characters, not all spaces', { minLength: 1, maxLength: 200, pattern: '\\S' }),
      email: text('an e-mail address', { minLength: 3, maxLength: 254, pattern: '^[^\\s@]+@[^\\s@]+$' }),
      locale: text('a language tag (BCP 47), like nl or en-GB', { minLength: 2, maxLength: 35 }),
      about: {
        type: ['string', 'null'],
        maxLength: 200,
        description: "a child's first name, for all of the parent's slots; null or empty takes it away",
      },
    },
    ['name', 'email', 'locale', 'about'],
    'At least one of them.',
  ),
  EraseForm: object({ sure: { enum: ['true', 'false'] } }, [], 'Only `true` erases.'),
  OwnProfile: object({
    name: text(''),
    email: text(''),
    locale: text('BCP 47'),
    source: { enum: ['the parent-meetings module', 'corrected here'] },
    toldAt: instant('when the event was sent that it came from'),
    correctedAt: orNull(instant('when the person corrected it')),
    leftAt: orNull(instant('when the person left the school')),
  }),
  ParentSlot: object(
    {
      timeslotId: text(''),
      start: instant('UTC'),
      end: instant('UTC'),
      status: { enum: ['planned', 'cancelled'] },
      assigned: { type: 'boolean' },
      teacher: object({ name: text('') }),
      about: orNull(text("the child's first name")),
      household: orNull(text('')),
      urlWasShown: { type: 'boolean' },
      joinLink: orNull(url('to the person only')),
    },
    ['joinLink'],
  ),
  Corrected: object({
    id: text(''),
    person: orNull(schemaRef('OwnProfile')),
    asParent: list(schemaRef('ParentSlot')),
  }),
  PersonalData: object({
    id: text('the person'),
    school: orNull(object({ id: text(''), timeZone: text('of the IANA database') })),
    person: orNull(schemaRef('OwnProfile')),
    contact: orNull(object({ name: text(''), email: text(''), role: { enum: ['admin', 'privacy'] } })),
    asParent: list(schemaRef('ParentSlot')),
    asTeacher: list(
      object({
        timeslotId: text(''),
        start: instant('UTC'),
        end: instant('UTC'),
        status: { enum: ['planned', 'cancelled'] },
      }),
    ),
    meetings: list(
      object(
        {
          timeslotId: text(''),
          provider: schemaRef('Provider'),
          state: text('of our work'),
          account: orNull(text('the e-mail address of the account')),
          createdAt: instant('UTC'),
          meetingId: orNull(text('at the provider; to the owner only')),
          meetingUrl: orNull(url('to the owner only')),
        },
        ['meetingId', 'meetingUrl'],
      ),
    ),
    messages: list(
      object({
        kind: text(''),
        channel: text(''),
        state: text(''),
        timeslotId: orNull(text('')),
        createdAt: instant('UTC'),
        sentAt: orNull(instant('UTC')),
      }),
    ),
    looks: list(
      object(
        {
          at: instant('UTC'),
          action: { enum: AUDIT_ACTIONS },
          by: object({ kind: text(''), role: orNull(text('')), id: orNull(text('to a privacy officer only')) }, ['id']),
          reason: orNull(text('not to support')),
        },
        ['reason'],
      ),
    ),
  }),
  AuditRows: object({
    rows: list(
      object({
        sequence: count('place in the chain'),
        at: instant('UTC'),
        action: { enum: AUDIT_ACTIONS },
        actor: object({
          kind: { enum: ['person', 'system', 'program'] },
          id: orNull(text('null: erased, or no person')),
          role: orNull(text('')),
        }),
        person: orNull(text('whom it is about')),
        timeslot: orNull(text('')),
        reason: orNull(text('`not given` where staff gave none')),
        detail: orNull({ type: 'object' }),
        erased: { type: 'boolean', description: 'something of it belonged to an erased person' },
      }),
    ),
  }),
  AuditVerdict: object({
    ok: { type: 'boolean' },
    entries: count('in the chain'),
    checkpoints: count('of this school, in the ledger folder'),
    faults: list(
      object({
        sequence: orNull({ type: 'integer' }),
        what: {
          enum: [
            'altered',
            'missing',
            'doubled',
            'out-of-place',
            'cut-off',
            'rewritten',
            'checkpoint-altered',
            'checkpoint-missing',
          ],
        },
      }),
    ),
    lag: object({ entries: count('written and not chained yet'), seconds: count('since the oldest of them') }),
  }),
  StoredColumns: object({
    rows: list(
      object({
        table: text(''),
        column: text(''),
        about: text('what the table is for'),
        purpose: text('what the column is for'),
        basis: text('the legal ground'),
        retention: text('until when'),
        personal: { enum: ['yes', 'id', 'no'] },
        sealed: { type: 'boolean' },
      }),
    ),
  }),
  Alive: object({ status: { const: 'alive' } }),
  Readiness: object({ status: { enum: ['ready', 'not-ready'] }, faults: list(text('what is missing')) }),
  ConferenceEventData: object({
    school: object({ id: text('') }),
    timeslot: object({ id: text(''), version: count('the version that the state is of') }),
    status: schemaRef('Status'),
    joinable: { type: 'boolean' },
  }),
};
