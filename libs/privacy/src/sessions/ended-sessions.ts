import { createHash } from 'node:crypto';
import type { BlindIndex } from '#libs/encryption';
import { type Em, rows, sql } from '#libs/database';

/** A session lasts twelve hours at most, however often it is used. */
export const SESSION_SECONDS = 12 * 3600;

/** A person at one school; `schoolId` is null for ops, who belong to none. */
interface SessionHolder {
  readonly personId: string;
  readonly schoolId: string | null;
}

/** A session that claims to be live. `id` is null for a bearer's stream, which can end with its person only. */
export interface ClaimedSession extends SessionHolder {
  readonly id: string | null;
  /** When it ends by itself: twelve hours after it began. */
  readonly endsAt: Date;
}

// `spent_tokens` holds hashes until what they stand for would have ended by itself. For all sessions of a person,
// `expires_at` also says which they are: those that end by themselves no later than it. A session that begins afterwards
// ends later, and lives.

const idHash = (sessionId: string) => createHash('sha256').update(`session:${sessionId}`).digest();
const schoolHash = (index: BlindIndex, personId: string, schoolId: string) =>
  index.of('sessions-at-school', personId, schoolId);
const everywhereHash = (index: BlindIndex, personId: string) => index.of('sessions-everywhere', personId);

const lastEnd = (now: Date) => new Date(now.getTime() + SESSION_SECONDS * 1000);

const write = (em: Em, hashes: readonly Buffer[], now: Date) =>
  rows(
    em,
    sql`insert into spent_tokens (hash, expires_at) select hash, ${lastEnd(now)}::timestamptz from unnest(${[...hashes]}::bytea[]) hash
      on conflict (hash) do update set expires_at = greatest(spent_tokens.expires_at, excluded.expires_at)`,
  );

/** Signs out for good: a copy of the cookie does not work either. */
export async function endSession(em: Em, sessionId: string, now: Date): Promise<void> {
  await write(em, [idHash(sessionId)], now);
}

/** Ends all sessions that these people have at their school now. New ones can begin. */
export async function endSessionsAtSchool(
  em: Em,
  index: BlindIndex,
  people: readonly { readonly personId: string; readonly schoolId: string }[],
  now: Date,
): Promise<void> {
  if (people.length === 0) return;
  const hashes = people.map(({ personId, schoolId }) => schoolHash(index, personId, schoolId).toString('hex'));
  await write(
    em,
    [...new Set(hashes)].map((hash) => Buffer.from(hash, 'hex')),
    now,
  );
}

/** Ends all sessions that this person has now, in all browsers and at all schools. */
export async function endSessionsEverywhere(em: Em, index: BlindIndex, personId: string, now: Date): Promise<void> {
  await write(em, [everywhereHash(index, personId)], now);
}

/** @returns those of the sessions that were ended before their time, in one statement */
export async function endedSessions<S extends ClaimedSession>(
  em: Em,
  index: BlindIndex,
  sessions: readonly S[],
): Promise<S[]> {
  const hashesOf = sessions.map(({ id, personId, schoolId }) => ({
    own: id === null ? null : idHash(id),
    ofPerson: [everywhereHash(index, personId), ...(schoolId === null ? [] : [schoolHash(index, personId, schoolId)])],
  }));
  const asked = hashesOf.flatMap(({ own, ofPerson }) => (own ? [own, ...ofPerson] : ofPerson));
  if (asked.length === 0) return [];
  const found = await rows(
    em,
    sql<{
      hash: Buffer;
      expiresAt: Date;
    }>`select hash, expires_at from spent_tokens where hash = any(${asked}::bytea[])`,
  );
  const until = new Map(found.map(({ hash, expiresAt }) => [hash.toString('hex'), expiresAt.getTime()]));
  return sessions.filter(({ endsAt }, position) => {
    const { own, ofPerson } = hashesOf[position]!;
    if (own && until.has(own.toString('hex'))) return true;
    return ofPerson.some((hash) => (until.get(hash.toString('hex')) ?? -Infinity) >= endsAt.getTime());
  });
}
