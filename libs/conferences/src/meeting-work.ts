import { type BlindIndex, Secret } from '#libs/encryption';
import { type DataKeys, type Database, type Em, rows, schoolsOf, sql } from '#libs/database';
import { DUE_CHANNEL, clearDue, holdDue, pauseLane, releaseDue, wakeRelay } from '#libs/messaging';
import { ProviderError, type MeetingSeen, type MeetingWish, type ProviderName } from '#libs/providers';
import type { Clock, Timers } from '#libs/platform';
import {
  isClaimed,
  isFinished,
  isOver,
  isSameTime,
  isWanted,
  wasNeverMade,
  type MeetingState,
  type Operation,
  type Slot,
} from './model.js';
import { isMeetingHost } from './meeting-host.js';
import { afterFailure } from './after-failure.js';
import { erasureLane } from './erasure/erasures.js';
import { ownerLane, SlotStore } from './slot-store.js';

/** A meeting that was started this often without an outcome takes its workers down: it stops and shows to a person. */
const POISON_STARTS = 5;

/** Whoever lends a login for a meeting: the account that the worker acts in. */
export interface LentAccount {
  /** The provider's stable id of the account. */
  readonly subject: string;
  readonly email: string;
}

/** What a worker holds between claim and outcome. */
export interface Work {
  readonly meeting: MeetingState;
  /** `verify` asks only: it makes nothing, so it needs no intent. */
  readonly operation: Operation | 'verify';
  readonly wish: MeetingWish;
  /** True: the account's place (calendar) must be made before this. */
  readonly needsPlace: boolean;
  readonly schoolId: string;
  /** A call before this one ended in nobody knows what: until the provider told, a clean failure proves nothing. */
  readonly wasOpen: boolean;
  /** The provider is still making the conference: look, do not write. */
  readonly poll: boolean;
  readonly begunAt: Date;
}

export type Begun =
  { kind: 'work'; work: Work } | { kind: 'nothing-to-do' } | { kind: 'parked'; reason: string } | { kind: 'poison' };

export type Outcome =
  | { kind: 'made'; seen: MeetingSeen }
  | { kind: 'verified'; seen: MeetingSeen }
  | { kind: 'removed' }
  | { kind: 'failed'; error: ProviderError; retrySoonMs: number | null };

export interface MeetingDeps {
  readonly database: Database;
  readonly keys: DataKeys;
  readonly index: BlindIndex;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly meetingHosts: readonly string[];
  /** Plans the notices of slots in the same transaction that changed them. */
  readonly planNotices: (em: Em, slots: readonly Slot[], now: Date) => Promise<void>;
}

/** What the neutral title says in the account of the owner: no name of anybody (R8). */
export const meetingTitle = (locale: string) => (locale.startsWith('nl') ? 'Oudergesprek' : 'Parent meeting');

/**
 * The life of one job on a meeting: claim and intent in one transaction, the outcome in another. Between them lies the
 * provider call, which this class does not know.
 */
export class MeetingWork {
  constructor(private readonly deps: MeetingDeps) {}

