import { conferenceView, slotsOfEvening, type MeetingState, type Slot } from '#libs/conferences';
import { EVERY_SCHOOL, type DataKeys, type Database, rows, sql } from '#libs/database';
import type { BlindIndex } from '#libs/encryption';
import { aloneInLane, writeDeliveries } from './new-deliveries.js';

/** Colleagues hear when an evening has been quiet this long, so that one press of a button is one digest. */
const QUIET_MS = 10_000;
/** A later change of accounts is told at most once a day. */
const AT_MOST_EVERY_MS = 24 * 3_600_000;

export interface DigestEntry {
  readonly teacherId: string;
  /** One of the meetings, for its owner and account. */
  readonly meeting: MeetingState;
  readonly meetings: number;
}

/** Whose account is used for which teacher's slots ahead (R7). Pure. */
export function digestRowsOf(slots: readonly Slot[], now: Date): DigestEntry[] {
  const entries = new Map<string, { teacherId: string; meeting: MeetingState; meetings: number }>();
  for (const slot of slots) {
    const view = conferenceView(slot, now);
    if (view.status === 'over' || !view.joinable || !view.published) continue;
    const key = JSON.stringify([
      slot.timeslot.teacherId,
      view.published.ownerId,
      view.published.provider,
      view.published.accountIndex?.toString('hex'),
    ]);
    const entry = entries.get(key);
    if (entry) entry.meetings += 1;
    else entries.set(key, { teacherId: slot.timeslot.teacherId, meeting: view.published, meetings: 1 });
  }
  return [...entries.values()];
}

/**
 * Plans the digests of evenings that became quiet: each teacher of an evening with several gets one mail that names whose
 * account was used. Another only when that changed, and at most once a day.
 */
export async function planDigests(
  deps: { database: Database; keys: DataKeys; index: BlindIndex },
  now: Date,
): Promise<number> {
  const quiet = await deps.database.transaction(EVERY_SCHOOL, (em) =>
    rows(
      em,
      sql<{ schoolId: string; id: string }>`
    select e.school_id, e.id from evenings e
    join timeslots t on t.school_id = e.school_id and t.evening_id = e.id
    join meetings m on m.school_id = t.school_id and m.timeslot_id = t.id
    where m.wished and t.end_at > ${now} and (e.digested_at is null or e.digested_at < ${new Date(now.getTime() - AT_MOST_EVERY_MS)})
    group by e.school_id, e.id, e.digested_at
    having max(m.settled_at) > coalesce(e.digested_at, '-infinity') and max(m.settled_at) < ${new Date(now.getTime() - QUIET_MS)}
      and bool_and(m.state not in ('pending', 'calling', 'waiting')) limit 20`,
    ),
  );
  for (const evening of quiet) await planDigest(deps, evening, now);
  return quiet.length;
}

function planDigest(
  deps: { database: Database; keys: DataKeys; index: BlindIndex },
  evening: { schoolId: string; id: string },
  now: Date,
): Promise<void> {
  return deps.database.transaction([evening.schoolId], async (em) => {
    const [row] = await rows(
      em,
      sql<{
        digestHash: string | null;
        digestSequence: number;
        digestedAt: Date | null;
      }>`select digest_hash, digest_sequence, digested_at from evenings where school_id = ${evening.schoolId} and id = ${evening.id} for update`,
    );
    if (!row || (row.digestedAt && now.getTime() - row.digestedAt.getTime() < AT_MOST_EVERY_MS)) return;
    const slots = (await slotsOfEvening(em, { ...deps, now }, evening.schoolId, evening.id)) ?? [];
    const entries = digestRowsOf(slots, now);
    const hash = deps.index
      .of(
        'digest',
        ...entries
          .map(({ teacherId, meeting }) =>
            JSON.stringify([teacherId, meeting.ownerId, meeting.accountIndex?.toString('hex')]),
          )
          .sort(),
      )
      .toString('hex');
    const teachers = [...new Set(slots.map((slot) => slot.timeslot.teacherId))];
    const tell = hash !== row.digestHash && teachers.length > 1 && entries.length > 0;
    const sequence = row.digestSequence + (tell ? 1 : 0);
    await rows(
      em,
      sql`update evenings set digested_at = ${now}, digest_hash = ${hash}, digest_sequence = ${sequence} where school_id = ${evening.schoolId} and id = ${evening.id}`,
    );
    if (!tell) return;
    const startAt = slots[0]!.timeslot.startAt;
    await writeDeliveries(
      em,
      teachers.map((personId) =>
        aloneInLane({
          schoolId: evening.schoolId,
          personId,
          timeslotId: '',
          eveningId: evening.id,
          channel: 'email',
          kind: 'digest',
          sequence,
          createdAt: now,
          startAt,
        }),
      ),
    );
  });
}
