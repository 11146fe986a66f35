import { randomUUID } from 'node:crypto';
import { erasedPersonIndex, type BlindIndex, type Sealed } from '#libs/encryption';
import { rows, sql, type DataKeys, type Em } from '#libs/database';
import { makeDue } from '#libs/messaging';
import { PERIODS, daysAfter, endSessionsAtSchool } from '#libs/privacy';
import type { ErasedCounts, Subject } from './erase-person.js';

export type ErasureState = 'requested' | 'erasing' | 'waiting_for_owner' | 'done';

/** One erasure as it is in Postgres. */
export interface ErasureRow {
  readonly id: string;
  readonly schoolId: string;
  readonly personIndex: Buffer;
  readonly subjectSealed: Sealed | null;
  readonly cause: 'request' | 'retention';
  readonly state: ErasureState;
  readonly requestedAt: Date;
  readonly dueAt: Date;
  readonly erasedAt: Date | null;
  readonly ledgerSequence: number | null;
  readonly waiting: number;
  readonly alarmedDays: number;
  readonly counts: ErasedCounts | null;
  readonly doneAt: Date | null;
  readonly receipt: string | null;
}

interface Deps {
  readonly keys: DataKeys;
  readonly index: BlindIndex;
  readonly now: Date;
}

/** Erasures of one person are worked one after the other. A removal at the provider that ends wakes them. */
export const erasureLane = (index: BlindIndex, { schoolId, personId }: Subject) =>
  index.of('erasure-lane', schoolId, personId).toString('base64url').slice(0, 22);

const subjectContext = (id: string, schoolId: string) => ({
  table: 'erasures',
  column: 'subject_sealed',
  row: id,
  school: schoolId,
});

/**
 * Asks for the erasure of a person at one school. While one is open, that one is answered.
 * @returns null where this school knows nobody of that id
 */
export async function requestErasure(
  em: Em,
  { keys, index, now }: Deps,
  subject: Subject,
  cause: ErasureRow['cause'],
): Promise<{ erasure: ErasureRow; isNew: boolean } | null> {
  const { schoolId, personId } = subject;
  const personIndex = erasedPersonIndex(index, schoolId, personId);
  await rows(em, sql`select pg_advisory_xact_lock(hashtextextended(${`erasure ${personIndex.toString('hex')}`}, 7))`);
  const [open] = await rows(
    em,
    sql<ErasureRow>`select * from erasures where school_id = ${schoolId} and person_index = ${personIndex} and done_at is null`,
  );
  if (open) return { erasure: open, isNew: false };
  if (!(await isKnownAtSchool(em, subject))) return null;
  const id = randomUUID();
  const subjectSealed = await sealSubject(em, keys, id, subject);
  const dueAt = daysAfter(now, PERIODS.erasureDueDays);
  const [erasure] = await rows(
    em,
    sql<ErasureRow>`insert into erasures (id, school_id, person_index, subject_sealed, cause, requested_at, due_at)
    values (${id}, ${schoolId}, ${personIndex}, ${subjectSealed}, ${cause}, ${now}, ${dueAt}) returning *`,
  );
  // Who asks to be forgotten is let in no more with what was there before, also while no worker carries it out.
  await endSessionsAtSchool(em, index, [subject], now);
  const lane = erasureLane(index, subject);
  await makeDue(em, [{ queue: 'erasures', subjectId: id, schoolId, lane, startAt: now, dueAt: now }]);
  return { erasure: erasure!, isNew: true };
}

/** Something is held about this person at the school: data, or an audit entry of what the person did. */
export async function isKnownAtSchool(em: Em, { schoolId, personId }: Subject): Promise<boolean> {
  const known = await rows(
    em,
    sql`select 1 from data_keys where school_id = ${schoolId} and person_id = ${personId} and ${personId} <> ''
    union select 1 from people where school_id = ${schoolId} and id = ${personId}`,
  );
  return known.length > 0;
}

/** Whose erasure it is, for as long as something waits for that person. */
export async function sealSubject(
  em: Em,
  keys: DataKeys,
  erasureId: string,
  { schoolId, personId }: Subject,
): Promise<Sealed> {
  await keys.load(em, [{ school: schoolId }]);
  return keys.seal(personId, subjectContext(erasureId, schoolId));
}

/** @param lock hold it until the transaction ends */
export async function erasureOf(em: Em, id: string, lock = false): Promise<ErasureRow | null> {
  const [row] = await rows(
    em,
    sql<ErasureRow>`select * from erasures where id = ${id} ${lock ? sql`for update` : sql``}`,
  );
  return row ?? null;
}

/**
 * The erasure that a person asked for at one school: the open one, else the newest; null where there never was one. The
 * keyed index finds it when nothing else of the person is left.
 */
export async function latestErasureOf(
  em: Em,
  index: BlindIndex,
  { schoolId, personId }: Subject,
): Promise<ErasureRow | null> {
  const personIndex = erasedPersonIndex(index, schoolId, personId);
  const [row] = await rows(
    em,
    sql<ErasureRow>`select * from erasures where school_id = ${schoolId} and person_index = ${personIndex}
    order by done_at is not null, requested_at desc limit 1`,
  );
  return row ?? null;
}

/**
 * A school's erasures, newest first.
 * @param after the id of the last one seen; one that is not there ends the list
 */
export function erasuresOf(em: Em, schoolId: string, after: string | null, limit: number): Promise<ErasureRow[]> {
  const older =
    after === null
      ? sql``
      : sql`and (requested_at, id) < (select requested_at, id from erasures where school_id = ${schoolId} and id = ${after})`;
  return rows(
    em,
    sql<ErasureRow>`select * from erasures where school_id = ${schoolId} ${older} order by requested_at desc, id desc limit ${limit}`,
  );
}

/** Whom it is about; null once that is forgotten. */
export async function subjectOf(em: Em, keys: DataKeys, erasure: ErasureRow): Promise<Subject | null> {
  const { id, schoolId, subjectSealed } = erasure;
  if (!subjectSealed) return null;
  await keys.load(em, [{ school: schoolId }]);
  return { schoolId, personId: (await keys.open(subjectSealed, subjectContext(id, schoolId))).reveal() };
}

/** The schools that know a person: where "everywhere" is. */
export async function schoolsOfPerson(em: Em, personId: string): Promise<string[]> {
  const found = await rows(
    em,
    sql<{ schoolId: string }>`select school_id from data_keys where person_id = ${personId} and ${personId} <> ''
    union select school_id from people where id = ${personId}`,
  );
  return found.map(({ schoolId }) => schoolId).sort();
}