  /**
   * Claims the meeting (epoch + 1, so that a worker that was frozen cannot write), finds out what is missing, and commits
   * the intent before anything is called. `lend` answers from memory; where it has nothing, the meeting parks and no
   * attempt is spent (P1).
   */
  begin(meetingId: string, lend: (ownerId: string, provider: ProviderName) => LentAccount | null): Promise<Begun> {
    const { database, clock, index, keys } = this.deps;
    return database.transaction(schoolsOf.meeting(meetingId), async (em) => {
      const now = clock.now();
      const [ref] = await rows(
        em,
        sql<{ schoolId: string; timeslotId: string; ownerPresent: boolean }>`
        select m.school_id, m.timeslot_id, (p.left_at is null or (p.told_at, p.told_id collate "C") > (p.left_at, p.left_id collate "C")) as owner_present
        from meetings m left join people p on p.school_id = m.school_id and p.id = m.owner_id where m.id = ${meetingId}`,
      );
      if (!ref) return { kind: 'nothing-to-do' };
      const store = await SlotStore.load(em, index, [ref], true);
      const slot = store.get(ref);
      const meeting = slot?.meetings.find((candidate) => candidate.id === meetingId);
      if (!slot || !meeting) return { kind: 'nothing-to-do' };
      if (isClaimed(meeting, now)) {
        await holdDue(em, meeting.provider, meeting.id, {
          dueAt: meeting.deadline!,
          busyUntil: meeting.deadline,
          newRound: true,
        });
        return { kind: 'nothing-to-do' };
      }
      const { claimMs } = this.deps.timers;
      // Taken from somebody who may be frozen, not dead: what it may still call is looked for when its time is over.
      if (meeting.deadline) meeting.verifyAt = new Date(now.getTime() + claimMs);
      const operation = this.operationFor(slot, meeting, now);
      if (operation === null) {
        await this.rest(em, store, slot, meeting, now);
        return { kind: 'nothing-to-do' };
      }
      if (meeting.starts >= POISON_STARTS) {
        if (operation !== 'verify') return this.stop(em, store, slot, meeting, now);
        meeting.verifyAt = null;
        await this.putOff(em, store, meeting, now);
        return { kind: 'poison' };
      }
      const account =
        ref.ownerPresent === false && operation !== 'remove' ? null : lend(meeting.ownerId, meeting.provider);
      const accountIndex = account && index.of('account', meeting.provider, account.subject);
      if (!account || (meeting.accountIndex && !meeting.accountIndex.equals(accountIndex!))) {
        const reason = account ? 'other-account' : ref.ownerPresent === false ? 'owner-left' : 'no-login';
        if (operation === 'verify') await this.putOff(em, store, meeting, now);
        else await this.park(em, store, slot, meeting, reason, now);
        return { kind: 'parked', reason };
      }
      await keys.load(em, [{ school: meeting.schoolId }]);
      const { place, restsUntil } = await this.placeOf(em, { ...meeting, accountIndex }, now);
      // Its job was on the queue before the account was limited: a Retry-After holds for what waits there, too (P10).
      if (restsUntil) {
        await holdDue(em, meeting.provider, meeting.id, { dueAt: restsUntil, busyUntil: null, newRound: true });
        return { kind: 'nothing-to-do' };
      }
      const deadline = new Date(now.getTime() + claimMs);
      const poll = operation === 'update' && meeting.reason === 'conference-pending';
      const wasOpen = meeting.operation !== null;
      Object.assign(meeting, { epoch: meeting.epoch + 1, starts: meeting.starts + 1, deadline });
      if (operation !== 'verify') Object.assign(meeting, { state: 'calling', reason: null, operation });
      if (!meeting.accountIndex || !meeting.accountSealed) {
        meeting.accountIndex = accountIndex;
        // Whose account it is needs no name any more once it is to go.
        if (meeting.wished) meeting.accountSealed = await keys.seal(account.email, accountContext(meeting));
      }
      await store.save(now);
      await holdDue(em, meeting.provider, meeting.id, { dueAt: deadline, busyUntil: deadline, newRound: true });
      return {
        kind: 'work',
        work: {
          meeting: { ...meeting },
          operation,
          wasOpen,
          poll,
          begunAt: now,
          needsPlace: place === undefined,
          schoolId: meeting.schoolId,
          wish: await this.wish(slot, meeting, place ?? null, now),
        },
      };
    });
  }

  /** Compares wish and fact. Null: nothing is missing. */
  private operationFor(slot: Slot, meeting: MeetingState, now: Date): Operation | 'verify' | null {
    if (['gone', 'over', 'stuck', 'parked'].includes(meeting.state)) return null;
    if (!meeting.wished) return 'remove';
    if (!isWanted(slot)) return null;
    if (isOver(slot.timeslot, now)) return null;
    if (meeting.state === 'settled') return meeting.verifyAt && meeting.verifyAt <= now ? 'verify' : null;
    return meeting.idIndex ? 'update' : 'create';
  }

