import type { BlindIndex } from '#libs/encryption';
import { type Em, rows, sql } from '#libs/database';
import { readLines } from '../ledger/read-lines.js';
import type { SigningKeys } from '../ledger/signing-keys.js';
import { readEnds } from './chain-ends.js';
import {
  CHECKPOINT_FILE,
  type Checkpoint,
  type RestoreRecord,
  hashOfJws,
  isSigned,
  readCheckpointLine,
  schoolTag,
} from './checkpoint.js';
import { forgetAfter, newest } from './checkpoint-writer.js';
import { type ChainedFields, GENESIS, entryHash } from './entry-hash.js';

/** What is wrong, and at which entry; null where no entry can be named. */
export interface AuditFault {
  readonly sequence: number | null;
  readonly what:
    | 'altered'
    | 'missing'
    | 'doubled'
    | 'out-of-place'
    | 'cut-off'
    | 'rewritten'
    | 'checkpoint-altered'
    | 'checkpoint-missing';
}

export interface AuditVerdict {
  readonly ok: boolean;
  /** In the chain. */
  readonly entries: number;
  readonly checkpoints: number;
  /** The first 100. */
  readonly faults: readonly AuditFault[];
  /** The database was restored then: entries after `kept`, as many as `cut`, are gone for good. */
  readonly restores: readonly AuditRestore[];
  /** Entries that are written and not chained yet, and for how long the oldest of them waits. */
  readonly lag: { readonly entries: number; readonly seconds: number };
}

export type AuditRestore = Pick<RestoreRecord, 'at' | 'cut' | 'why' | 'reason'> & { readonly kept: number };

const PAGE = 2_000;
/** By then a school's first checkpoint stands in the ledger folder. */
const FIRST_CHECKPOINT_MS = 3_600_000;
const MOST_FAULTS = 100;

/** What stands in the ledger folder, and whose key signed it. */
export interface CheckpointSource {
  readonly folder: string;
  readonly signing: SigningKeys;
}

/**
 * Is a school's audit as it was written? Walks the chain, and holds it against the signed checkpoints outside the
 * database. Opens nothing: it verifies as well after the keys of erased persons were destroyed.
 */
export async function verifyAudit(
  em: Em,
  deps: { readonly index: BlindIndex; readonly now: Date },
  schoolId: string,
  source: CheckpointSource,
): Promise<AuditVerdict> {
  const faults: AuditFault[] = [];
  const fault = (sequence: number | null, what: AuditFault['what']) => {
    if (faults.length < MOST_FAULTS) faults.push({ sequence, what });
  };
  const lines = await checkpointsOf(source, schoolTag(deps.index, schoolId), fault);
  const sworn = new Map<number, string>();
  const restores: RestoreRecord[] = [];
  for (const record of lines) {
    if (record.kind === 'audit-restored') {
      restores.push(record);
      forgetAfter(sworn, record.sequence);
    }
    if (record.sequence > 0) sworn.set(record.sequence, record.hash);
  }
  const ends = await readEnds(source.folder, source.signing);
  if (!ends) fault(null, 'checkpoint-altered');
  const latest = lines.at(-1);
  if (latest) {
    const end = newest({ record: latest, restores: restores.length }, ends?.ends[schoolTag(deps.index, schoolId)]);
    if (end.sequence > 0) sworn.set(end.sequence, end.hash);
  }
  const { entries, last } = await walk(em, schoolId, sworn, fault);
  for (const sequence of sworn.keys()) if (sequence > last) fault(sequence, 'cut-off');
  const [waiting] = await rows(
    em,
    sql<{ entries: number; since: Date | null }>`select count(*) as entries, min(at) as since from audit_entries
    where school_id = ${schoolId} and sequence is null`,
  );
  const [oldest] = await rows(
    em,
    sql<{
      at: Date | null;
    }>`select min(at) as at from audit_entries where school_id = ${schoolId} and sequence is not null`,
  );
  // Without a single checkpoint nothing outside the database vouches for the chain: that is not "right".
  if (lines.length === 0 && oldest!.at && deps.now.getTime() - oldest!.at.getTime() > FIRST_CHECKPOINT_MS)
    fault(null, 'checkpoint-missing');
  const since = waiting!.since;
  return {
    ok: faults.length === 0,
    entries,
    checkpoints: lines.length - restores.length,
    faults,
    restores: restores.map(({ at, cut, why, reason, sequence }) => ({
      at,
      kept: sequence,
      cut,
      why,
      ...(reason !== undefined && { reason }),
    })),
    lag: {
      entries: waiting!.entries,
      seconds: since ? Math.max(0, Math.round((deps.now.getTime() - since.getTime()) / 1000)) : 0,
    },
  };
}

