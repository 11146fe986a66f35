import type { Secret } from '#libs/encryption';
import { type Em, rows, schoolsOf, sql } from '#libs/database';
import { holdDue } from '#libs/messaging';
import type { ProviderName } from '#libs/providers';
import { isClaimed, isFinished, wasNeverMade, type MeetingState } from '../model.js';
import { holdMeeting } from './held-meeting.js';
import type { MeetingDeps } from './meeting-deps.js';
import { operationFor } from './operation-for.js';
import { keepPlace, placeOf } from './place.js';
import { providerWish } from './provider-wish.js';
import { accountContext } from './sealed-contexts.js';
import { makeNextDue, wakeErasure } from './what-follows.js';
import { giveLookUp, park, putOff, rest, stop } from './without-a-call.js';
import type { Begun, LentAccount, Outcome, Work } from './work.js';
import { writeOutcome } from './write-outcome.js';

/** A meeting that was started this often without an outcome takes its workers down, or breaks them: it stops and shows to a person. */
const POISON_STARTS = 5;

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
    const { database, clock, index, keys, timers } = this.deps;
    return database.transaction(schoolsOf.meeting(meetingId), async (em): Promise<Begun> => {
      const now = clock.now();
      const found = await findMeeting(em, meetingId);
      const held = found && (await holdMeeting(em, index, found, meetingId, now));
      if (!held) return { kind: 'nothing-to-do' };
      const { slot, meeting } = held;
      const lookAgain = (at: { dueAt: Date; busyUntil: Date | null }) =>
        holdDue(em, meeting.provider, meeting.id, { ...at, newRound: true });

      if (isClaimed(meeting, now)) {
        await lookAgain({ dueAt: meeting.deadline!, busyUntil: meeting.deadline });
        return { kind: 'nothing-to-do' };
      }
      const { claimMs } = timers;
      // Taken from somebody who may be frozen, not dead: what it may still call is looked for when its time is over.
      if (meeting.deadline) meeting.verifyAt = new Date(now.getTime() + claimMs);

      const operation = operationFor(slot, meeting, now);
      if (operation === null) {
        await rest(held);
        return { kind: 'nothing-to-do' };
      }
      if (meeting.starts >= POISON_STARTS) {
        await (operation === 'verify' ? giveLookUp(held) : stop(this.deps, held));
        return { kind: 'poison' };
      }

      const hasLeft = !found.ownerPresent;
      // What is there can be removed for somebody who left; nothing is made for them any more.
      const account = hasLeft && operation !== 'remove' ? null : lend(meeting.ownerId, meeting.provider);
      const accountIndex = account && index.of('account', meeting.provider, account.subject);
      if (!account || (meeting.accountIndex && !meeting.accountIndex.equals(accountIndex!))) {
        const reason = account ? 'other-account' : hasLeft ? 'owner-left' : 'no-login';
        await (operation === 'verify' ? putOff(held) : park(this.deps, held, reason));
        return { kind: 'parked', reason };
      }

      await keys.load(em, [{ school: meeting.schoolId }]);
      const { place, restsUntil } = await placeOf(em, this.deps, { ...meeting, accountIndex }, now);
      // Its job was on the queue before the account was limited: a Retry-After holds for what waits there, too (P10).
      if (restsUntil) {
        await lookAgain({ dueAt: restsUntil, busyUntil: null });
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
      await held.store.save(now);
      await lookAgain({ dueAt: deadline, busyUntil: deadline });
      return {
        kind: 'work',
        work: {
          meeting: { ...meeting },
          operation,
          wasOpen,
          poll,
          begunAt: now,
          schoolId: meeting.schoolId,
          ...(await providerWish(this.deps, held, place)),
        },
      };
    });
  }

  /**
   * Remembers the place that was made for this account; the account's lane keeps others from making a second one.
   * @returns the place to use: that of whoever was first, since meetings are looked for where they were made
   */
  savePlace(work: Work, place: Secret | null): Promise<Secret | null> {
    const { database, keys, clock } = this.deps;
    return database.transaction([work.schoolId], async (em) => {
      await keys.load(em, [{ school: work.schoolId }]);
      const now = clock.now();
      await keepPlace(em, keys, work.meeting, place, now);
      return (await placeOf(em, this.deps, work.meeting, now)).place ?? null;
    });
  }

  /**
   * Writes the outcome down in one transaction: fact, publication, notices, what comes next. Nothing is written when the
   * claim was taken from this worker meanwhile.
   * @returns a word for the log and the job
   */
  finish(work: Work, outcome: Outcome): Promise<string> {
    const { database, clock, index, keys, planNotices } = this.deps;
    return database.transaction([work.schoolId], async (em) => {
      const now = clock.now();
      const ref = { schoolId: work.schoolId, timeslotId: work.meeting.timeslotId };
      const held = await holdMeeting(em, index, ref, work.meeting.id, now);
      if (!held) return 'claim-lost';
      const { store, slot, meeting } = held;
      if (meeting.epoch !== work.meeting.epoch) return 'claim-lost';
      // The writing that broke was committed all the same: it knew more.
      if (outcome.kind === 'broken' && !meeting.deadline) return 'claim-lost';

      await keys.load(em, [{ school: work.schoolId }]);
      if (outcome.kind !== 'broken') meeting.starts = 0;
      meeting.deadline = null;
      const written = await writeOutcome(this.deps, held, work, outcome);
      if (!meeting.wished && (work.operation === 'create' || work.operation === 'update')) letGo(meeting);
      await store.save(now);

      await makeNextDue(held, written);
      await planNotices(em, [slot], now);
      if (meeting.state === 'gone') await wakeErasure(em, index, meeting, now);
      return written.word;
    });
  }
}

/** Where a meeting belongs, before its slot is locked. An owner of whom nothing was told counts as present. */
async function findMeeting(em: Em, meetingId: string) {
  const [found] = await rows(
    em,
    sql<{ schoolId: string; timeslotId: string; ownerPresent: boolean }>`
        select m.school_id, m.timeslot_id, (p.left_at is null or (p.told_at, p.told_id collate "C") > (p.left_at, p.left_id collate "C")) as owner_present
        from meetings m left join people p on p.school_id = m.school_id and p.id = m.owner_id where m.id = ${meetingId}`,
  );
  return found;
}

/** The wish went away during the call: what was made now goes too, and what was not made is done with. */
function letGo(meeting: MeetingState): void {
  if (isFinished(meeting)) return;
  if (wasNeverMade(meeting)) Object.assign(meeting, { state: 'gone', reason: null });
  else if (['settled', 'stuck'].includes(meeting.state)) Object.assign(meeting, { state: 'pending', reason: null });
}