  private async rest(em: Em, store: SlotStore, slot: Slot, meeting: MeetingState, now: Date): Promise<void> {
    // A claim that ran out and a wait that ended leave nobody in charge: whoever wishes anew finds it pending.
    if (meeting.state === 'calling' || meeting.state === 'waiting') meeting.state = 'pending';
    meeting.deadline = null;
    // Parked and over slots end here: what is over is never made late (P2). An unknown outcome is still looked after.
    if (meeting.wished && isOver(slot.timeslot, now) && !meeting.idIndex && !['gone', 'over'].includes(meeting.state)) {
      if (meeting.operation === null) meeting.state = 'over';
      else Object.assign(meeting, { wished: false, state: 'pending', reason: null });
    }
    await store.save(now, meeting.wished ? [] : [meeting].filter((candidate) => candidate.state === 'pending'));
    if (meeting.state === 'settled' && meeting.verifyAt && meeting.verifyAt > now)
      await holdDue(em, meeting.provider, meeting.id, { dueAt: meeting.verifyAt, busyUntil: null, newRound: true });
    else if (meeting.wished || meeting.state !== 'pending') await clearDue(em, meeting.provider, [meeting.id]);
  }

  private async stop(em: Em, store: SlotStore, slot: Slot, meeting: MeetingState, now: Date): Promise<Begun> {
    Object.assign(meeting, { state: 'stuck', reason: 'poison', deadline: null });
    await store.save(now);
    await clearDue(em, meeting.provider, [meeting.id]);
    await this.deps.planNotices(em, [slot], now);
    return { kind: 'poison' };
  }

  private async park(
    em: Em,
    store: SlotStore,
    slot: Slot,
    meeting: MeetingState,
    reason: string,
    now: Date,
  ): Promise<void> {
    Object.assign(meeting, { state: 'parked', reason, starts: 0, deadline: null });
    await store.save(now);
    await clearDue(em, meeting.provider, [meeting.id]);
    await this.deps.planNotices(em, [slot], now);
  }

  /** Asking can wait for the owner's next visit: as far as anybody knows, all is well. */
  private async putOff(em: Em, store: SlotStore, meeting: MeetingState, now: Date): Promise<void> {
    meeting.deadline = null;
    await store.save(now);
    await clearDue(em, meeting.provider, [meeting.id]);
  }

  /** `place` undefined: this account has none yet and the provider may need one. */
  private async placeOf(
    em: Em,
    meeting: MeetingState,
    now: Date,
  ): Promise<{ place: Secret | null | undefined; restsUntil: Date | null }> {
    const { provider, ownerId } = meeting;
    const [row] = await rows(
      em,
      sql<{
        isKnown: boolean | null;
        placeSealed: Parameters<DataKeys['open']>[0] | null;
        restsUntil: Date | null;
      }>`select c.school_id is not null as is_known, c.place_sealed, (select max(until) from pauses
          where scope in (${provider}, ${ownerLane(this.deps.index, provider, ownerId)}) and until > ${now}) as rests_until
        from (select) one left join calendars c on c.school_id = ${meeting.schoolId} and c.account_index = ${meeting.accountIndex}`,
    );
    const { isKnown, placeSealed, restsUntil } = row!;
    const place = placeSealed === null ? null : await this.deps.keys.open(placeSealed, placeContext(meeting));
    return { place: isKnown ? place : undefined, restsUntil };
  }

