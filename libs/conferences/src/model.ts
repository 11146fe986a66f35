import type { Sealed } from '#libs/encryption';
import type { ProviderName } from '#libs/providers';

/** A timeslot as the parent-meetings module told it last. Instants are UTC. */
export interface TimeslotState {
  schoolId: string;
  id: string;
  eveningId: string;
  teacherId: string;
  version: number;
  startAt: Date;
  endAt: Date;
  status: 'planned' | 'cancelled';
  /** What the highest version that spoke of the conference said. */
  conferenceVersion: number | null;
  conferenceProvider: ProviderName | null;
  conferenceTeacherId: string | null;
}

/** What a message to a parent of a slot says; times as ISO instants. */
export interface Told {
  cancelled: boolean;
  /** Beside `cancelled`: the video was taken away while the slot stays. */
  removed?: boolean;
  start: string;
  end: string;
  teacherId: string;
  /** Owner of the published meeting; missing in rows of before it was told. */
  ownerId?: string | null;
  /** It said "a colleague" of that owner. */
  ownerUnnamed?: boolean;
  /** The start that this parent believed in before. */
  previousStart?: string | null;
  /** Attempted, given up, and nobody knows whether it arrived. */
  unsure?: boolean;
}

export interface ParentState {
  schoolId: string;
  timeslotId: string;
  personId: string;
  /** The slot names this parent. A parent who left the school is not entitled all the same: see `isEntitled`. */
  assigned: boolean;
  household: string | null;
  aboutSealed: Sealed | null;
  /** The meeting whose URL this parent was sent to, or could have been. */
  revealedId: string | null;
  /** Number of the next message; it only ever rises. */
  toldSequence: number;
  /** What the last planned message says; differs from `heard` while a message is unsent and was never attempted. */
  told: Told | null;
  /** What the last message says whose sending was attempted. */
  heard: Told | null;
  /** From the person's row: false after `person.left` until a later event names the person again. */
  present: boolean;
}

/** What the school wants for one timeslot. `provider` null: nothing (any more). */
export interface ConferenceState {
  schoolId: string;
  timeslotId: string;
  provider: ProviderName | null;
  ownerId: string | null;
  generations: number;
  publishedId: string | null;
  /** What programs were told last: `status:version:joinable:count`, and a word where a removal was stuck. */
  announced: string | null;
}

/** See docs/architecture.md for the picture. */
export type MeetingStateWord = 'pending' | 'calling' | 'settled' | 'parked' | 'waiting' | 'stuck' | 'gone' | 'over';

export type Operation = 'create' | 'update' | 'remove';

/** One generation of a conference's meeting. */
export interface MeetingState {
  id: string;
  schoolId: string;
  timeslotId: string;
  generation: number;
  provider: ProviderName;
  ownerId: string;
  wished: boolean;
  retired: boolean;
  wishVersion: number;
  settledVersion: number;
  state: MeetingStateWord;
  reason: string | null;
  epoch: number;
  failures: number;
  /** Claims in a row that ended without a written outcome: a poison meeting kills its workers. */
  starts: number;
  /** The intent: committed before a call, cleared when it is known that the call did nothing or what it did. */
  operation: Operation | null;
  deadline: Date | null;
  accountIndex: Buffer | null;
  accountSealed: Sealed | null;
  madeSealed: Sealed | null;
  idIndex: Buffer | null;
  urlIndex: Buffer | null;
  madeStart: Date | null;
  madeEnd: Date | null;
  /**
   * When the provider must be asked whether it still has what we believe. A worker that was frozen cannot write here, but
   * it can still call: every claim taken from somebody sets this.
   */
  verifyAt: Date | null;
  verifiedAt: Date | null;
  createdAt: Date;
  settledAt: Date | null;
  /** Since when it waits for a person; `SlotStore.save` keeps it. */
  parkedAt: Date | null;
}

/** Everything that decides about one slot. */
export interface Slot {
  school: { id: string; timeZone: string; locale: string; revealMinutes: number | null };
  timeslot: TimeslotState;
  parents: ParentState[];
  conference: ConferenceState | null;
  meetings: MeetingState[];
}

/** May this parent join, see and hear? */
export const isEntitled = (parent: Pick<ParentState, 'assigned' | 'present'>) => parent.assigned && parent.present;

export const isOver = (timeslot: Pick<TimeslotState, 'endAt'>, now: Date) => timeslot.endAt.getTime() <= now.getTime();

/** The school wants a conference, and the slot takes place. */
export const isWanted = (slot: Pick<Slot, 'timeslot' | 'conference'>) =>
  (slot.conference?.provider ?? null) !== null && slot.timeslot.status === 'planned';

/** Providers keep whole seconds: a finer difference would be repaired again and again. */
export const isSameTime = (made: Date | null, wanted: Date) =>
  made !== null && Math.floor(made.getTime() / 1000) === Math.floor(wanted.getTime() / 1000);

/** A provider may keep whole minutes; what differs by less would be brought to the wish for ever. */
const MINUTE_MS = 60_000;
export const isSameMinute = (seen: Date | null, wanted: Date) =>
  seen !== null && Math.abs(seen.getTime() - wanted.getTime()) < MINUTE_MS;

/** A worker has it in hand, whatever its state says. */
export const isClaimed = (meeting: MeetingState, now: Date) => meeting.deadline !== null && meeting.deadline > now;

/** Nothing of it can be at the provider: no call was ever intended, or the last one surely did nothing. */
export const wasNeverMade = (meeting: MeetingState) => meeting.madeSealed === null && meeting.operation === null;

export const isFinished = (meeting: MeetingState) => meeting.state === 'gone' || meeting.state === 'over';

/** The generation that serves the wish now, if there is one yet. */
export const currentMeeting = (slot: Slot): MeetingState | null =>
  slot.meetings
    .filter(
      (meeting) =>
        meeting.wished &&
        !meeting.retired &&
        !isFinished(meeting) &&
        meeting.provider === slot.conference?.provider &&
        meeting.ownerId === slot.conference.ownerId,
    )
    .sort((a, b) => b.generation - a.generation)[0] ?? null;
