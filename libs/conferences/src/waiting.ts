import type { BlindIndex } from '#libs/encryption';
import { type Em, rows, sql } from '#libs/database';
import { currentMeeting, isOver, isWanted, type MeetingState, type Slot } from './model.js';
import { isPresent } from './people.js';
import { SlotStore, type SlotRef } from './slot-store.js';
import { conferenceView } from './status.js';

/** A meeting that goes on by its owner's next visit, and by nothing else. */
export interface Waiting {
  readonly slot: Slot;
  readonly meeting: MeetingState;
  /** `make`: wanted, ahead, and not yet so. `remove`: not wanted any more, and still in the owner's account. */
  readonly what: 'make' | 'remove';
  /** Parents have a working link meanwhile. */
  readonly hasLink: boolean;
  readonly since: Date;
}

/** The clean-up after an evening: its URL is forgotten already, and nobody is reminded of the rest. */
const isTidying = (meeting: MeetingState) => meeting.madeSealed !== null && meeting.urlIndex === null;

/** What waits for a person in one slot. Pure. */
export function waitingIn(slot: Slot, now: Date): Waiting[] {
  const current = isWanted(slot) && !isOver(slot.timeslot, now) ? currentMeeting(slot) : null;
  return slot.meetings
    .filter(
      (meeting) => meeting.state === 'parked' && (meeting === current || (!meeting.wished && !isTidying(meeting))),
    )
    .map((meeting) => ({
      slot,
      meeting,
      what: meeting.wished ? 'make' : 'remove',
      hasLink: conferenceView(slot, now).joinable,
      since: meeting.parkedAt ?? meeting.createdAt,
    }));
}

/** What waits for this person, in all schools where he or she still is, soonest first. */
export async function waitingFor(em: Em, deps: { index: BlindIndex; now: Date }, ownerId: string): Promise<Waiting[]> {
  const refs = await rows(
    em,
    sql<SlotRef>`select distinct m.school_id, m.timeslot_id from meetings m
    join people p on p.school_id = m.school_id and p.id = m.owner_id and ${isPresent('p')}
    where m.owner_id = ${ownerId} and m.state = 'parked'`,
  );
  const store = await SlotStore.load(em, deps.index, refs, false);
  return [...store.slots.values()]
    .flatMap((slot) => waitingIn(slot, deps.now))
    .filter(({ meeting }) => meeting.ownerId === ownerId)
    .sort((a, b) => a.slot.timeslot.startAt.getTime() - b.slot.timeslot.startAt.getTime());
}
