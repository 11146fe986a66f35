import { type Em, asJson, rows, sql } from '#libs/database';
import { type ChainedFields, GENESIS, entryHash } from './entry-hash.js';

const BATCH = 2_000;

/** The end of a school's chain. */
export interface ChainHead {
  readonly sequence: number;
  readonly hash: Buffer;
}

/** One closes a school's chain at a time, until the transaction ends. */
export const lockChain = (em: Em, schoolId: string) =>
  rows(em, sql`select pg_advisory_xact_lock(hashtextextended('audit ' || ${schoolId}, 7))`);

export async function chainHead(em: Em, schoolId: string): Promise<ChainHead> {
  const [head] = await rows(
    em,
    sql<ChainHead>`select sequence, hash from audit_entries where school_id = ${schoolId} and sequence is not null
    order by sequence desc limit 1`,
  );
  return head ?? { sequence: 0, hash: GENESIS };
}

/**
 * Closes a school's chain over what was written down since: three statements for up to 2,000 entries. Runs in a
 * transaction of its own, so that those who write entries never wait for one another.
 * @returns how many entries were chained; call again while it is the limit
 */
export async function chainEntries(em: Em, schoolId: string, limit = BATCH): Promise<number> {
  await lockChain(em, schoolId);
  const waiting = await rows(
    em,
    sql<ChainedFields>`select id, school_id, at, action, actor_kind, actor_tag, actor_sealed, subject_tag, about_sealed
    from audit_entries where school_id = ${schoolId} and sequence is null order by at, id limit ${limit}`,
  );
  if (waiting.length === 0) return 0;
  let { sequence, hash } = await chainHead(em, schoolId);
  const links = waiting.map((entry) => {
    const previous = hash;
    sequence += 1;
    hash = entryHash(entry, sequence, previous);
    return { id: entry.id, sequence, previous_hash: bytea(previous), hash: bytea(hash) };
  });
  await rows(
    em,
    sql`update audit_entries e set sequence = l.sequence, previous_hash = l.previous_hash, hash = l.hash
    from jsonb_to_recordset(${asJson(links)}) as l(id uuid, sequence bigint, previous_hash bytea, hash bytea)
    where e.school_id = ${schoolId} and e.id = l.id`,
  );
  return links.length;
}

const bytea = (value: Buffer) => `\\x${value.toString('hex')}`;

/** Schools whose chain is behind, and since when the oldest of their entries waits. */
export const unchainedSchools = (em: Em) =>
  rows(
    em,
    sql<{ schoolId: string; since: Date }>`select school_id, min(at) as since from audit_entries
    where sequence is null group by school_id order by 2`,
  );
