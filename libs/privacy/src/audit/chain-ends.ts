import { randomUUID } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Incarnation } from '#libs/database';
import type { SigningKeys } from '../ledger/signing-keys.js';
import { isSigned, signRecord } from './checkpoint.js';

/** File of the ledger folder: the newest end of every chain that is known, one signed line that is replaced. */
export const ENDS_FILE = 'audit-ends.jws';

/** Checkpoints stay for ever and are therefore rare; this is what is known between two of them. */
export interface ChainEnd {
  readonly sequence: number;
  /** Hash of that entry, base64url. */
  readonly hash: string;
  /** How many restores of the school were recorded by then: an end from before the latest one is void. */
  readonly restores: number;
}

export interface ChainEnds {
  readonly kind: 'audit-ends';
  readonly database: Incarnation | null;
  /** By the school's tag. */
  readonly ends: Readonly<Record<string, ChainEnd>>;
}

const NONE: ChainEnds = { kind: 'audit-ends', database: null, ends: {} };

/** @returns what stands there; null where it is not as it was signed */
export async function readEnds(folder: string, signing: SigningKeys): Promise<ChainEnds | null> {
  const jws = await readFile(join(folder, ENDS_FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (jws === null) return NONE;
  if (!(await isSigned(signing, jws))) return null;
  const ends = JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString('utf8')) as ChainEnds;
  return ends.kind === 'audit-ends' ? ends : null;
}

/** Adds these ends; one never goes back but by a restore. One writer at a time: the caller holds a lock. */
export async function addEnds(
  folder: string,
  signing: SigningKeys,
  database: Incarnation,
  added: ReadonlyMap<string, ChainEnd>,
): Promise<void> {
  const ends = { ...((await readEnds(folder, signing)) ?? NONE).ends };
  for (const [tag, end] of added) if (isNewer(end, ends[tag])) ends[tag] = end;
  const jws = await signRecord(signing, { kind: 'audit-ends', database, ends } satisfies ChainEnds);
  const next = join(folder, `.${ENDS_FILE}-${randomUUID()}`);
  const file = await open(next, 'wx', 0o600);
  try {
    await file.writeFile(jws);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(next, join(folder, ENDS_FILE));
}

const isNewer = (end: ChainEnd, known: ChainEnd | undefined) =>
  !known || end.restores > known.restores || (end.restores === known.restores && end.sequence > known.sequence);
