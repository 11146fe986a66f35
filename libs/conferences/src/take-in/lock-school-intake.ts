import { rows, sql, type Em } from '#libs/database';

/** One intake at a time per school: shuffled streams then need no other locks, and batches cannot deadlock. */
export const lockSchoolIntake = (em: Em, schoolIds: readonly string[]) =>
  rows(
    em,
    sql`select pg_advisory_xact_lock(hashtextextended('intake ' || id, 7)) from unnest(${[...schoolIds].sort()}::text[]) as id`,
  );