  private async wish(slot: Slot, meeting: MeetingState, place: Secret | null, now: Date): Promise<MeetingWish> {
    // A second removal asks by key: whoever was frozen may have made another one under it.
    const again = !meeting.wished && meeting.verifyAt !== null && meeting.verifyAt <= now;
    const made =
      meeting.madeSealed && !again
        ? (JSON.parse((await this.deps.keys.open(meeting.madeSealed, madeContext(meeting))).reveal()) as { id: string })
        : null;
    return {
      key: providerKey(this.deps.index, meeting.id),
      place,
      id: made ? new Secret(made.id) : null,
      start: slot.timeslot.startAt,
      end: slot.timeslot.endAt,
      timeZone: slot.school.timeZone,
      title: meetingTitle(slot.school.locale),
    };
  }

  /**
   * Remembers the place that was made for this account; the account's lane keeps others from making a second one.
   * @returns the place to use: that of whoever was first, since meetings are looked for where they were made
   */
  savePlace(work: Work, place: Secret | null): Promise<Secret | null> {
    const { database, keys } = this.deps;
    return database.transaction([work.schoolId], async (em) => {
      await keys.load(em, [{ school: work.schoolId }]);
      const sealed = place === null ? null : await keys.seal(place.reveal(), placeContext(work.meeting));
      await rows(
        em,
        sql`insert into calendars (school_id, account_index, owner_id, place_sealed) values (${work.schoolId}, ${work.meeting.accountIndex}, ${work.meeting.ownerId}, ${sealed})
        on conflict (school_id, account_index) do nothing`,
      );
      return (await this.placeOf(em, work.meeting, this.deps.clock.now())).place ?? null;
    });
  }

  /** The teacher deleted our calendar: the next try makes a new one. */
  private async forgetPlace(em: Em, meeting: MeetingState): Promise<void> {
    await rows(
      em,
      sql`delete from calendars where school_id = ${meeting.schoolId} and account_index = ${meeting.accountIndex}`,
    );
  }

  /**
   * Writes the outcome down in one transaction: fact, publication, notices, what comes next. Nothing is written when the
   * claim was taken from this worker meanwhile.
   * @returns a word for the log and the job
   */
  finish(work: Work, outcome: Outcome): Promise<string> {
    const { database, clock, index } = this.deps;
    return database.transaction([work.schoolId], async (em) => {
      const now = clock.now();
      const ref = { schoolId: work.schoolId, timeslotId: work.meeting.timeslotId };
      const store = await SlotStore.load(em, index, [ref], true);
      const slot = store.get(ref);
      const meeting = slot?.meetings.find((candidate) => candidate.id === work.meeting.id);
      if (!slot || !meeting || meeting.epoch !== work.meeting.epoch) return 'claim-lost';
      await this.deps.keys.load(em, [{ school: work.schoolId }]);
      meeting.starts = 0;
      meeting.deadline = null;
      const result = await this.write(em, slot, meeting, work, outcome, now);
      if (!meeting.wished && (work.operation === 'create' || work.operation === 'update') && !isFinished(meeting)) {
        // The wish went away during the call: what was made now goes too, and what was not made is done with.
        if (wasNeverMade(meeting)) Object.assign(meeting, { state: 'gone', reason: null });
        else if (['settled', 'stuck'].includes(meeting.state))
          Object.assign(meeting, { state: 'pending', reason: null });
      }
      await store.save(now);
      const next =
        result.dueAt && !isFinished(meeting)
          ? { dueAt: result.dueAt, busyUntil: result.busyUntil }
          : meeting.state === 'pending'
            ? { dueAt: now, busyUntil: null }
            : meeting.state === 'settled' && meeting.verifyAt
              ? { dueAt: meeting.verifyAt, busyUntil: null }
              : null;
      if (next) {
        await holdDue(em, meeting.provider, meeting.id, next);
        await wakeRelay(em);
      } else await releaseDue(em, meeting.provider, meeting.id);
      await this.deps.planNotices(em, [slot], now);
      if (meeting.state === 'gone') await this.wakeErasure(em, meeting, now);
      return result.word;
    });
  }

