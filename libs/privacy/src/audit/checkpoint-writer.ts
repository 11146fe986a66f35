import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlindIndex } from '#libs/encryption';
import { type Database, rows, sql } from '#libs/database';
import { appendLine } from '../ledger/append-line.js';
import type { SigningKeys } from '../ledger/signing-keys.js';
import { chainHead, lockChain } from './chain-entries.js';
import {
  CHECKPOINT_FILE,
  type Checkpoint,
  type CheckpointLine,
  hashOfJws,
  isSigned,
  readCheckpointLine,
  schoolTag,
  signCheckpoint,
} from './checkpoint.js';

/** A school that is busy gets a checkpoint after so many entries, a quiet one after so long. */
const EVERY_ENTRIES = 1_000;
const EVERY_MS = 30 * 60_000;

/**
 * Writes the ends of the chains down outside the database, signed and chained themselves: whoever can rewrite the whole
 * database cannot rewrite these. Several processes may share the folder: each looks at what the others wrote first.
 */
export class CheckpointWriter {
  private readonly last = new Map<string, CheckpointLine & { readonly checkpoint: Checkpoint }>();
  private offset = 0;

  constructor(
    private readonly parts: {
      readonly database: Database;
      readonly index: BlindIndex;
      readonly folder: string;
      readonly signing: SigningKeys;
    },
  ) {}

  /** @returns how many schools got one */
  async run(now: Date): Promise<number> {
    const { database, index } = this.parts;
    const heads = await rows(
      database.em(),
      sql<{ schoolId: string; sequence: number }>`select s.id as school_id, h.sequence
      from (select id from schools union select '') s cross join lateral
        (select sequence from audit_entries where school_id = s.id and sequence is not null order by sequence desc limit 1) h`,
    );
    await this.catchUp();
    let written = 0;
    for (const { schoolId, sequence } of heads)
      if (await this.isDue(schoolTag(index, schoolId), sequence, now))
        written += (await this.write(schoolId, now)) ? 1 : 0;
    return written;
  }

  private async isDue(school: string, sequence: number, now: Date): Promise<boolean> {
    const last = this.last.get(school);
    if (!last || !(await isSigned(this.parts.signing, last.jws))) return true;
    const { checkpoint } = last;
    const age = now.getTime() - Date.parse(checkpoint.at);
    return sequence > checkpoint.sequence && (sequence - checkpoint.sequence >= EVERY_ENTRIES || age >= EVERY_MS);
  }

  /** Under the chain's lock, and of what is committed: nobody else closes the chain or writes its checkpoint meanwhile. */
  private write(schoolId: string, now: Date): Promise<boolean> {
    const { database, index, folder, signing } = this.parts;
    return database.transaction(async (em) => {
      await lockChain(em, schoolId);
      const head = await chainHead(em, schoolId);
      await this.catchUp();
      const school = schoolTag(index, schoolId);
      if (!(await this.isDue(school, head.sequence, now))) return false;
      const last = this.last.get(school);
      const jws = await signCheckpoint(signing, {
        kind: 'audit-checkpoint',
        school,
        sequence: head.sequence,
        hash: head.hash.toString('base64url'),
        at: now.toISOString(),
        previous: last ? hashOfJws(last.jws) : null,
      });
      await appendLine(folder, CHECKPOINT_FILE, JSON.stringify({ jws }));
      return true;
    });
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
        if (line?.checkpoint) this.last.set(line.checkpoint.school, { jws: line.jws, checkpoint: line.checkpoint });
      }
    } finally {
      await file.close();
    }
  }
}