type Tell = (sequence: number | null, what: AuditFault['what']) => void;
type ChainRow = ChainedFields & { sequence: number; previousHash: Buffer; hash: Buffer };

async function walk(em: Em, schoolId: string, sworn: ReadonlyMap<number, string>, fault: Tell) {
  let last = 0;
  let after = { sequence: Number.MIN_SAFE_INTEGER, id: '00000000-0000-0000-0000-000000000000' };
  let entries = 0;
  let previous: Buffer = GENESIS;
  for (;;) {
    const page = await rows(
      em,
      sql<ChainRow>`select id, school_id, at, action, actor_kind, actor_tag, actor_sealed, subject_tag, about_sealed,
        sequence, previous_hash, hash from audit_entries
      where school_id = ${schoolId} and (sequence, id) > (${after.sequence}, ${after.id}::uuid) order by sequence, id limit ${PAGE}`,
    );
    for (const row of page) {
      entries += 1;
      after = row;
      if (row.sequence < 1) {
        fault(row.sequence, 'out-of-place');
        continue;
      }
      if (row.sequence === last) fault(row.sequence, 'doubled');
      else if (row.sequence !== last + 1) fault(last + 1, 'missing');
      else if (!row.previousHash?.equals(previous)) fault(row.sequence, 'out-of-place');
      if (!row.hash?.equals(entryHash(row, row.sequence, row.previousHash ?? GENESIS))) fault(row.sequence, 'altered');
      const expected = sworn.get(row.sequence);
      if (expected !== undefined && expected !== row.hash?.toString('base64url')) fault(row.sequence, 'rewritten');
      last = row.sequence;
      previous = row.hash ?? GENESIS;
    }
    if (page.length < PAGE) return { entries, last };
  }
}

/** The school's checkpoints in order. One that nobody signed is told for every school: nobody knows whose it was. */
async function checkpointsOf(
  source: CheckpointSource,
  school: string,
  fault: Tell,
): Promise<(Checkpoint | RestoreRecord)[]> {
  const own: (Checkpoint | RestoreRecord)[] = [];
  let before: string | null = null;
  for await (const text of readLines(source.folder, CHECKPOINT_FILE)) {
    const line = readCheckpointLine(text);
    if (!line) continue;
    const { checkpoint, jws } = line;
    if (checkpoint && checkpoint.school !== school && (await isSigned(source.signing, jws))) continue;
    if (!checkpoint || checkpoint.school !== school || !(await isSigned(source.signing, jws))) {
      fault(checkpoint?.school === school ? checkpoint.sequence : null, 'checkpoint-altered');
      if (checkpoint?.school === school) before = jws;
      continue;
    }
    if (checkpoint.previous !== (before && hashOfJws(before))) fault(checkpoint.sequence, 'checkpoint-missing');
    before = jws;
    own.push(checkpoint);
  }
  return own;
}

/** Schools that have an audit; the empty one is what ops did with the product as a whole. */
export const auditedSchools = async (em: Em): Promise<string[]> =>
  (
    await rows(
      em,
      sql<{ id: string }>`select id from schools union select distinct school_id from audit_entries order by 1`,
    )
  ).map(({ id }) => id);

/** How many schools of the checkpoints are not among these? Somebody removed all of them, and no restore did. */
export async function strayCheckpoints(
  index: BlindIndex,
  schoolIds: readonly string[],
  source: CheckpointSource,
): Promise<number> {
  const known = new Set(schoolIds.map((id) => schoolTag(index, id)));
  const stray = new Set<string>();
  for await (const text of readLines(source.folder, CHECKPOINT_FILE)) {
    const line = readCheckpointLine(text);
    if (!line?.checkpoint || known.has(line.checkpoint.school)) continue;
    const { kind, school, sequence } = line.checkpoint;
    const isNothingKept = kind === 'audit-restored' && sequence === 0 && (await isSigned(source.signing, line.jws));
    if (isNothingKept) stray.delete(school);
    else stray.add(school);
  }
  return stray.size;
}
