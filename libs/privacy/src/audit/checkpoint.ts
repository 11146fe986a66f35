import { createHash } from 'node:crypto';
import { CompactSign, compactVerify } from 'jose';
import type { Incarnation, OtherLife } from '#libs/database';
import type { BlindIndex } from '#libs/encryption';
import type { SigningKeys } from '../ledger/signing-keys.js';

/** File of the ledger folder: one record a line, `{"jws":"<compact JWS, EdDSA>"}`. */
export const CHECKPOINT_FILE = 'audit-checkpoints.jsonl';

interface AuditRecord {
  /** Keyed hash of the school's id, base64url. */
  readonly school: string;
  readonly sequence: number;
  /** Hash of that entry, base64url. */
  readonly hash: string;
  readonly at: string;
  /** SHA-256 of the school's record before (its JWS), base64url; null for the first. */
  readonly previous: string | null;
  /** The life of the database that it was written from; records of older versions have none. */
  readonly database?: Incarnation;
}

/** What a checkpoint swears to: at this time the school's chain ended so. No id in clear. */
export interface Checkpoint extends AuditRecord {
  readonly kind: 'audit-checkpoint';
}

/** The database was restored: the school's chain ends with entry `sequence` again (0: nothing is left), and goes on from there. */
export interface RestoreRecord extends AuditRecord {
  readonly kind: 'audit-restored';
  /** Entries after `sequence` that the ledger knows of and the database has no more. */
  readonly cut: number;
  /** By what the start knew it; `declared`: somebody said so, with `reason`. */
  readonly why: OtherLife | 'declared';
  readonly reason?: string;
}

export const schoolTag = (index: BlindIndex, schoolId: string) =>
  index.of('audit-school', schoolId).toString('base64url');

export const hashOfJws = (jws: string) => createHash('sha256').update(jws).digest('base64url');

export const signRecord = (keys: SigningKeys, record: object): Promise<string> =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(record)))
    .setProtectedHeader({ alg: 'EdDSA', kid: keys.kid })
    .sign(keys.privateKey);

/** Did this key sign it? */
export const isSigned = (keys: SigningKeys, jws: string): Promise<boolean> =>
  compactVerify(jws, keys.publicKey, { algorithms: ['EdDSA'] }).then(
    () => true,
    () => false,
  );

export interface CheckpointLine {
  readonly jws: string;
  /** As it says of itself, nothing verified; null where it says nothing that can be read. */
  readonly checkpoint: Checkpoint | RestoreRecord | null;
}

/** @returns null for a line that a crash left half-written: the next line does not name it */
export function readCheckpointLine(line: string): CheckpointLine | null {
  if (/^(\{("(j(w(s("(:("[\w.-]*"?)?)?)?)?)?)?)?)?$/.test(line)) return null;
  let jws = '';
  try {
    jws = String((JSON.parse(line) as { jws?: unknown }).jws);
    const checkpoint = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8')) as
      Checkpoint | RestoreRecord;
    const isOne =
      ['audit-checkpoint', 'audit-restored'].includes(checkpoint.kind) && Number.isSafeInteger(checkpoint.sequence);
    return { jws, checkpoint: isOne ? checkpoint : null };
  } catch {
    return { jws, checkpoint: null };
  }
}
