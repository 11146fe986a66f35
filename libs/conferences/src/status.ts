import type { ProviderName } from '#libs/providers';
import { currentMeeting, isFinished, isOver, isWanted, type MeetingState, type Slot } from './model.js';

/** The words that API, pages and mails use for the state of a slot's conference. */
export const STATUSES = [
  'queued',
  'creating',
  'ready',
  'updating',
  'needs_owner',
  'retrying',
  'failed',
  'removing',
  'removed',
  'over',
] as const;
export type ConferenceStatus = (typeof STATUSES)[number];

export interface ConferenceView {
  /** Null where no conference was ever wanted. */
  status: ConferenceStatus | null;
  /** A working URL is published. A parked move is `needs_owner` and joinable. */
  joinable: boolean;
  provider: ProviderName | null;
  reason: string | null;
  /** Whose account is used, or will be (R7): the published meeting's owner first. */
  shown: MeetingState | null;
  published: MeetingState | null;
  /** Whose login is waited for, where the status is `needs_owner`: after a take-over not the one who is shown. */
  waitsForId: string | null;
}

/** The one function that derives what is shown of a slot. Pure. */
export function conferenceView(slot: Slot, now: Date): ConferenceView {
  const { conference, meetings } = slot;
  if (!conference)
    return {
      status: null,
      joinable: false,
      provider: null,
      reason: null,
      shown: null,
      published: null,
      waitsForId: null,
    };
  const published = meetings.find((meeting) => meeting.id === conference.publishedId) ?? null;
  const current = currentMeeting(slot);
  const wanted = isWanted(slot);
  const joinable = wanted && published !== null && published.urlIndex !== null;
  const shown =
    published ??
    current ??
    meetings.filter((meeting) => meeting.wished).sort((a, b) => b.generation - a.generation)[0] ??
    null;
  const provider = conference.provider ?? shown?.provider ?? null;
  const waitsForId = current?.state === 'parked' ? current.ownerId : null;
  const view = { joinable, provider, shown, published, waitsForId };
  if (!wanted) return { ...view, status: meetings.every(isFinished) ? 'removed' : 'removing', reason: null };
  if (isOver(slot.timeslot, now)) return { ...view, status: 'over', reason: null };
  return { ...view, status: current ? statusOf(current, joinable) : 'queued', reason: current?.reason ?? null };
}

function statusOf(meeting: MeetingState, joinable: boolean): ConferenceStatus {
  switch (meeting.state) {
    case 'settled':
      return 'ready';
    case 'pending':
      if (joinable) return 'updating';
      return meeting.operation === null && meeting.failures === 0 ? 'queued' : 'creating';
    case 'calling':
      return joinable ? 'updating' : 'creating';
    case 'waiting':
      return meeting.reason === 'conference-pending' ? 'creating' : 'retrying';
    case 'parked':
      return 'needs_owner';
    case 'stuck':
      return 'failed';
    case 'gone':
    case 'over':
      return 'queued';
  }
}

/** How progress counts a status; null: not counted (total = wanted slots ahead). */
export function progressBucket(status: ConferenceStatus | null): 'ready' | 'needsOwner' | 'failed' | 'working' | null {
  switch (status) {
    case 'ready':
      return 'ready';
    case 'needs_owner':
      return 'needsOwner';
    case 'failed':
      return 'failed';
    case 'queued':
    case 'creating':
    case 'updating':
    case 'retrying':
      return 'working';
    default:
      return null;
  }
}
