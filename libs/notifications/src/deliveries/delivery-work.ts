import { SlotStore, isEntitled, type Slot } from '#libs/conferences';
import { type Em, rows, schoolsOf, sql } from '#libs/database';
import { DUE_CHANNEL, clearDue, holdDue, wakeRelay } from '#libs/messaging';
import type { DeliveryError } from '../channels/delivery-error.js';
import { retryOf } from '../plan/next-notice.js';
import { planParentNotice, toldAfter, type ParentNoticeKind } from '../plan/plan-parent-notice.js';
import { composeAnnouncement } from './compose-announcement.js';
import { composeDigest } from './compose-digest.js';
import { composeParentMail } from './compose-parent-mail.js';
import { composePrivacyMail } from './compose-privacy-mail.js';
import { composeOwnerAway, composeOwnerNeeded } from './compose-staff-mail.js';
import { dropped, type Composed, type DeliveryDeps, type DeliveryRow, type DropReason } from './delivery-row.js';
import { remember } from './plan-notices.js';
import { memoryOf, standingOf, store } from './slot-fact.js';

/** A message that cannot be delivered is given up after a day. */
const GIVE_UP_MS = 24 * 3_600_000;
/** A repeated message whose link does not work at this moment is looked at again. */
const WAIT_MS = 30_000;
/** An earlier message that is being sent right now is done by then, as a rule. */
const SOON_MS = 5_000;

interface Earlier {
  readonly dueAt: Date;
  readonly busyUntil: Date | null;
}

/** Its end wakes the next one; this is the net below that. */
const afterEarlier = ({ dueAt, busyUntil }: Earlier, now: Date) =>
  busyUntil && busyUntil > now
    ? new Date(now.getTime() + SOON_MS)
    : new Date(Math.max(dueAt.getTime(), now.getTime()) + 1_000);

/**
 * The life of one message: written when it is sent, from what is true then; entitlement is checked again. Between `begin`
 * and `sent` or `failed` lies the sending, which this class does not know.
 */
export class DeliveryWork {
  constructor(private readonly deps: DeliveryDeps) {}

  /**
   * The message to send now, or why none; null when it is done already. The attempt is committed before this returns:
   * from then on the receiver counts as having heard it, whatever becomes of the call. The slot's row is held meanwhile,
   * so that no planner can drop what is being attempted, or plan against what was not heard yet.
   */
  begin(deliveryId: string): Promise<Composed | null> {
    return this.deps.database.transaction(schoolsOf.delivery(deliveryId), async (em) => {
      const now = this.deps.clock.now();
      const found = await this.find(em, deliveryId);
      if (!found) return this.nothingToDo(em, deliveryId);
      const composed =
        found.timeslotId === '' ? await this.aboutMany(em, found, now) : await this.aboutSlot(em, found, now);
      if (composed === null) return this.nothingToDo(em, deliveryId);
      if (composed.channel === 'none') await this.end(em, deliveryId, 'dropped', composed.reason);
      if (composed.channel === 'email' || composed.channel === 'webhook') await this.attempt(em, deliveryId, now);
      return composed;
    });
  }

  /** The receiver has it. */
  sent(deliveryId: string): Promise<void> {
    return this.deps.database.transaction(schoolsOf.delivery(deliveryId), (em) =>
      this.end(em, deliveryId, 'sent', null),
    );
  }

  /** @returns what becomes of it */
  async failed(deliveryId: string, error: DeliveryError): Promise<'retry' | 'given-up'> {
    const now = this.deps.clock.now();
    return this.deps.database.transaction(schoolsOf.delivery(deliveryId), async (em) => {
      if (error.word === 'refused') {
        await this.end(em, deliveryId, 'failed', error.code);
        return 'given-up';
      }
      const [row] = await rows(
        em,
        sql<{
          failures: number;
          createdAt: Date;
        }>`update deliveries set failures = failures + 1, reason = ${error.code} where id = ${deliveryId} and state = 'pending' returning failures, created_at`,
      );
      if (!row || now.getTime() - row.createdAt.getTime() > GIVE_UP_MS) {
        await this.end(em, deliveryId, 'failed', error.code);
        return 'given-up';
      }
      const random = this.deps.random ?? Math.random;
      const waitMs = Math.min(15 * 60_000, 2_000 * 2 ** Math.min(row.failures - 1, 12)) * (0.5 + random() / 2);
      await holdDue(em, 'deliveries', deliveryId, { dueAt: new Date(now.getTime() + waitMs), busyUntil: null });
      await wakeRelay(em);
      return 'retry';
    });
  }

  private async find(em: Em, deliveryId: string): Promise<DeliveryRow | undefined> {
    const [delivery] = await rows(
      em,
      sql<DeliveryRow>`select id, school_id, person_id, timeslot_id, evening_id, channel, kind, sequence, created_at, attempted_at
      from deliveries where id = ${deliveryId} and state = 'pending'`,
    );
    return delivery;
  }

  private async nothingToDo(em: Em, deliveryId: string): Promise<null> {
    await clearDue(em, 'deliveries', [deliveryId]);
    return null;
  }

  private async attempt(em: Em, deliveryId: string, now: Date): Promise<void> {
    await rows(em, sql`update deliveries set attempted_at = coalesce(attempted_at, ${now}) where id = ${deliveryId}`);
    const busyUntil = new Date(now.getTime() + this.deps.timers.deliveryClaimMs);
    await holdDue(em, 'deliveries', deliveryId, { dueAt: busyUntil, busyUntil, newRound: true });
  }

  /** Not now: the lane is free meanwhile. */
  private async wait(em: Em, deliveryId: string, dueAt: Date): Promise<Composed> {
    await holdDue(em, 'deliveries', deliveryId, { dueAt, busyUntil: null, newRound: true });
    await wakeRelay(em);
    return { channel: 'wait' };
  }

