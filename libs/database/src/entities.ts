import { defineEntity, p } from '@mikro-orm/core';
import type { Sealed } from '#libs/encryption';

/**
 * The tables. Natural keys (school, id) come from the parent-meetings module, so that a batch of events needs no look-up
 * before it writes. Sealed columns hold ciphertext only and are never opened by the ORM; `hidden` marks them. Each column
 * has an entry in libs/privacy/src/what-we-store: a test fails without.
 */
const sealed = () => p.text().$type<Sealed>().hidden();

/** A school and its settings. `told…` is the (time, id) of the event that its data came from. */
export const School = defineEntity({
  name: 'School',
  tableName: 'schools',
  properties: {
    id: p.text().primary(),
    nameSealed: sealed(),
    timeZone: p.text(),
    locale: p.text(),
    toldAt: p.datetime(3),
    toldId: p.text(),
    accountDomains: p.array(),
    revealMinutes: p.integer().nullable(),
    joinRequiresSignIn: p.boolean().default(false),
    contactsSealed: sealed().nullable(),
    settingsAt: p.datetime(3).nullable(),
    settingsId: p.text().nullable(),
  },
});

/** The timeslots that a school plans together. */
export const Evening = defineEntity({
  name: 'Evening',
  tableName: 'evenings',
  primaryKeys: ['schoolId', 'id'],
  properties: {
    schoolId: p.text().primary(),
    id: p.text().primary(),
    nameSealed: sealed(),
    toldAt: p.datetime(3),
    toldId: p.text(),
    digestHash: p.text().nullable(),
    digestSequence: p.integer().default(0),
    digestedAt: p.datetime(3).nullable(),
    /** When its URLs, join links and first names went. */
    cleanedAt: p.datetime(3).nullable(),
  },
});

/** A teacher, parent or contact of one school. `profileSealed` is JSON {name, email} under the person's own key. */
export const Person = defineEntity({
  name: 'Person',
  tableName: 'people',
  primaryKeys: ['schoolId', 'id'],
  indexes: [{ properties: ['id'] }],
  properties: {
    schoolId: p.text().primary(),
    id: p.text().primary(),
    profileSealed: sealed(),
    /** Keyed hash of the profile: an unchanged person is not sealed again. */
    profileHash: p.blob(),
    locale: p.text(),
    toldAt: p.datetime(3),
    toldId: p.text(),
    leftAt: p.datetime(3).nullable(),
    leftId: p.text().nullable(),
    /** Without a school for long: when this person will be deleted (R15). */
    expiresAt: p.datetime(3).nullable(),
    /** The person corrected the own data then: it holds against events that are not later. */
    correctedAt: p.datetime(3).nullable(),
    /** The child's first name as the parent corrected it, for all of the own slots, and since when. */
    aboutSealed: sealed().nullable(),
    aboutAt: p.datetime(3).nullable(),
  },
});

/** The keys that rows are sealed with, wrapped by the key ring. `personId` is empty for the school's own key. */
export const DataKey = defineEntity({
  name: 'DataKey',
  tableName: 'data_keys',
  primaryKeys: ['schoolId', 'personId'],
  indexes: [{ properties: ['wrappedBy'] }],
  properties: {
    schoolId: p.text().primary(),
    personId: p.text().primary(),
    wrapped: p.text(),
    /** The id of the wrapping key. */
    wrappedBy: p.text(),
    /** Random; what stands for the owner elsewhere, and means nothing once this row is gone. */
    ref: p.uuid().defaultRaw('gen_random_uuid()'),
  },
});

/**
 * One row: a text that everybody knows, wrapped as data keys are. A start with another key ring than the rows were sealed
 * with stops at it. Where the ring keeps no root of the blind indexes, it is here, wrapped.
 */
export const KeyCanary = defineEntity({
  name: 'KeyCanary',
  tableName: 'key_canary',
  properties: {
    id: p.integer().primary().autoincrement(false),
    wrapped: p.text(),
    indexWrapped: p.text().nullable(),
    /** What the root derives for a known purpose. */
    indexCheck: p.blob(),
    /** A restored copy keeps it; a fresh database has another. Its ledger goes by it. */
    databaseId: p.uuid().defaultRaw('gen_random_uuid()'),
  },
});

