import { createHash } from 'node:crypto';

/** One row of `audit_entries` as the chain sees it: ciphertext and keyed hashes, nothing opened. */
export interface ChainedFields {
  readonly id: string;
  readonly schoolId: string;
  readonly at: Date;
  readonly action: string;
  readonly actorKind: string;
  readonly actorTag: Buffer | null;
  readonly actorSealed: string | null;
  readonly subjectTag: Buffer | null;
  readonly aboutSealed: string | null;
}

/** Before a school's first entry. */
export const GENESIS = Buffer.alloc(32);

const hex = (value: Buffer | null) => value?.toString('hex') ?? null;

/** SHA-256 over everything that an entry holds, its place, and the hash before: none of it can change unseen. */
export const entryHash = (entry: ChainedFields, sequence: number, previous: Buffer): Buffer =>
  createHash('sha256')
    .update(
      JSON.stringify([
        'audit-entry-1',
        entry.schoolId,
        sequence,
        hex(previous),
        entry.id,
        entry.at.toISOString(),
        entry.action,
        entry.actorKind,
        hex(entry.actorTag),
        entry.actorSealed,
        hex(entry.subjectTag),
        entry.aboutSealed,
      ]),
    )
    .digest();
