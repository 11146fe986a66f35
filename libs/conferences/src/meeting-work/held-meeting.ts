import type { BlindIndex } from '#libs/encryption';
import type { Em } from '#libs/database';
import type { MeetingState, Slot } from '../model.js';
import { SlotStore, type SlotRef } from '../slot-store.js';

/** A meeting under the lock of its slot, in the transaction that changes it. */
export interface HeldMeeting {
  readonly em: Em;
  readonly store: SlotStore;
  readonly slot: Slot;
  readonly meeting: MeetingState;
  /** The instant of the transaction. */
  readonly now: Date;
}

/** Locks the slot until the transaction ends. Null: it, or this meeting of it, is not there any more. */
export async function holdMeeting(
  em: Em,
  index: BlindIndex,
  ref: SlotRef,
  meetingId: string,
  now: Date,
): Promise<HeldMeeting | null> {
  const store = await SlotStore.load(em, index, [ref], true);
  const slot = store.get(ref);
  const meeting = slot?.meetings.find((candidate) => candidate.id === meetingId);
  return slot && meeting ? { em, store, slot, meeting, now } : null;
}