/** A time for one family with one teacher. `conference…` is what the highest version that spoke of it said. */
export const Timeslot = defineEntity({
  name: 'Timeslot',
  tableName: 'timeslots',
  primaryKeys: ['schoolId', 'id'],
  indexes: [{ properties: ['schoolId', 'eveningId', 'startAt'] }, { properties: ['schoolId', 'teacherId', 'startAt'] }],
  properties: {
    schoolId: p.text().primary(),
    id: p.text().primary(),
    eveningId: p.text(),
    teacherId: p.text(),
    version: p.bigint('number'),
    startAt: p.datetime(3),
    endAt: p.datetime(3),
    status: p.text().$type<'planned' | 'cancelled'>(),
    conferenceVersion: p.bigint('number').nullable(),
    conferenceProvider: p.text().nullable(),
    conferenceTeacherId: p.text().nullable(),
  },
});

/** One parent of one timeslot, what they were told and have heard, and which meeting's URL they were sent to. */
export const TimeslotParent = defineEntity({
  name: 'TimeslotParent',
  tableName: 'timeslot_parents',
  primaryKeys: ['schoolId', 'timeslotId', 'personId'],
  indexes: [{ properties: ['schoolId', 'personId'] }],
  properties: {
    schoolId: p.text().primary(),
    timeslotId: p.text().primary(),
    personId: p.text().primary(),
    assigned: p.boolean(),
    household: p.text().nullable(),
    aboutSealed: sealed().nullable(),
    revealedId: p.uuid().nullable(),
    /** Number of the next message to this parent about this slot; it only ever rises. */
    toldSequence: p.integer().default(0),
    /** What the last planned message says: {cancelled, start, end, teacherId, ownerId}, no name, no address. */
    told: p.json().nullable(),
    /** The same of the last message whose sending was attempted. It differs from `told` while one is unsent. */
    heard: p.json().nullable(),
  },
});

/** Our own per-person links. Read before a school is known; holds no personal data but the sealed token. */
export const JoinLink = defineEntity({
  name: 'JoinLink',
  tableName: 'join_links',
  uniques: [{ properties: ['schoolId', 'timeslotId', 'personId'] }],
  properties: {
    tokenHash: p.blob().primary(),
    schoolId: p.text(),
    timeslotId: p.text(),
    personId: p.text(),
    tokenSealed: sealed(),
  },
});

/** What the school wants: one video conference for one timeslot. `provider` null: not wanted. */
export const Conference = defineEntity({
  name: 'Conference',
  tableName: 'conferences',
  primaryKeys: ['schoolId', 'timeslotId'],
  properties: {
    schoolId: p.text().primary(),
    timeslotId: p.text().primary(),
    provider: p.text().nullable(),
    ownerId: p.text().nullable(),
    generations: p.integer().default(0),
    publishedId: p.uuid().nullable(),
    /** What programs were told last (events out): status, version and whether it is joinable. */
    announced: p.text().nullable(),
  },
});

/** What a provider made, or is about to: one row per attempt to have one (generation). */
export const Meeting = defineEntity({
  name: 'Meeting',
  tableName: 'meetings',
  indexes: [
    { properties: ['schoolId', 'timeslotId'] },
    { properties: ['ownerId', 'provider'] },
    { properties: ['parkedAt'] },
  ],
  uniques: [{ properties: ['schoolId', 'timeslotId', 'generation'] }],
  properties: {
    id: p.uuid().primary(),
    schoolId: p.text(),
    timeslotId: p.text(),
    generation: p.integer(),
    provider: p.text(),
    ownerId: p.text(),
    /** Wish: there should be one. */
    wished: p.boolean(),
    /** A new generation replaces it: somebody who could have seen its URL is no longer among the parents. */
    retired: p.boolean().default(false),
    wishVersion: p.integer().default(1),
    /** Fact. */
    settledVersion: p.integer().default(0),
    state: p.text().default('pending'),
    reason: p.text().nullable(),
    epoch: p.integer().default(0),
    failures: p.integer().default(0),
    starts: p.integer().default(0),
    /** Intent, committed before the call; `deadline` is when the call has ended for certain. */
    operation: p.text().nullable(),
    deadline: p.datetime(3).nullable(),
    accountIndex: p.blob().nullable(),
    /** The account's e-mail address (R7). */
    accountSealed: sealed().nullable(),
    /** JSON {id, url}. */
    madeSealed: sealed().nullable(),
    idIndex: p.blob().nullable().unique(),
    urlIndex: p.blob().nullable().unique(),
    madeStart: p.datetime(3).nullable(),
    madeEnd: p.datetime(3).nullable(),
    /** When the provider must be asked whether it still has what we believe: after a claim was taken from a worker, and at a visit. */
    verifyAt: p.datetime(3).nullable(),
    verifiedAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    settledAt: p.datetime(3).nullable(),
    /** Since when it waits for a person; null while it does not. */
    parkedAt: p.datetime(3).nullable(),
  },
});

