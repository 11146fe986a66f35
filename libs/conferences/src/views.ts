import type { BlindIndex } from '#libs/encryption';
import { type DataKeys, type Em, rows, sql } from '#libs/database';
import type { ProviderName } from '#libs/providers';
import { openMade } from './meeting-work/made.js';
import { accountContext } from './meeting-work/sealed-contexts.js';
import type { MeetingState, Slot } from './model.js';
import { profilesOf } from './people.js';
import { SlotStore, type SlotRef } from './slot-store.js';
import { conferenceView, progressBucket, type ConferenceStatus } from './status.js';

interface Deps {
  readonly keys: DataKeys;
  readonly index: BlindIndex;
  readonly now: Date;
}

interface Owner {
  readonly id: string;
  readonly name: string;
  readonly account: string | null;
}

/** One row as teachers, colleagues and admins see it; `meetingUrl` only where the viewer may have it. */
export interface ConferenceRow {
  readonly timeslotId: string;
  readonly teacherId: string;
  readonly start: Date;
  readonly end: Date;
  readonly status: ConferenceStatus | null;
  readonly joinable: boolean;
  readonly provider: ProviderName | null;
  /** Whose account (R7): person id, name and the account's e-mail address where it is known yet. */
  readonly owner: Owner | null;
  readonly reason: string | null;
  /**
   * In whose account a meeting is that is not wanted any more and could not be removed: `reason` says why, and somebody
   * must try it again. The row may be ready all the same, with another meeting. Null: none.
   */
  readonly leftIn: Owner | null;
  readonly meetingUrl: string | null;
  /** Person id of whose login is waited for; null where nobody's is. */
  readonly waitsForId: string | null;
}

/** A place in a list that is ordered by start. */
export interface Cursor {
  readonly start: Date;
  readonly id: string;
}

/** The slots of an evening in order of start; null where the school has no such evening. */
export async function slotsOfEvening(
  em: Em,
  deps: Deps,
  schoolId: string,
  eveningId: string,
  page?: { limit: number; after: Cursor | null },
): Promise<Slot[] | null> {
  const [known] = await rows(em, sql`select 1 from evenings where school_id = ${schoolId} and id = ${eveningId}`);
  if (!known) return null;
  const after = page?.after ?? null;
  const refs = await rows(
    em,
    sql<SlotRef>`select school_id, id as timeslot_id from timeslots where school_id = ${schoolId} and evening_id = ${eveningId}
    ${after ? sql`and (start_at, id) > (${after.start}, ${after.id})` : sql``} order by start_at, id ${page ? sql`limit ${page.limit}` : sql``}`,
  );
  const store = await SlotStore.load(em, deps.index, refs, false);
  return refs.map((ref) => store.get(ref)!);
}

export async function slotOf(em: Em, deps: Pick<Deps, 'index'>, ref: SlotRef): Promise<Slot | null> {
  return (await SlotStore.load(em, deps.index, [ref], false)).get(ref) ?? null;
}

/** What `viewerId` may see of these slots of one school. */
export async function conferenceRows(
  em: Em,
  deps: Deps,
  schoolId: string,
  slots: readonly Slot[],
  viewerId: string,
): Promise<ConferenceRow[]> {
  const views = slots.map((slot) => ({ slot, view: conferenceView(slot, deps.now) }));
  const ownerIds = views.flatMap(({ slot, view }) =>
    [view.shown?.ownerId, view.removal?.ownerId, slot.conference?.ownerId].filter((id) => id != null),
  );
  const owners = await profilesOf(em, deps.keys, schoolId, ownerIds);
  await deps.keys.load(em, [{ school: schoolId }]);
  return Promise.all(
    views.map(async ({ slot, view }): Promise<ConferenceRow> => {
      const inAccountOf = async (meeting: MeetingState): Promise<Owner> => ({
        id: meeting.ownerId,
        name: owners.get(meeting.ownerId)?.name ?? '',
        account: meeting.accountSealed
          ? (await deps.keys.open(meeting.accountSealed, accountContext(meeting))).reveal()
          : null,
      });
      // While it is being removed, the account that it is still in.
      const shown = view.shown ?? (view.status === 'removing' ? view.removal : null);
      const wishedBy = view.status === null || view.status === 'removed' ? null : (slot.conference?.ownerId ?? null);
      const maySeeUrl = viewerId === slot.timeslot.teacherId || viewerId === view.published?.ownerId;
      return {
        timeslotId: slot.timeslot.id,
        teacherId: slot.timeslot.teacherId,
        start: slot.timeslot.startAt,
        end: slot.timeslot.endAt,
        status: view.status,
        joinable: view.joinable,
        provider: view.provider,
        owner: shown
          ? await inAccountOf(shown)
          : wishedBy === null
            ? null
            : { id: wishedBy, name: owners.get(wishedBy)?.name ?? '', account: null },
        reason: view.reason,
        leftIn: view.isRemovalStuck ? await inAccountOf(view.removal!) : null,
        waitsForId: view.waitsForId,
        meetingUrl: maySeeUrl && view.joinable && view.published ? await meetingUrlOf(deps.keys, view.published) : null,
      };
    }),
  );
}

/** Opens a meeting's URL. The caller has decided who may see it. The school's key must be loaded. */
export async function meetingUrlOf(keys: DataKeys, meeting: MeetingState): Promise<string | null> {
  if (!meeting.madeSealed) return null;
  return (await openMade(keys, meeting, meeting.madeSealed)).url;
}

export interface Counts {
  total: number;
  ready: number;
  needsOwner: number;
  failed: number;
  working: number;
}

export const noCounts = (): Counts => ({ total: 0, ready: 0, needsOwner: 0, failed: 0, working: 0 });

/** Counts of wanted slots ahead, as a whole and per teacher. Pure. */
export function progressOf(slots: readonly Slot[], now: Date): { counts: Counts; perTeacher: Map<string, Counts> } {
  const counts = noCounts();
  const perTeacher = new Map<string, Counts>();
  for (const slot of slots) {
    const bucket = progressBucket(conferenceView(slot, now).status);
    if (!bucket) continue;
    let own = perTeacher.get(slot.timeslot.teacherId);
    if (!own) perTeacher.set(slot.timeslot.teacherId, (own = noCounts()));
    for (const sum of [counts, own]) {
      sum.total += 1;
      sum[bucket] += 1;
    }
  }
  return { counts, perTeacher };
}
