import { erasedPersonIndex, type Sealed } from '#libs/encryption';
import { EVERY_SCHOOL, asJson, rows, sql, type Database, type Em } from '#libs/database';
import { makeDue } from '#libs/messaging';
import { StartupError } from '#libs/platform';
import { PERIODS, daysAfter, type ErasureLedger, type LedgerEntry } from '#libs/privacy';
import { erasePerson, type ErasedCounts, type ErasureDeps } from './erase-person.js';
import { erasureLane, sealSubject } from './erasures.js';

/**
 * Puts a database right that is older than the ledger: a backup was restored. Whoever was erased since is erased again,
 * one transaction each, before anything opens. What waited at the provider for its owner then waits again; what was done
 * there is not asked for a second time. Several processes may do this at once.
 * @returns how many people were erased again
 * @throws StartupError where the ledger lacks lines that the database knows of
 */
export async function replayLedger(
  database: Database,
  deps: Omit<ErasureDeps, 'now'> & { readonly now: () => Date },
  ledger: ErasureLedger,
): Promise<number> {
  const entries = await ledger.entries();
  await refuseShorterLedger(database, ledger, entries.length);
  const bySchool = Map.groupBy(
    entries.filter(({ what }) => what === 'erased'),
    ({ schoolId }) => schoolId,
  );
  const done = new Map(entries.filter(({ what }) => what === 'done').map((entry) => [entry.erasureId, entry]));
  let erased = 0;
  for (const [schoolId, ofSchool] of bySchool) {
    const missing = await database.transaction([schoolId], (em) => missingOf(em, schoolId, ofSchool));
    if (missing.length === 0) continue;
    const wanted = new Map(missing.map((entry) => [entry.person, entry]));
    for (const personId of await database.transaction([schoolId], (em) => everybodyAt(em, schoolId))) {
      const entry = wanted.get(erasedPersonIndex(deps.index, schoolId, personId).toString('base64url'));
      if (!entry) continue;
      const now = deps.now();
      const subject = { schoolId, personId };
      const ended = done.get(entry.erasureId);
      const isOpen = !ended && now < dueOf(entry);
      await database.transaction([schoolId], async (em) => {
        const counts = await erasePerson(em, { ...deps, now }, subject, isOpen ? 'again' : 'again-done');
        await noteAgain(em, entry, {
          counts,
          left: ended?.leftAtProvider ?? counts.meetings,
          subjectSealed: isOpen ? await sealSubject(em, deps.keys, entry.erasureId, subject) : null,
          lane: erasureLane(deps.index, subject),
          now,
        });
      });
      wanted.delete(entry.person);
      erased += 1;
    }
    // Whom this backup never knew is dropped from later events all the same.
    await database.transaction([schoolId], async (em) => {
      for (const entry of wanted.values()) await remember(em, entry);
    });
  }
  return erased;
}

/** A ledger whose end was cut off, or another folder's, must not pass for the whole one. */
async function refuseShorterLedger(database: Database, ledger: ErasureLedger, lines: number): Promise<void> {
  const [row] = await database.transaction(EVERY_SCHOOL, (em) =>
    rows(em, sql<{ known: number | null }>`select max(ledger_sequence) as known from erasures`),
  );
  if ((row?.known ?? 0) <= lines) return;
  throw new StartupError([
    `LEDGER_DIR: ${ledger.path} has ${lines} lines, and the database knows of ${row!.known}. Bring the file back from its copy, or set LEDGER_DIR to the folder that the other processes use. Nothing opens without the whole ledger.`,
  ]);
}

const bytes = (entry: LedgerEntry) => Buffer.from(entry.person, 'base64url');

async function missingOf(em: Em, schoolId: string, entries: readonly LedgerEntry[]): Promise<LedgerEntry[]> {
  const known = await rows(
    em,
    sql<{ personIndex: Buffer }>`select person_index from erased_people where school_id = ${schoolId}`,
  );
  const there = new Set(known.map(({ personIndex }) => personIndex.toString('base64url')));
  return entries.filter((entry) => !there.has(entry.person));
}

/** Every person's id that stands anywhere in a school's rows. */
async function everybodyAt(em: Em, schoolId: string): Promise<string[]> {
  const found = await rows(
    em,
    sql<{ id: string }>`select id from people where school_id = ${schoolId}
    union select person_id from data_keys where school_id = ${schoolId} and person_id <> ''
    union select person_id from timeslot_parents where school_id = ${schoolId}
    union select teacher_id from timeslots where school_id = ${schoolId}
    union select conference_teacher_id from timeslots where school_id = ${schoolId} and conference_teacher_id is not null
    union select owner_id from conferences where school_id = ${schoolId} and owner_id is not null
    union select owner_id from meetings where school_id = ${schoolId}
    union select person_id from deliveries where school_id = ${schoolId} and person_id <> ''`,
  );
  return found.map(({ id }) => id);
}

async function remember(em: Em, entry: LedgerEntry): Promise<void> {
  await rows(
    em,
    sql`insert into erased_people (school_id, person_index, erased_at) values (${entry.schoolId}, ${bytes(entry)}, ${entry.at}) on conflict do nothing`,
  );
}

const dueOf = ({ at }: LedgerEntry) => daysAfter(new Date(at), PERIODS.erasureDueDays);

/** The erasure itself may be younger than the backup: it is known again, and a worker ends it with a receipt. */
async function noteAgain(
  em: Em,
  entry: LedgerEntry,
  again: { counts: ErasedCounts; left: number; subjectSealed: Sealed | null; lane: string; now: Date },
): Promise<void> {
  const erasedAt = new Date(entry.at);
  await rows(
    em,
    sql`insert into erasures (id, school_id, person_index, subject_sealed, cause, state, requested_at, due_at, erased_at, ledger_sequence, waiting, counts)
    values (${entry.erasureId}, ${entry.schoolId}, ${bytes(entry)}, ${again.subjectSealed}, 'request', 'erasing', ${erasedAt}, ${dueOf(entry)}, ${erasedAt},
      ${entry.sequence}, ${again.left}, ${asJson(again.counts)})
    on conflict (id) do update set state = 'erasing', erased_at = excluded.erased_at, ledger_sequence = excluded.ledger_sequence,
      subject_sealed = excluded.subject_sealed, waiting = excluded.waiting, counts = excluded.counts`,
  );
  const { lane, now } = again;
  await makeDue(em, [
    { queue: 'erasures', subjectId: entry.erasureId, schoolId: entry.schoolId, lane, startAt: now, dueAt: now },
  ]);
}
