import { type Em, rows, sql } from '#libs/database';
import type { BlindIndex } from '#libs/encryption';
import { makeDue, type QueueName } from '#libs/messaging';
import type { ProviderName } from '#libs/providers';
import { ownerLane } from './slot-store.js';
import { resumeParked } from './wishes.js';

/**
 * What was found right is asked for again when a page is loaded. While it stays open and says "I am here" every minute,
 * that is after half as long as the meeting has been right, within these bounds, and before a third of the time is over
 * that is left until it begins. A change by hand soon after ours, or soon before the talk, is found soon, and an open page
 * costs a request every ten minutes for each other meeting.
 */
const SOONEST_AGAIN_MS = 20_000;
const LATEST_AGAIN_MS = 600_000;
/** Also of what begins now, or is under way. */
const LATEST_AGAIN_SOON_MS = 60_000;
const AT_MOST = 500;

/** A person, with the account that he or she is here with. */
export interface Owner {
  readonly personId: string;
  readonly provider: ProviderName;
  readonly accountIndex: Buffer;
  /** A page was loaded; not one that has been open. */
  readonly loadsPage?: boolean;
}

interface Deps {
  readonly index: BlindIndex;
  readonly now: Date;
}

/**
 * The owner is here with this account: what waited goes on (P1), and what was made is looked after (P9).
 * @returns how many meetings went on
 */
export async function ownerIsHere(em: Em, deps: Deps, owner: Owner): Promise<number> {
  const { personId, provider, accountIndex } = owner;
  const resumed = await resumeParked(em, deps, { personId, providers: [provider], accountIndex });
  await verifyMeetings(em, deps, owner);
  return resumed;
}

/**
 * Whether the meetings ahead are still as we made them can be asked now: somebody may have deleted or moved one by hand,
 * or opened a lobby. A row that another transaction holds is being changed anyway: it is left out. So is what is due by
 * then already: an open page costs one write for each look, not for each time that it says so.
 */
async function verifyMeetings(em: Em, deps: Deps, owner: Owner): Promise<void> {
  const { now } = deps;
  const inTurn = sql`least(${inMs(LATEST_AGAIN_MS)}, greatest(${inMs(LATEST_AGAIN_SOON_MS)}, (t.start_at - ${now}::timestamptz) / 3), (m.verified_at - m.settled_at) / 2)`;
  const asked = await rows(
    em,
    sql<{ id: string; schoolId: string; startAt: Date; dueAt: Date }>`
    with asked as (
      select m.id, t.start_at, look.due_at
      from meetings m join timeslots t on t.school_id = m.school_id and t.id = m.timeslot_id,
        lateral (select greatest(${now}, m.verified_at + greatest(${inMs(SOONEST_AGAIN_MS)}, ${owner.loadsPage ? inMs(0) : inTurn})) as due_at) look
      where m.owner_id = ${owner.personId} and m.provider = ${owner.provider} and m.account_index = ${owner.accountIndex}
        and m.state = 'settled' and m.wished and m.deadline is null and t.end_at > ${now} and t.status = 'planned'
        and not exists (select from dispatches d where d.queue = m.provider and d.subject_id = m.id and d.due_at <= look.due_at)
      order by m.id limit ${AT_MOST} for no key update of m skip locked
    )
    update meetings m set verify_at = least(m.verify_at, ${now}) from asked where m.id = asked.id
    returning m.id, m.school_id, asked.start_at, asked.due_at`,
  );
  await makeDue(
    em,
    asked.map((meeting) => ({
      queue: owner.provider satisfies QueueName,
      subjectId: meeting.id,
      schoolId: meeting.schoolId,
      lane: ownerLane(deps.index, owner.provider, owner.personId),
      startAt: meeting.startAt,
      // Only the look is put off: a `verify_at` ahead would hold up a removal.
      dueAt: meeting.dueAt,
      routine: true,
    })),
  );
}

const inMs = (milliseconds: number) => sql`${milliseconds}::int * interval '1 millisecond'`;