  /** An erasure that waits for removals at the provider looks again. */
  private async wakeErasure(em: Em, meeting: MeetingState, now: Date): Promise<void> {
    const lane = erasureLane(this.deps.index, { schoolId: meeting.schoolId, personId: meeting.ownerId });
    await rows(
      em,
      sql`with woken as (update dispatches set due_at = least(due_at, ${now}) where queue = 'erasures' and lane = ${lane} returning 1)
      select pg_notify(${DUE_CHANNEL}, '') from woken`,
    );
  }

  private async write(
    em: Em,
    slot: Slot,
    meeting: MeetingState,
    work: Work,
    outcome: Outcome,
    now: Date,
  ): Promise<{ word: string; dueAt: Date | null; busyUntil: Date | null }> {
    const done = (word: string) => ({ word, dueAt: null, busyUntil: null });
    if (outcome.kind === 'removed') {
      // Gone only after the time of whoever held a claim before, and another look.
      if (meeting.verifyAt && meeting.verifyAt > work.begunAt) {
        Object.assign(meeting, { state: 'waiting', reason: 'verifying', urlIndex: null });
        return { word: 'removed-once', dueAt: meeting.verifyAt, busyUntil: null };
      }
      Object.assign(meeting, { state: 'gone', operation: null, madeSealed: null, reason: null, verifyAt: null });
      return done('removed');
    }
    if (outcome.kind === 'made') return this.writeMade(em, meeting, work, outcome.seen, now);
    if (outcome.kind === 'verified') return this.writeVerified(meeting, work, outcome.seen, now);
    const { error } = outcome;
    if (work.operation === 'verify' && error.word !== 'not-found') return this.verifyLater(em, meeting, error, now);
    const next = afterFailure(meeting, error, { now, retrySoonMs: outcome.retrySoonMs, wasOpen: work.wasOpen });
    Object.assign(meeting, next.change);
    if (error.code === 'place-not-found') await this.forgetPlace(em, meeting);
    if (next.pauseLaneUntil) await this.pause(em, meeting, error, next.pauseLaneUntil);
    return { word: next.word, dueAt: next.dueAt, busyUntil: next.holdLane ? next.dueAt : null };
  }

  private pause(em: Em, meeting: MeetingState, error: ProviderError, until: Date): Promise<void> {
    const { provider, ownerId } = meeting;
    const scope = error.details.scope === 'application' ? provider : ownerLane(this.deps.index, provider, ownerId);
    return pauseLane(em, scope, until);
  }

  /** The provider has it as we believe, or a worker brings it to the wish again. */
  private writeVerified(
    meeting: MeetingState,
    work: Work,
    seen: MeetingSeen,
    now: Date,
  ): { word: string; dueAt: Date | null; busyUntil: Date | null } {
    meeting.failures = 0;
    meeting.verifiedAt = now;
    if (meeting.verifyAt && meeting.verifyAt <= work.begunAt) meeting.verifyAt = null;
    const url = seen.url && this.deps.index.of('meeting-url', seen.url.reveal());
    const agrees =
      seen.settingsHold &&
      isSameTime(seen.start, work.wish.start) &&
      isSameTime(seen.end, work.wish.end) &&
      url !== null &&
      meeting.urlIndex?.equals(url) === true;
    if (agrees || meeting.state !== 'settled') return { word: 'verified', dueAt: null, busyUntil: null };
    Object.assign(meeting, { state: 'pending', wishVersion: meeting.wishVersion + 1 });
    // A dead URL is shown to nobody; the update tells the new one.
    if (!meeting.urlIndex?.equals(url ?? Buffer.alloc(0))) meeting.urlIndex = null;
    return { word: 'drifted', dueAt: now, busyUntil: null };
  }

