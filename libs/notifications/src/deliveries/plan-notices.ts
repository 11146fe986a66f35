import { randomUUID } from 'node:crypto';
import {
  conferenceView,
  isEntitled,
  isOver,
  type ConferenceView,
  type ParentState,
  type Slot,
} from '#libs/conferences';
import { asJson, bulkUpsert, rows, sql, type Em } from '#libs/database';
import type { BlindIndex } from '#libs/encryption';
import { makeDue } from '#libs/messaging';
import {
  planParentNotice,
  toldAfter,
  type ParentNoticeKind,
  type SlotFact,
  type Told,
} from '../plan/plan-parent-notice.js';

/** Kinds of events out; see the contract. */
export type AnnouncementKind = 'ready' | 'changed' | 'needs-owner' | 'failed' | 'removed';

interface NewDelivery {
  id: string;
  schoolId: string;
  personId: string;
  timeslotId: string;
  eveningId: string;
  channel: 'email' | 'webhook';
  kind: ParentNoticeKind | AnnouncementKind;
  sequence: number;
  createdAt: Date;
}

/**
 * Plans who must hear what about these slots, in the transaction that changed them: what was said is compared with what
 * is. Two statements for any number of messages; none where nobody must hear anything.
 */
export class NoticePlanner {
  constructor(private readonly deps: { index: BlindIndex; hasWebhook: boolean }) {}

  readonly plan = async (em: Em, slots: readonly Slot[], now: Date): Promise<void> => {
    const deliveries: NewDelivery[] = [];
    const told: { parent: ParentState }[] = [];
    const announced: Slot[] = [];
    for (const slot of slots) {
      const view = conferenceView(slot, now);
      const fact = factOf(slot, view, now);
      for (const parent of slot.parents) {
        if (!isEntitled(parent)) continue;
        const before = toldOf(parent);
        const kind = planParentNotice(before, fact);
        if (!kind) continue;
        const after = toldAfter(before, kind, fact);
        parent.told = {
          cancelled: after.cancelled,
          start: after.start.toISOString(),
          end: after.end.toISOString(),
          teacherId: after.teacherId,
        };
        parent.toldSequence = after.sequence;
        told.push({ parent });
        deliveries.push(
          this.delivery(slot, now, { personId: parent.personId, channel: 'email', kind, sequence: after.sequence }),
        );
      }
      const kind = this.deps.hasWebhook ? announcementKind(slot, view) : null;
      if (kind) {
        slot.conference!.announced = announcement(slot, view);
        announced.push(slot);
        deliveries.push(
          this.delivery(slot, now, {
            personId: '',
            channel: 'webhook',
            kind,
            sequence: slot.timeslot.version * 1000 + announcedCount(slot),
          }),
        );
      }
    }
    if (deliveries.length === 0) return;
    await this.write(
      em,
      slots,
      deliveries,
      told.map(({ parent }) => parent),
      announced,
      now,
    );
  };

  private delivery(
    slot: Slot,
    now: Date,
    message: Pick<NewDelivery, 'personId' | 'channel' | 'kind' | 'sequence'>,
  ): NewDelivery {
    return {
      id: randomUUID(),
      schoolId: slot.timeslot.schoolId,
      timeslotId: slot.timeslot.id,
      eveningId: '',
      createdAt: now,
      ...message,
    };
  }

  private async write(
    em: Em,
    slots: readonly Slot[],
    deliveries: readonly NewDelivery[],
    told: readonly ParentState[],
    announced: readonly Slot[],
    now: Date,
  ): Promise<void> {
    const startOf = new Map(
      slots.map((slot) => [`${slot.timeslot.schoolId}\n${slot.timeslot.id}`, slot.timeslot.startAt]),
    );
    await bulkUpsert(
      em,
      'deliveries',
      {
        id: 'uuid',
        schoolId: 'text',
        personId: 'text',
        timeslotId: 'text',
        eveningId: 'text',
        channel: 'text',
        kind: 'text',
        sequence: 'int',
        createdAt: 'timestamptz',
      },
      ['id'],
      deliveries,
    );
    if (told.length > 0) {
      const json = told.map((parent) => ({
        school_id: parent.schoolId,
        timeslot_id: parent.timeslotId,
        person_id: parent.personId,
        told: parent.told,
        sequence: parent.toldSequence,
      }));
      await rows(
        em,
        sql`update timeslot_parents p set told = w.told, told_sequence = w.sequence
        from jsonb_to_recordset(${asJson(json)}) as w(school_id text, timeslot_id text, person_id text, told jsonb, sequence int)
        where p.school_id = w.school_id and p.timeslot_id = w.timeslot_id and p.person_id = w.person_id`,
      );
    }
    if (announced.length > 0) {
      const json = announced.map((slot) => ({
        school_id: slot.timeslot.schoolId,
        timeslot_id: slot.timeslot.id,
        announced: slot.conference!.announced,
      }));
      await rows(
        em,
        sql`update conferences c set announced = w.announced from jsonb_to_recordset(${asJson(json)}) as w(school_id text, timeslot_id text, announced text)
        where c.school_id = w.school_id and c.timeslot_id = w.timeslot_id`,
      );
    }
    await makeDue(
      em,
      deliveries.map((delivery) => ({
        queue: 'deliveries' as const,
        subjectId: delivery.id,
        schoolId: delivery.schoolId,
        // Messages to one person about one slot leave in order; all others side by side.
        lane: this.deps.index
          .of('delivery-lane', delivery.channel, delivery.schoolId, delivery.personId, delivery.timeslotId)
          .toString('base64url')
          .slice(0, 22),
        startAt: startOf.get(`${delivery.schoolId}\n${delivery.timeslotId}`) ?? now,
        dueAt: now,
      })),
    );
  }
}

/** How a slot stands for the parents who are assigned to it. */
export const factOf = (slot: Slot, view: ConferenceView, now: Date): SlotFact => ({
  published: view.joinable,
  cancelled: slot.timeslot.status === 'cancelled',
  unwanted: slot.conference !== null && slot.conference.provider === null,
  start: slot.timeslot.startAt,
  end: slot.timeslot.endAt,
  teacherId: slot.timeslot.teacherId,
  over: isOver(slot.timeslot, now),
});

const toldOf = (parent: ParentState): Told | null =>
  parent.told && {
    cancelled: parent.told.cancelled,
    start: new Date(parent.told.start),
    end: new Date(parent.told.end),
    teacherId: parent.told.teacherId,
    sequence: parent.toldSequence,
  };

const announcement = (slot: Slot, view: ConferenceView) =>
  `${view.status}:${slot.timeslot.version}:${view.joinable}:${announcedCount(slot) + 1}`;

const announcedCount = (slot: Slot) => Number(slot.conference?.announced?.split(':')[3] ?? 0);

/** Which event programs must get, if any: a status that they were not told, or a ready slot in a new version. */
function announcementKind(slot: Slot, view: ConferenceView): AnnouncementKind | null {
  const [status, version] = slot.conference?.announced?.split(':') ?? [];
  switch (view.status) {
    case 'ready':
      if (status === undefined || status === 'removed' || status === 'failed' || status === 'needs_owner')
        return 'ready';
      return version === String(slot.timeslot.version) && status === 'ready' ? null : 'changed';
    case 'needs_owner':
      return status === 'needs_owner' ? null : 'needs-owner';
    case 'failed':
      return status === 'failed' ? null : 'failed';
    case 'removed':
      return status === undefined || status === 'removed' ? null : 'removed';
    default:
      return null;
  }
}
