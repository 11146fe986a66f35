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
  /** Not wanted any more and not gone yet; one whose removal needs a person comes first. */
  removal: MeetingState | null;
  /** `reason` is about `removal`, which the provider refused or which failed too often; it is tried again by a person. */
  isRemovalStuck: boolean;
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
      removal: null,
      isRemovalStuck: false,
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
  const status = wanted ? wantedStatus(slot, current, joinable, now) : unwantedStatus(meetings);
  // What is wrong with the conference itself comes before what is left of an earlier meeting.
  const own = status === 'over' || !wanted ? null : (current?.reason ?? null);
  const removal = removalOf(meetings);
  const isRemovalStuck = own === null && removal?.state === 'stuck';
  return {
    status,
    joinable,
    provider,
    reason: isRemovalStuck ? removal!.reason : own,
    shown,
    published,
    removal,
    isRemovalStuck,
    waitsForId,
  };
}

const unwantedStatus = (meetings: readonly MeetingState[]): ConferenceStatus =>
  meetings.every(isFinished) ? 'removed' : 'removing';

function wantedStatus(slot: Slot, current: MeetingState | null, joinable: boolean, now: Date): ConferenceStatus {
  if (isOver(slot.timeslot, now)) return 'over';
  return current ? statusOf(current, joinable) : 'queued';
}

const removalOf = (meetings: readonly MeetingState[]): MeetingState | null => {
  const open = meetings.filter((meeting) => !meeting.wished && !isFinished(meeting));
  return open.find(({ state }) => state === 'stuck') ?? open.sort((a, b) => b.generation - a.generation)[0] ?? null;
};

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
