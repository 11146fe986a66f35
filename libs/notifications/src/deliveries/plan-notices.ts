import { randomUUID } from 'node:crypto';
import { isEntitled, type ConferenceView, type ParentState, type Slot } from '#libs/conferences';
import { asJson, rows, sql, type Em } from '#libs/database';
import type { BlindIndex } from '#libs/encryption';
import { nextNotice } from '../plan/next-notice.js';
import { writeDeliveries, type NewDelivery } from './new-deliveries.js';
import { memoryOf, standingOf, store } from './slot-fact.js';

/** Kinds of events out; see the contract. */
export type AnnouncementKind = 'ready' | 'changed' | 'needs-owner' | 'failed' | 'removed';

/**
 * Plans who must hear what about these slots, in the transaction that changed them and holds their rows: what was heard
 * is compared with what is. A message that is unsent and was never attempted gives way to the one that says what is so
 * now (`superseded`). A few statements for any number of messages; none where nobody must hear anything.
 */
export class NoticePlanner {
  constructor(private readonly deps: { index: BlindIndex; hasWebhook: boolean }) {}

  readonly plan = async (em: Em, slots: readonly Slot[], now: Date): Promise<void> => {
    const deliveries: NewDelivery[] = [];
    const changed: ParentState[] = [];
    const superseded: ParentState[] = [];
    const announced: Slot[] = [];
    for (const { slot, view, fact } of await standingOf(em, slots, now)) {
      for (const parent of slot.parents) {
        const next = isEntitled(parent) ? nextNotice(memoryOf(parent), fact) : null;
        if (!next) continue;
        if (next.supersedes) superseded.push(parent);
        parent.told = store(next.told);
        changed.push(parent);
        if (next.kind)
          deliveries.push(this.delivery(slot, now, parent.personId, 'email', next.kind, parent.toldSequence++));
      }
      const kinds = this.deps.hasWebhook ? announcementKinds(slot, view) : [];
      if (kinds.length > 0) announced.push(slot);
      for (const kind of kinds) {
        slot.conference!.announced = announcement(slot, view);
        deliveries.push(this.delivery(slot, now, '', 'webhook', kind, announcedCount(slot)));
      }
    }
    await supersede(em, superseded);
    await remember(em, changed);
    await rememberAnnounced(em, announced);
    await writeDeliveries(em, deliveries);
  };

  private delivery(
    slot: Slot,
    now: Date,
    personId: string,
    channel: NewDelivery['channel'],
    kind: string,
    sequence: number,
  ): NewDelivery {
    const { schoolId, id: timeslotId, startAt } = slot.timeslot;
    return {
      id: randomUUID(),
      schoolId,
      personId,
      timeslotId,
      eveningId: '',
      channel,
      kind,
      sequence,
      createdAt: now,
      // Messages to one person about one slot leave in order; all others side by side.
      lane: this.deps.index
        .of('delivery-lane', channel, schoolId, personId, timeslotId)
        .toString('base64url')
        .slice(0, 22),
      startAt,
    };
  }
}

const parentKeys = (parents: readonly ParentState[]) =>
  asJson(
    parents.map((parent) => ({
      school_id: parent.schoolId,
      timeslot_id: parent.timeslotId,
      person_id: parent.personId,
      told: parent.told,
      heard: parent.heard,
      sequence: parent.toldSequence,
    })),
  );

/** A job that is on its way finds its message dropped; a row that the relay is taking right now is left to that job. */
async function supersede(em: Em, parents: readonly ParentState[]): Promise<void> {
  if (parents.length === 0) return;
  await rows(
    em,
    sql`with gone as (
      update deliveries d set state = 'dropped', reason = 'superseded'
      from jsonb_to_recordset(${parentKeys(parents)}) as w(school_id text, timeslot_id text, person_id text)
      where d.school_id = w.school_id and d.person_id = w.person_id and d.timeslot_id = w.timeslot_id
        and d.channel = 'email' and d.state = 'pending' and d.attempted_at is null
      returning d.id)
    delete from dispatches where queue = 'deliveries' and subject_id in (
      select subject_id from dispatches where queue = 'deliveries' and subject_id in (select id from gone) for update skip locked)`,
  );
}

/** Writes down what these parents were told and have heard. Their slots' rows are held. */
export async function remember(em: Em, parents: readonly ParentState[]): Promise<void> {
  if (parents.length === 0) return;
  await rows(
    em,
    sql`update timeslot_parents p set told = nullif(w.told, 'null'), heard = nullif(w.heard, 'null'), told_sequence = w.sequence
    from jsonb_to_recordset(${parentKeys(parents)}) as w(school_id text, timeslot_id text, person_id text, told jsonb, heard jsonb, sequence int)
    where p.school_id = w.school_id and p.timeslot_id = w.timeslot_id and p.person_id = w.person_id`,
  );
}

async function rememberAnnounced(em: Em, slots: readonly Slot[]): Promise<void> {
  if (slots.length === 0) return;
  const json = slots.map((slot) => ({
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

const announcement = (slot: Slot, view: ConferenceView) =>
  `${view.status}:${slot.timeslot.version}:${view.joinable}:${announcedCount(slot) + 1}${view.isRemovalStuck ? `:${STUCK}` : ''}`;

/** Last in what was announced: they were told of a removal that a person must look at. */
const STUCK = 'removal-stuck';
const stuckIsAnnounced = (slot: Slot) => slot.conference?.announced?.split(':')[4] === STUCK;

const announcedCount = (slot: Slot) => Number(slot.conference?.announced?.split(':')[3] ?? 0);

/** A removal that became stuck is told beside whatever the status is, once until something else was to be told. */
function announcementKinds(slot: Slot, view: ConferenceView): AnnouncementKind[] {
  const ofStatus = announcementKind(slot, view);
  const isNews = view.isRemovalStuck && !stuckIsAnnounced(slot);
  return [...(ofStatus ? [ofStatus] : []), ...(isNews ? ['failed' as const] : [])];
}

/** Which event programs must get, if any: a status that they were not told, or a ready slot in a new version. */
function announcementKind(slot: Slot, view: ConferenceView): AnnouncementKind | null {
  const [status, version] = slot.conference?.announced?.split(':') ?? [];
  switch (view.status) {
    case 'ready':
      if (status === undefined || status === 'removed' || status === 'failed' || status === 'needs_owner')
        return 'ready';
      if (version !== String(slot.timeslot.version) || status !== 'ready') return 'changed';
      // What was left in an account is gone by now: nothing needs a person any more.
      return stuckIsAnnounced(slot) && view.removal === null ? 'ready' : null;
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