/** The calendar that we make per account, so that no other item can be read (R3). */
export const Calendar = defineEntity({
  name: 'Calendar',
  tableName: 'calendars',
  primaryKeys: ['schoolId', 'accountIndex'],
  properties: {
    schoolId: p.text().primary(),
    accountIndex: p.blob().primary(),
    ownerId: p.text(),
    placeSealed: sealed().nullable(),
  },
});

/**
 * What is due for a queue. Ids only, so that the relay may read it before a school is known. A row is on a queue or in
 * a worker's hands until `busyUntil`; then it is taken again.
 */
export const Dispatch = defineEntity({
  name: 'Dispatch',
  tableName: 'dispatches',
  primaryKeys: ['queue', 'subjectId'],
  indexes: [{ properties: ['queue', 'dueAt'] }, { properties: ['queue', 'busyUntil'] }],
  properties: {
    queue: p.text().primary(),
    subjectId: p.uuid().primary(),
    schoolId: p.text(),
    /** Rows of one lane are worked one after the other: a provider account, or the row itself. */
    lane: p.text(),
    startAt: p.datetime(3),
    dueAt: p.datetime(3),
    busyUntil: p.datetime(3).nullable(),
    round: p.integer().default(0),
    /** While it is in hand: its place in the fair order over schools, as the queue's priority. */
    turn: p.integer().default(0),
  },
});

/** A lane or a provider (by its queue's name): until when it rests, and how far its requests are paid. */
export const Pause = defineEntity({
  name: 'Pause',
  tableName: 'pauses',
  properties: {
    scope: p.text().primary(),
    until: p.datetime(3),
    /** Each request of a lane moves this on by its share of the limit; it may run ahead of the clock by the burst. */
    paidUntil: p.datetime(3).nullable(),
    /** A provider that comes back from a rest has so many rows in hand at most, until they told that it is well. */
    probes: p.integer().nullable(),
    why: p.text().nullable(),
  },
});

/** One message to one person on one channel. Its text is made at sending. */
export const Delivery = defineEntity({
  name: 'Delivery',
  tableName: 'deliveries',
  indexes: [{ properties: ['personId', 'kind'] }],
  uniques: [
    {
      name: 'deliveries_once',
      properties: ['schoolId', 'personId', 'timeslotId', 'eveningId', 'channel', 'kind', 'sequence'],
    },
  ],
  properties: {
    id: p.uuid().primary(),
    schoolId: p.text(),
    personId: p.text(),
    /** Empty where the message is about an evening. */
    timeslotId: p.text(),
    eveningId: p.text(),
    channel: p.text(),
    kind: p.text(),
    sequence: p.integer(),
    state: p.text().default('pending'),
    reason: p.text().nullable(),
    failures: p.integer().default(0),
    createdAt: p.datetime(3),
    /** Committed before the other side is called: from here on the receiver may have it. */
    attemptedAt: p.datetime(3).nullable(),
    sentAt: p.datetime(3).nullable(),
  },
});

/** Events seen, once each. The body is not kept: a keyed hash tells whether a second one differs. */
export const InboxEvent = defineEntity({
  name: 'InboxEvent',
  tableName: 'inbox',
  primaryKeys: ['source', 'id'],
  properties: {
    source: p.text().primary(),
    id: p.text().primary(),
    schoolId: p.text(),
    type: p.text(),
    bodyHash: p.blob(),
    occurredAt: p.datetime(3),
    receivedAt: p.datetime(3),
    status: p.text(),
    timeslotId: p.text().nullable(),
  },
});

/**
 * What staff and programs did and saw (R12). Rows are only ever added; the chain is closed over them once, shortly after.
 * The database refuses every other change.
 */
