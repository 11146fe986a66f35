import {
  currentMeeting,
  isEntitled,
  isFinished,
  isOver,
  isSameTime,
  isWanted,
  wasNeverMade,
  type MeetingState,
  type Slot,
} from './model.js';

/**
 * Makes the meetings' wishes follow what the school wants, whatever happened and in whatever order. The one place that
 * decides when a generation begins, is published, and must go. Changes `slot`.
 *
 * Create before delete: a published meeting stays until the one that replaces it is published (P6); what nobody may see
 * any more goes at once. Nothing is made for a slot that is over (P2).
 * @returns the meetings that a worker has something to do for now
 */
export function reconcile(slot: Slot, now: Date, newId: () => string): MeetingState[] {
  const { conference, timeslot, meetings } = slot;
  if (!conference) return [];
  // A removal that somebody started again is due whatever is wanted by now.
  const due = new Set(meetings.filter((meeting) => !meeting.wished && meeting.state === 'pending'));

  if (!isWanted(slot)) {
    conference.publishedId = null;
    for (const meeting of meetings) if (meeting.wished && !isFinished(meeting)) dismiss(meeting, due);
    return [...due];
  }

  for (const meeting of meetings) {
    const seenByFormerParent = slot.parents.some((parent) => !isEntitled(parent) && parent.revealedId === meeting.id);
    if (seenByFormerParent && meeting.wished && !isFinished(meeting)) meeting.retired = true;
  }

  if (isOver(timeslot, now)) {
    for (const meeting of meetings)
      if (meeting.wished && !isFinished(meeting) && wasNeverMade(meeting)) meeting.state = 'over';
    return [...due];
  }

  const published = meetings.find((meeting) => meeting.id === conference.publishedId);
  if (!published?.wished || isFinished(published)) conference.publishedId = null;
  const current = currentMeeting(slot) ?? begin(slot, now, newId, due);
  const moved =
    current.madeStart !== null &&
    !(isSameTime(current.madeStart, timeslot.startAt) && isSameTime(current.madeEnd, timeslot.endAt));
  if (moved && current.state === 'settled') {
    // Looks that had no outcome do not count against the wish.
    Object.assign(current, { wishVersion: current.wishVersion + 1, state: 'pending', starts: 0 });
  }
  if (current.state === 'pending') due.add(current);
  const usable = current.urlIndex !== null && current.settledVersion > 0;
  if (usable) conference.publishedId = current.id;
  for (const meeting of meetings) {
    if (meeting === current || !meeting.wished || isFinished(meeting)) continue;
    if (meeting.id !== conference.publishedId) dismiss(meeting, due);
  }
  return [...due];
}

function begin(slot: Slot, now: Date, newId: () => string, due: Set<MeetingState>): MeetingState {
  const conference = slot.conference!;
  conference.generations += 1;
  const meeting: MeetingState = {
    id: newId(),
    schoolId: conference.schoolId,
    timeslotId: conference.timeslotId,
    generation: conference.generations,
    provider: conference.provider!,
    ownerId: conference.ownerId!,
    wished: true,
    retired: false,
    wishVersion: 1,
    settledVersion: 0,
    state: 'pending',
    reason: null,
    epoch: 0,
    failures: 0,
    starts: 0,
    operation: null,
    deadline: null,
    accountIndex: null,
    accountSealed: null,
    madeSealed: null,
    idIndex: null,
    urlIndex: null,
    madeStart: null,
    madeEnd: null,
    verifyAt: null,
    verifiedAt: null,
    createdAt: now,
    settledAt: null,
    parkedAt: null,
  };
  slot.meetings.push(meeting);
  due.add(meeting);
  return meeting;
}

function dismiss(meeting: MeetingState, due: Set<MeetingState>): void {
  meeting.wished = false;
  meeting.wishVersion += 1;
  meeting.failures = 0;
  // A worker that is calling right now finds the new wish when it writes its result down.
  if (meeting.state === 'calling') return;
  if (wasNeverMade(meeting)) {
    meeting.state = 'gone';
    return;
  }
  meeting.state = 'pending';
  meeting.reason = null;
  due.add(meeting);
}
