import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlindIndex } from '#libs/encryption';
import {
  type Database,
  type Em,
  EVERY_SCHOOL,
  type Incarnation,
  asJson,
  otherLife,
  readIncarnation,
  rows,
  sql,
} from '#libs/database';
import { appendLine } from '../ledger/append-line.js';
import { readLines } from '../ledger/read-lines.js';
import type { SigningKeys } from '../ledger/signing-keys.js';
import { type ChainHead, chainHead, lockChain } from './chain-entries.js';
import { type ChainEnd, type ChainEnds, addEnds, readEnds } from './chain-ends.js';
import {
  CHECKPOINT_FILE,
  type Checkpoint,
  type RestoreRecord,
  hashOfJws,
  isSigned,
  readCheckpointLine,
  schoolTag,
  signRecord,
} from './checkpoint.js';
import { GENESIS } from './entry-hash.js';

/** A school that is busy gets a checkpoint after so many entries, a quiet one after so long. */
const EVERY_ENTRIES = 1_000;
const EVERY_MS = 30 * 60_000;

/** What a look at the ledger and the database came to. */
export interface AuditHeld {
  /** Records "restored" that were written now. */
  readonly restored: readonly RestoreRecord[];
  /** Schools whose chain ends before the ledger says, or otherwise than it says, in the same life of the database. */
  readonly cutOff: number;
}

interface Known {
  readonly jws: string;
  readonly record: Checkpoint | RestoreRecord;
  readonly restores: number;
}

interface SwornEnd {
  readonly sequence: number;
  readonly hash: string;
}

interface Head {
  readonly schoolId: string;
  readonly sequence: number;
}

/**
 * Writes the ends of the chains down outside the database, signed and chained themselves: whoever can rewrite the whole
 * database cannot rewrite these. Several processes may share the folder: each reads what the others wrote first.
 */
export class CheckpointWriter {
  private readonly last = new Map<string, Known>();
  private readonly seen: RestoreRecord[] = [];
  private offset = 0;

  constructor(
    private readonly parts: {
      readonly database: Database;
      readonly index: BlindIndex;
      readonly folder: string;
      readonly signing: SigningKeys;
    },
  ) {}

  /** Every restore that the ledger knows of, oldest first: one record a school. */
  async restores(): Promise<readonly RestoreRecord[]> {
    await this.catchUp();
    return this.seen;
  }

  /** @returns how many schools got a record */
  async run(now: Date): Promise<number> {
    const life = await readIncarnation(this.parts.database.unscoped());
    const heads = await this.heads();
    await this.catchUp();
    let written = 0;
    for (const { schoolId, sequence } of heads)
      if (await this.isDue(schoolTag(this.parts.index, schoolId), sequence, life, now))
        written += (await this.write(schoolId, life, now)) ? 1 : 0;
    return written;
  }

  /** The ends of these chains, which were closed just now: a cut after them is seen from now on. */
  async noteEnds(schoolIds: readonly string[], now: Date): Promise<void> {
    const { database, index, folder, signing } = this.parts;
    if (schoolIds.length === 0) return;
    const life = await readIncarnation(database.unscoped());
    await this.catchUp();
    // An end says of which life it is by the school's record before it: each school has one from its first entries on.
    for (const schoolId of schoolIds)
      if (!this.last.has(schoolTag(index, schoolId))) await this.write(schoolId, life, now);
    await database.transaction(schoolIds, async (em) => {
      await lockEnds(em);
      await this.catchUp();
      const known = (await readEnds(folder, signing))?.ends ?? {};
      const ends = new Map<string, ChainEnd>();
      for (const schoolId of schoolIds) {
        const { sequence, hash } = await chainHead(em, schoolId);
        const tag = schoolTag(index, schoolId);
        const restores = this.last.get(tag)?.restores ?? 0;
        const before = known[tag];
        // A chain that no longer holds its known end was cut off or restored: what tells of it stays.
        const isHeld =
          before?.restores !== restores ||
          (await hashesAt(em, schoolId, [before.sequence])).get(before.sequence) === before.hash;
        if (isHeld) ends.set(tag, { sequence, hash: base64url(hash), restores });
      }
      await addEnds(folder, signing, life, ends);
    });
  }