  /** One statement: the message's end, its place on the queue, and the word to the next one to the same receiver. */
  private async end(
    em: Em,
    deliveryId: string,
    state: 'sent' | 'dropped' | 'failed',
    reason: DropReason | DeliveryError['code'] | null,
  ): Promise<void> {
    const now = this.deps.clock.now();
    await rows(
      em,
      sql`with ended as (
          update deliveries set state = ${state}, reason = ${reason}, sent_at = ${state === 'sent' ? now : null}
          where id = ${deliveryId} and state = 'pending' returning school_id, person_id, timeslot_id, evening_id, channel),
        done as (delete from dispatches where queue = 'deliveries' and subject_id = ${deliveryId}),
        next as (update dispatches set due_at = least(due_at, ${now}) where queue = 'deliveries' and busy_until is null and subject_id = (
          select d.id from deliveries d join ended e using (school_id, person_id, timeslot_id, evening_id, channel)
          where d.state = 'pending' and d.timeslot_id <> '' and d.id <> ${deliveryId} order by d.sequence limit 1))
        select pg_notify(${DUE_CHANNEL}, '')`,
    );
  }

  private aboutMany(em: Em, delivery: DeliveryRow, now: Date): Promise<Composed> {
    switch (delivery.kind) {
      case 'owner-needed':
        return composeOwnerNeeded(em, this.deps, delivery, now);
      case 'take-over-offer':
      case 'owner-away':
        return composeOwnerAway(em, this.deps, { ...delivery, kind: delivery.kind }, now);
      case 'retention-notice':
      case 'erasure-late':
        return composePrivacyMail(em, this.deps, { ...delivery, kind: delivery.kind });
      default:
        return composeDigest(em, this.deps, delivery, now);
    }
  }

  private async aboutSlot(em: Em, found: DeliveryRow, now: Date): Promise<Composed | null> {
    const slots = await SlotStore.load(em, this.deps.index, [found], true);
    // Again, now that the slot is held: the planner may have dropped it meanwhile.
    const delivery = await this.find(em, found.id);
    if (!delivery) return null;
    const earlier = await this.earlier(em, delivery);
    if (earlier) return this.wait(em, delivery.id, afterEarlier(earlier, now));
    const slot = slots.get(delivery);
    if (!slot) return dropped('not-entitled');
    if (delivery.channel === 'webhook') return composeAnnouncement(this.deps, delivery, slot, now);
    return this.parentMail(em, delivery, slot, now);
  }

  /** A message to the same receiver about the same slot that is still on its way: it goes first. */
  private async earlier(em: Em, delivery: DeliveryRow): Promise<Earlier | undefined> {
    const [earlier] = await rows(
      em,
      sql<Earlier>`select x.due_at, x.busy_until from deliveries d
      join dispatches x on x.queue = 'deliveries' and x.subject_id = d.id
      where d.school_id = ${delivery.schoolId} and d.person_id = ${delivery.personId} and d.timeslot_id = ${delivery.timeslotId}
        and d.channel = ${delivery.channel} and d.state = 'pending' and d.sequence < ${delivery.sequence} order by d.sequence limit 1`,
    );
    return earlier;
  }

  private async parentMail(em: Em, delivery: DeliveryRow, slot: Slot, now: Date): Promise<Composed> {
    const parent = slot.parents.find((candidate) => candidate.personId === delivery.personId);
    if (!parent) return dropped('not-entitled');
    const kind = delivery.kind as ParentNoticeKind;
    const { fact } = (await standingOf(em, [slot], now))[0]!;
    const { heard } = memoryOf(parent);
    const isRepeated = delivery.attemptedAt !== null;
    const verdict = !isEntitled(parent)
      ? 'not-entitled'
      : fact.over
        ? 'over'
        : isRepeated
          ? retryOf(kind, heard, fact)
          : planParentNotice(heard, fact) === kind
            ? 'send'
            : 'overtaken';
    if (verdict === 'wait') return this.wait(em, delivery.id, new Date(now.getTime() + WAIT_MS));
    if (verdict !== 'send') return this.dropMail(em, delivery, slot, verdict, now);
    const says = isRepeated ? heard : toldAfter(heard, kind, fact);
    const message = await composeParentMail(em, this.deps, { delivery, slot, parent, fact, says, now });
    if (!message) return this.dropMail(em, delivery, slot, 'not-entitled', now);
    // A repeated message may be taken for the first one and thrown away: what it says anew does not count as heard.
    if (!isRepeated) {
      parent.heard = parent.told = store(says);
      await remember(em, [parent]);
    }
    return { channel: 'email', kind, message };
  }

  /**
   * Nothing may be lost with a message that is not sent. One that never left is forgotten; one that may have arrived
   * leaves its receiver in doubt. Either way the plan is made anew, so that what is true now is told.
   */
  private async dropMail(em: Em, delivery: DeliveryRow, slot: Slot, reason: DropReason, now: Date): Promise<Composed> {
    const parent = slot.parents.find((candidate) => candidate.personId === delivery.personId)!;
    const { heard, told } = memoryOf(parent);
    if (delivery.attemptedAt === null) parent.told = parent.heard;
    else if (heard) {
      const isLast = JSON.stringify(parent.told) === JSON.stringify(parent.heard);
      parent.heard = store({ ...heard, unsure: true });
      parent.told = isLast ? parent.heard : store(told);
    }
    await remember(em, [parent]);
    await this.end(em, delivery.id, 'dropped', reason);
    await this.deps.planNotices(em, [slot], now);
    return dropped(reason);
  }
}