export const AuditEntryRow = defineEntity({
  name: 'AuditEntryRow',
  tableName: 'audit_entries',
  indexes: [
    { name: 'audit_entries_unchained', properties: ['schoolId', 'at', 'id'], where: 'sequence is null' },
    { name: 'audit_entries_actor', properties: ['schoolId', 'actorTag'], where: 'actor_tag is not null' },
    { name: 'audit_entries_subject', properties: ['schoolId', 'subjectTag'], where: 'subject_tag is not null' },
  ],
  uniques: [{ properties: ['schoolId', 'sequence'] }],
  properties: {
    id: p.uuid().primary(),
    /** Empty for what ops do with the product as a whole. */
    schoolId: p.text(),
    at: p.datetime(3),
    action: p.text(),
    actorKind: p.text(),
    /** Keyed hash of the reference of the actor's data key. */
    actorTag: p.blob().nullable(),
    /** JSON {id, role} under the actor's own key. */
    actorSealed: sealed().nullable(),
    subjectTag: p.blob().nullable(),
    /** JSON {person, timeslot, reason, detail} under the key of the person that it is about, or the school's. */
    aboutSealed: sealed().nullable(),
    /** Place in the school's chain, from 1; null until it is chained. */
    sequence: p.bigint('number').nullable(),
    previousHash: p.blob().nullable(),
    /** SHA-256 over everything above and the hash before. */
    hash: p.blob().nullable(),
  },
});

/** Tickets used and sessions ended, until they would have ended anyway. */
export const SpentToken = defineEntity({
  name: 'SpentToken',
  tableName: 'spent_tokens',
  properties: { hash: p.blob().primary(), expiresAt: p.datetime(3) },
});

/** How often a person ended a login everywhere; cookies of an earlier epoch are worth nothing. */
export const LoginEpoch = defineEntity({
  name: 'LoginEpoch',
  tableName: 'login_epochs',
  properties: { loginIndex: p.blob().primary(), epoch: p.integer() },
});

/** Answers to changing calls that carried an Idempotency-Key, for 24 hours. */
export const IdempotencyKey = defineEntity({
  name: 'IdempotencyKey',
  tableName: 'idempotency_keys',
  properties: {
    hash: p.blob().primary(),
    bodyHash: p.blob(),
    status: p.integer().nullable(),
    answerSealed: sealed().nullable(),
    expiresAt: p.datetime(3),
  },
});

/**
 * One erasure of one person at one school, step by step (R14). Found by its id before a school is known, so it holds no
 * personal data in clear: `subjectSealed` is the person's id under the school's key, and goes when the erasure is done.
 */
export const Erasure = defineEntity({
  name: 'Erasure',
  tableName: 'erasures',
  indexes: [{ properties: ['schoolId', 'personIndex'] }, { properties: ['doneAt'] }],
  properties: {
    id: p.uuid().primary(),
    schoolId: p.text(),
    /** Keyed hash of school and person. */
    personIndex: p.blob(),
    subjectSealed: sealed().nullable(),
    cause: p.text().$type<'request' | 'retention'>(),
    state: p.text().$type<'requested' | 'erasing' | 'waiting_for_owner' | 'done'>().default('requested'),
    requestedAt: p.datetime(3),
    dueAt: p.datetime(3),
    /** When nothing of the person was left in the database but what a removal at the provider needs. */
    erasedAt: p.datetime(3).nullable(),
    ledgerSequence: p.integer().nullable(),
    /** Meetings of the person that are still at the provider. */
    waiting: p.integer().default(0),
    /** The last of the alarm days that was told. */
    alarmedDays: p.integer().default(0),
    /** What was erased, as numbers. */
    counts: p.json().nullable(),
    doneAt: p.datetime(3).nullable(),
    /** Compact JWS. */
    receipt: p.text().nullable(),
  },
});

/** Who was erased: dropped from later events, and given no key again. */
export const ErasedPerson = defineEntity({
  name: 'ErasedPerson',
  tableName: 'erased_people',
  primaryKeys: ['schoolId', 'personIndex'],
  properties: {
    schoolId: p.text().primary(),
    personIndex: p.blob().primary(),
    erasedAt: p.datetime(3),
  },
});

export const ENTITIES = [
  School,
  Evening,
  Person,
  DataKey,
  KeyCanary,
  Timeslot,
  TimeslotParent,
  JoinLink,
  Conference,
  Meeting,
  Calendar,
  Dispatch,
  Pause,
  Delivery,
  InboxEvent,
  AuditEntryRow,
  SpentToken,
  LoginEpoch,
  IdempotencyKey,
  Erasure,
  ErasedPerson,
];