  /** Nothing is known to be wrong: the meeting stays as it is and is asked for another time. */
  private async verifyLater(
    em: Em,
    meeting: MeetingState,
    error: ProviderError,
    now: Date,
  ): Promise<{ word: string; dueAt: Date | null; busyUntil: Date | null }> {
    const next = afterFailure(meeting, error, { now, retrySoonMs: null, wasOpen: false });
    meeting.failures += 1;
    // Without a time the owner's next visit asks.
    meeting.verifyAt = next.dueAt;
    if (next.pauseLaneUntil) await this.pause(em, meeting, error, next.pauseLaneUntil);
    return { word: 'verify-later', dueAt: null, busyUntil: null };
  }

  private async writeMade(
    em: Em,
    meeting: MeetingState,
    work: Work,
    seen: MeetingSeen,
    now: Date,
  ): Promise<{ word: string; dueAt: Date | null; busyUntil: Date | null }> {
    const { index, keys, meetingHosts } = this.deps;
    const url = seen.url?.reveal() ?? null;
    Object.assign(meeting, {
      madeSealed: await keys.seal(JSON.stringify({ id: seen.id.reveal(), url }), madeContext(meeting)),
      idIndex: index.of(
        'meeting-id',
        meeting.provider,
        work.meeting.accountIndex?.toString('hex') ?? '',
        seen.id.reveal(),
      ),
      madeStart: seen.start,
      madeEnd: seen.end,
      operation: null,
    });
    if (url === null) {
      meeting.failures += 1;
      // About a minute of looking, then the conference is asked for anew.
      const reason = seen.conference === 'pending' && meeting.failures < 7 ? 'conference-pending' : 'conference-failed';
      Object.assign(meeting, { state: 'waiting', reason });
      return {
        word: reason,
        dueAt: new Date(now.getTime() + Math.min(60_000, 1_000 * 2 ** (meeting.failures - 1))),
        busyUntil: null,
      };
    }
    meeting.failures = 0;
    const urlIndex = index.of('meeting-url', url);
    const fault = !isMeetingHost(url, meetingHosts)
      ? 'bad-url-host'
      : (await this.isTaken(em, urlIndex, meeting.id))
        ? 'url-taken'
        : null;
    if (fault) {
      Object.assign(meeting, { state: 'stuck', reason: fault });
      return { word: fault, dueAt: null, busyUntil: null };
    }
    // A wish that changed during the call is found by reconcile, which compares the times.
    Object.assign(meeting, {
      state: 'settled',
      reason: null,
      settledVersion: meeting.wishVersion,
      urlIndex,
      settledAt: now,
    });
    return { word: 'settled', dueAt: null, busyUntil: null };
  }

  /** Two timeslots never share a URL (P4); the unique index is the net below this. */
  private async isTaken(em: Em, urlIndex: Buffer, meetingId: string): Promise<boolean> {
    const [row] = await rows(em, sql<{ taken: boolean }>`select is_url_taken(${urlIndex}, ${meetingId}) as taken`);
    return row!.taken;
  }
}

/**
 * The name under which a provider knows our request: the same for every try of one generation, and for nothing else.
 * 48 characters of 0-9 and a-f, which Google takes as an event id.
 */
export const providerKey = (index: BlindIndex, meetingId: string) =>
  index.of('provider-key', meetingId).toString('hex').slice(0, 48);

export const accountContext = (meeting: Pick<MeetingState, 'id' | 'schoolId'>) => ({
  table: 'meetings',
  column: 'account_sealed',
  row: meeting.id,
  school: meeting.schoolId,
});
export const madeContext = (meeting: Pick<MeetingState, 'id' | 'schoolId'>) => ({
  table: 'meetings',
  column: 'made_sealed',
  row: meeting.id,
  school: meeting.schoolId,
});
const placeContext = (meeting: Pick<MeetingState, 'schoolId' | 'accountIndex'>) => ({
  table: 'calendars',
  column: 'place_sealed',
  row: meeting.accountIndex?.toString('hex') ?? '',
  school: meeting.schoolId,
});