  /**
   * Holds every chain to what the ledger knows, before anything opens. Where one ends earlier and this is another life of
   * the database than the one that the ledger was written from, it was restored: a signed record says so for ever, and how
   * many entries it cost. In the same life entries were cut off: nothing is written, so that verification goes on finding it.
   * @param declared somebody says that it was restored, and why: for servers on which nothing else tells
   */
  async recordRestores(now: Date, declared?: string): Promise<AuditHeld> {
    const { database, index } = this.parts;
    const life = await readIncarnation(database.unscoped());
    const schools = new Map((await this.schools()).map((id) => [schoolTag(index, id), id]));
    await this.catchUp();
    const restored: RestoreRecord[] = [];
    let cutOff = 0;
    for (const tag of new Set([...this.last.keys(), ...schools.keys()])) {
      const found = await this.hold(tag, schools.get(tag) ?? null, life, now, declared);
      if (found === 'cut-off') cutOff += 1;
      else if (found) restored.push(found);
    }
    return { restored, cutOff };
  }

  private async hold(
    tag: string,
    schoolId: string | null,
    life: Incarnation,
    now: Date,
    declared?: string,
  ): Promise<RestoreRecord | 'cut-off' | null> {
    const { database, folder, signing } = this.parts;
    return database.transaction(schoolId === null ? [] : [schoolId], async (em) => {
      // A school that the database knows no more has a lock of its own, by its tag.
      await lockChain(em, schoolId ?? tag);
      await this.catchUp();
      const last = this.last.get(tag);
      if (!last || !(await isSigned(signing, last.jws))) return null;
      const ends = await readEnds(folder, signing);
      const known = newest(last, ends?.ends[tag]);
      const head = schoolId === null ? { sequence: 0, hash: GENESIS } : await chainHead(em, schoolId);
      const at = await hashesAt(em, schoolId, [known.sequence]);
      if (known.sequence === 0 || at.get(known.sequence) === known.hash) return null;
      const why = declared === undefined ? whyOf(last.record.database, ends, life) : 'declared';
      if (why === null) return 'cut-off';
      const kept = await this.kept(em, { tag, schoolId, head, known });
      const record: RestoreRecord = {
        kind: 'audit-restored',
        school: tag,
        ...kept,
        cut: Math.max(0, known.sequence - kept.sequence),
        why,
        ...(declared !== undefined && { reason: declared }),
        at: now.toISOString(),
        previous: hashOfJws(last.jws),
        database: life,
      };
      await appendLine(folder, CHECKPOINT_FILE, JSON.stringify({ jws: await signRecord(signing, record) }));
      return record;
    });
  }

  /** Up to where chain and ledger agree: the chain's end, or where a process had worked on unaware, the last sworn entry. */
  private async kept(
    em: Em,
    { tag, schoolId, head, known }: { tag: string; schoolId: string | null; head: ChainHead; known: SwornEnd },
  ): Promise<SwornEnd> {
    const sworn = new Map<number, string>();
    for await (const text of readLines(this.parts.folder, CHECKPOINT_FILE)) {
      const record = readCheckpointLine(text)?.checkpoint;
      if (record?.school !== tag) continue;
      if (record.kind === 'audit-restored') forgetAfter(sworn, record.sequence);
      if (record.sequence > 0) sworn.set(record.sequence, record.hash);
    }
    sworn.set(known.sequence, known.hash);
    const within = [...sworn].filter(([sequence]) => sequence <= head.sequence);
    const found = await hashesAt(
      em,
      schoolId,
      within.map(([sequence]) => sequence),
    );
    if (within.every(([sequence, hash]) => found.get(sequence) === hash))
      return { sequence: head.sequence, hash: base64url(head.hash) };
    const agreeing = within.filter(([sequence, hash]) => found.get(sequence) === hash).at(-1);
    return { sequence: agreeing?.[0] ?? 0, hash: agreeing?.[1] ?? base64url(GENESIS) };
  }

  private async isDue(tag: string, sequence: number, life: Incarnation, now: Date): Promise<boolean> {
    const last = this.last.get(tag);
    if (!last || !(await isSigned(this.parts.signing, last.jws))) return true;
    const { record } = last;
    // Each life swears to what it has at once: what is missing afterwards was not lost with the former one.
    if (!record.database || isOtherHome(record.database, life)) return sequence >= record.sequence;
    const age = now.getTime() - Date.parse(record.at);
    return sequence > record.sequence && (sequence - record.sequence >= EVERY_ENTRIES || age >= EVERY_MS);
  }

