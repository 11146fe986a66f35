import type { BlindIndex } from '#libs/encryption';
import { type Em, rows, sql } from '#libs/database';
import type { ProviderName } from '#libs/providers';
import { currentMeeting, isOver, type Slot } from './model.js';
import { conferenceView } from './status.js';
import { SlotStore, type SlotRef } from './slot-store.js';
import { restartStuck } from './restart-stuck.js';

/** Who wishes: a person of one school. */
export interface Wisher {
  readonly schoolId: string;
  readonly personId: string;
}

/** A slot or evening that is not there for this caller; foreign and unknown ones are told alike. */
export class NotFound extends Error {
  constructor() {
    super('There is no such thing here, or it is not yours.');
  }
}

/** Somebody else changed it first. */
export class TakenMeanwhile extends Error {
  constructor() {
    super('Somebody else owns this meeting by now. Look again before you replace it.');
  }
}

interface Deps {
  readonly index: BlindIndex;
  readonly now: Date;
}

/**
 * The wisher wants conferences in their own account for slots of their own. What a colleague owns stays untouched;
 * another provider replaces, unless `onlyMissing`.
 * @returns how many slots ahead were accepted, and the slots for notices
 * @throws NotFound for a slot that is not the wisher's, or an evening without one; then nothing is accepted
 */
export async function wantConferences(
  em: Em,
  deps: Deps,
  wisher: Wisher,
  wish: { provider: ProviderName; timeslotIds?: readonly string[]; eveningId?: string; onlyMissing?: boolean },
): Promise<{ accepted: number; slots: Slot[] }> {
  const ids = wish.timeslotIds ?? (await ownSlotsOf(em, wisher, wish.eveningId!));
  const store = await SlotStore.load(
    em,
    deps.index,
    ids.map((timeslotId) => ({ schoolId: wisher.schoolId, timeslotId })),
    true,
  );
  const slots = [...store.slots.values()];
  if (slots.length !== new Set(ids).size || slots.some((slot) => slot.timeslot.teacherId !== wisher.personId))
    throw new NotFound();
  let accepted = 0;
  for (const slot of slots) {
    if (isOver(slot.timeslot, deps.now)) continue;
    accepted += 1;
    const { conference, timeslot } = slot;
    if (conference?.provider && conference.ownerId !== wisher.personId) continue;
    if (conference?.provider && wish.onlyMissing) continue;
    if (conference) Object.assign(conference, { provider: wish.provider, ownerId: wisher.personId });
    else
      slot.conference = {
        schoolId: timeslot.schoolId,
        timeslotId: timeslot.id,
        provider: wish.provider,
        ownerId: wisher.personId,
        generations: 0,
        publishedId: null,
        announced: null,
      };
  }
  await store.save(deps.now);
  return { accepted, slots };
}

async function ownSlotsOf(em: Em, wisher: Wisher, eveningId: string): Promise<string[]> {
  const found = await rows(
    em,
    sql<{
      id: string;
    }>`select id from timeslots where school_id = ${wisher.schoolId} and evening_id = ${eveningId} and teacher_id = ${wisher.personId} and status = 'planned'`,
  );
  if (found.length > 0) return found.map((row) => row.id);
  throw new NotFound();
}

/** May change a slot's conference: its teacher, the meeting's owner, an admin of the school. */
export const mayChange = (slot: Slot, caller: Wisher & { isAdmin: boolean }) =>
  caller.isAdmin ||
  slot.timeslot.teacherId === caller.personId ||
  slot.conference?.ownerId === caller.personId ||
  slot.meetings.some((meeting) => meeting.id === slot.conference?.publishedId && meeting.ownerId === caller.personId);

async function loadOne(em: Em, deps: Deps, ref: SlotRef): Promise<{ store: SlotStore; slot: Slot }> {
  const store = await SlotStore.load(em, deps.index, [ref], true);
  const slot = store.get(ref);
  if (!slot) throw new NotFound();
  return { store, slot };
}

/** No longer wanted. @throws NotFound where the caller may not change it or there is none */
export async function unwantConference(
  em: Em,
  deps: Deps,
  ref: SlotRef,
  caller: Wisher & { isAdmin: boolean },
): Promise<Slot[]> {
  const { store, slot } = await loadOne(em, deps, ref);
  if (!mayChange(slot, caller) || !slot.conference) throw new NotFound();
  slot.conference.provider = null;
  await store.save(deps.now);
  return [slot];
}

