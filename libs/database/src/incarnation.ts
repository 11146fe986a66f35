import { type Em, rows, sql } from './database.js';

/**
 * Which life of a database this is: what only its server, not the owner of our tables, can change. A restored copy differs
 * in at least one of these, or stands at an earlier position; a database whose rows were deleted does not. Where a server
 * does not say something, that is null.
 */
export interface Incarnation {
  /** Of the cluster, made by initdb: a dump that was restored elsewhere has another. */
  readonly system: string | null;
  /** One more after each point-in-time recovery and each promotion of a replica. */
  readonly timeline: number | null;
  /** Within the cluster: one that was dropped and made again has another. */
  readonly database: string;
  /** Bytes of log written so far. A copy of the data folder that was put back stands at an earlier one. */
  readonly position: number | null;
}

export async function readIncarnation(em: Em): Promise<Incarnation> {
  const [database] = await rows(
    em,
    sql<{ oid: string }>`select oid::text as oid from pg_database where datname = current_database()`,
  );
  const system = await saidBy(() =>
    rows(em, sql<{ said: string }>`select system_identifier::text as said from pg_control_system()`),
  );
  const log = await saidBy(() =>
    rows(
      em,
      sql<{
        said: string;
      }>`select pg_walfile_name(pg_current_wal_lsn()) || ' ' || (pg_current_wal_lsn() - '0/0'::pg_lsn) as said`,
    ),
  );
  const [file, position] = log?.split(' ') ?? [];
  return {
    system,
    timeline: file === undefined ? null : Number.parseInt(file.slice(0, 8), 16),
    database: database!.oid,
    position: position === undefined ? null : Number(position),
  };
}

/** Not every server lets its roles ask: the privilege may be taken away, or the function be missing. */
async function saidBy(ask: () => Promise<{ said: string }[]>): Promise<string | null> {
  try {
    return (await ask())[0]?.said ?? null;
  } catch (error) {
    if (['42501', '42883', '0A000', '55000'].includes((error as { code?: string }).code ?? '')) return null;
    throw error;
  }
}

/** How this life differs from one that was seen before; null where it is the same, as far as both are known. */
export type OtherLife = 'other-server' | 'other-timeline' | 'other-database' | 'older-position';

export function otherLife(before: Incarnation, now: Incarnation): OtherLife | null {
  if (differ(before.system, now.system)) return 'other-server';
  if (differ(before.timeline, now.timeline)) return 'other-timeline';
  if (before.database !== now.database) return 'other-database';
  if (before.position !== null && now.position !== null && now.position < before.position) return 'older-position';
  return null;
}

const differ = <T>(one: T | null, other: T | null) => one !== null && other !== null && one !== other;