  /** Under the chain's lock, and of what is committed: nobody else closes the chain or writes its checkpoint meanwhile. */
  private write(schoolId: string, life: Incarnation, now: Date): Promise<boolean> {
    const { database, index, folder, signing } = this.parts;
    return database.transaction([schoolId], async (em) => {
      await lockChain(em, schoolId);
      const head = await chainHead(em, schoolId);
      await this.catchUp();
      const school = schoolTag(index, schoolId);
      if (!(await this.isDue(school, head.sequence, life, now))) return false;
      const last = this.last.get(school);
      const jws = await signRecord(signing, {
        kind: 'audit-checkpoint',
        school,
        sequence: head.sequence,
        hash: base64url(head.hash),
        at: now.toISOString(),
        previous: last ? hashOfJws(last.jws) : null,
        database: life,
      } satisfies Checkpoint);
      await appendLine(folder, CHECKPOINT_FILE, JSON.stringify({ jws }));
      return true;
    });
  }

  private heads(): Promise<Head[]> {
    return this.parts.database.transaction(EVERY_SCHOOL, (em) =>
      rows(
        em,
        sql<Head>`select s.id as school_id, h.sequence
        from (select id from schools union select '') s cross join lateral
          (select sequence from audit_entries where school_id = s.id and sequence is not null order by sequence desc limit 1) h`,
      ),
    );
  }

  private async schools(): Promise<string[]> {
    const found = await this.parts.database.transaction(EVERY_SCHOOL, (em) =>
      rows(em, sql<{ id: string }>`select id from schools union select ''`),
    );
    return found.map(({ id }) => id);
  }

  /** Reads whole lines that were appended since. */
  private async catchUp(): Promise<void> {
    let file: FileHandle;
    try {
      file = await open(join(this.parts.folder, CHECKPOINT_FILE), 'r');
    } catch {
      return;
    }
    try {
      const { size } = await file.stat();
      if (size <= this.offset) return;
      const { buffer } = await file.read(Buffer.alloc(size - this.offset), 0, size - this.offset, this.offset);
      const end = buffer.lastIndexOf('\n') + 1;
      this.offset += end;
      for (const text of buffer.subarray(0, end).toString('utf8').split('\n')) {
        const line = readCheckpointLine(text);
        if (!line?.checkpoint) continue;
        const record = line.checkpoint;
        const before = this.last.get(record.school)?.restores ?? 0;
        const isRestore = record.kind === 'audit-restored';
        if (isRestore) this.seen.push(record);
        this.last.set(record.school, { jws: line.jws, record, restores: before + (isRestore ? 1 : 0) });
      }
    } finally {
      await file.close();
    }
  }
}

const base64url = (hash: Buffer) => hash.toString('base64url');

/** What a restore voids: everything sworn about entries that it did not keep. */
export function forgetAfter(sworn: Map<number, string>, kept: number): void {
  for (const sequence of sworn.keys()) if (sequence > kept) sworn.delete(sequence);
}

const lockEnds = (em: Em) => rows(em, sql`select pg_advisory_xact_lock(hashtextextended('audit ends', 7))`);

/** The newest entry that the ledger knows of. */
export function newest(
  { record, restores }: { readonly record: Checkpoint | RestoreRecord; readonly restores: number },
  end: ChainEnd | undefined,
): SwornEnd {
  return end && end.restores === restores && end.sequence > record.sequence ? end : record;
}

/** Another server, timeline or database, wherever its log stands. */
const isOtherHome = (before: Incarnation, now: Incarnation) =>
  otherLife({ ...before, position: null }, { ...now, position: null }) !== null;

/** Positions go on between two checkpoints: the newest one is beside the ends. */
function whyOf(before: Incarnation | undefined, ends: ChainEnds | null, now: Incarnation) {
  if (!before) return null;
  const other = otherLife(before, now);
  if (other !== null || !ends?.database || isOtherHome(before, ends.database)) return other;
  return otherLife(ends.database, now);
}

async function hashesAt(
  em: Em,
  schoolId: string | null,
  sequences: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  if (schoolId === null || sequences.length === 0) return new Map();
  const found = await rows(
    em,
    sql<{
      sequence: number;
      hash: Buffer | null;
    }>`select sequence, hash from audit_entries where school_id = ${schoolId}
      and sequence in (select value::bigint from jsonb_array_elements_text(${asJson(sequences)}))`,
  );
  return new Map(found.map(({ sequence, hash }) => [sequence, hash?.toString('base64url') ?? '']));
}
