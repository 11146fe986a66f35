import { isOver, isWanted, type MeetingState, type Operation, type Slot } from '../model.js';

/** Compares wish and fact: what a worker must do now. Null: nothing is missing, or nothing may be done. Pure. */
export function operationFor(slot: Slot, meeting: MeetingState, now: Date): Operation | 'verify' | null {
  if (['gone', 'over', 'stuck', 'parked'].includes(meeting.state)) return null;
  if (!meeting.wished) return 'remove';
  if (!isWanted(slot)) return null;
  if (isOver(slot.timeslot, now)) return null;
  if (meeting.state === 'settled') return meeting.verifyAt && meeting.verifyAt <= now ? 'verify' : null;
  return meeting.idIndex ? 'update' : 'create';
}