/** Tries a failed or waiting meeting, or removal, again now; what is ready is looked at. The owner of a removal that is stuck may, too. @throws NotFound */
export async function retryConference(
  em: Em,
  deps: Deps,
  ref: SlotRef,
  caller: Wisher & { isAdmin: boolean },
): Promise<Slot[]> {
  const { store, slot } = await loadOne(em, deps, ref);
  const isLeftWithCaller = slot.meetings.some(
    (meeting) => meeting.state === 'stuck' && !meeting.wished && meeting.ownerId === caller.personId,
  );
  if (!(mayChange(slot, caller) || isLeftWithCaller) || !slot.conference) throw new NotFound();
  restartStuck(slot);
  for (const meeting of slot.meetings)
    if (meeting.state === 'waiting' && meeting.reason !== 'rate-limit' && meeting.reason !== 'account-quota')
      meeting.state = 'pending';
  const looked = slot.meetings.filter(({ state, wished, deadline }) => state === 'settled' && wished && !deadline);
  for (const meeting of looked) meeting.verifyAt = deps.now;
  await store.save(deps.now, [...slot.meetings.filter((meeting) => meeting.state === 'pending'), ...looked]);
  return [slot];
}

/**
 * Replaced by meetings in the caller's account; the old one stays published until the new one is.
 * @param from the owner as the caller saw it, or the slot's teacher where there is none
 * @throws NotFound, TakenMeanwhile
 */
export async function takeOver(
  em: Em,
  deps: Deps,
  caller: Wisher,
  target: { timeslotId: string } | { eveningId: string },
  from: string,
  provider: ProviderName,
): Promise<Slot[]> {
  const refs =
    'timeslotId' in target
      ? [{ schoolId: caller.schoolId, timeslotId: target.timeslotId }]
      : await rows(
          em,
          sql<SlotRef>`select school_id, id as timeslot_id from timeslots where school_id = ${caller.schoolId} and evening_id = ${target.eveningId} and status = 'planned'`,
        );
  const store = await SlotStore.load(em, deps.index, refs, true);
  const slots = [...store.slots.values()];
  if (slots.length === 0) throw new NotFound();
  const stillAhead = slots.filter((slot) => !isOver(slot.timeslot, deps.now));
  const ahead = stillAhead.filter((slot) => ownerAsSeen(slot, deps.now) === from && !isBeingReplaced(slot, caller));
  if (ahead.length === 0 && stillAhead.length > 0) throw new TakenMeanwhile();
  for (const slot of ahead) {
    if (slot.conference) Object.assign(slot.conference, { provider, ownerId: caller.personId });
    else
      slot.conference = {
        schoolId: slot.timeslot.schoolId,
        timeslotId: slot.timeslot.id,
        provider,
        ownerId: caller.personId,
        generations: 0,
        publishedId: null,
        announced: null,
      };
  }
  await store.save(deps.now);
  return ahead;
}

/** Somebody else took it over, and their meeting is being made right now. One that waits for a login can be taken over. */
const isBeingReplaced = (slot: Slot, caller: Wisher): boolean => {
  const { conference } = slot;
  const current = currentMeeting(slot);
  return (
    current !== null &&
    current.id !== conference?.publishedId &&
    conference?.publishedId != null &&
    ![caller.personId, slot.timeslot.teacherId].includes(current.ownerId) &&
    current.state !== 'parked' &&
    current.state !== 'stuck'
  );
};

const ownerAsSeen = (slot: Slot, now: Date) =>
  conferenceView(slot, now).shown?.ownerId ??
  (slot.conference?.provider ? slot.conference.ownerId : slot.timeslot.teacherId);

/** Reasons that an owner's visit ends. */
const NEEDS_LOGIN = ['no-login', 'login-ended', 'token-rejected', 'scope-missing', 'other-account', 'owner-left'];

/**
 * The owner is here, with this account: what waited for the login goes on, in all the person's schools. A meeting that
 * is bound to another account keeps waiting for that one.
 * @returns how many meetings went on
 */
export async function resumeParked(
  em: Em,
  deps: Deps,
  owner: { personId: string; providers: readonly ProviderName[]; accountIndex: Buffer },
): Promise<number> {
  const parked = await rows(
    em,
    sql<SlotRef & { id: string }>`
    select id, school_id, timeslot_id from meetings where owner_id = ${owner.personId} and state = 'parked'
      and provider = any(${[...owner.providers]}::text[]) and reason = any(${NEEDS_LOGIN}::text[])
      and (account_index is null or account_index = ${owner.accountIndex})`,
  );
  if (parked.length === 0) return 0;
  const store = await SlotStore.load(em, deps.index, parked, true);
  const ids = new Set(parked.map((row) => row.id));
  const resumed = [...store.slots.values()].flatMap((slot) =>
    slot.meetings.filter((meeting) => ids.has(meeting.id) && meeting.state === 'parked'),
  );
  for (const meeting of resumed) Object.assign(meeting, { state: 'pending', reason: null });
  await store.save(deps.now, resumed);
  return resumed.filter((meeting) => meeting.state === 'pending').length;
}
