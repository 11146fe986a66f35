import { randomUUID } from 'node:crypto';
import type { BlindIndex } from '#libs/encryption';
import { type Columns, type Em, type RawBuilder, asJson, bulkUpsert, fromJson, rows, sql } from '#libs/database';
import { clearDue, makeDue, type DueRow } from '#libs/messaging';
import {
  isFinished,
  type ConferenceState,
  type MeetingState,
  type ParentState,
  type Slot,
  type TimeslotState,
} from './model.js';
import { reconcile } from './reconcile.js';

/** School and timeslot id. */
export interface SlotRef {
  readonly schoolId: string;
  readonly timeslotId: string;
}

export const slotKey = (ref: SlotRef) => JSON.stringify([ref.schoolId, ref.timeslotId]);

const TIMESLOT: Columns<TimeslotState> = {
  schoolId: 'text',
  id: 'text',
  eveningId: 'text',
  teacherId: 'text',
  version: 'bigint',
  startAt: 'timestamptz',
  endAt: 'timestamptz',
  status: 'text',
  conferenceVersion: 'bigint',
  conferenceProvider: 'text',
  conferenceTeacherId: 'text',
};
const PARENT: Columns<Omit<ParentState, 'present'>> = {
  schoolId: 'text',
  timeslotId: 'text',
  personId: 'text',
  assigned: 'boolean',
  household: 'text',
  aboutSealed: 'text',
  revealedId: 'uuid',
  toldSequence: 'int',
  told: 'jsonb',
  heard: 'jsonb',
};
const CONFERENCE: Columns<ConferenceState> = {
  schoolId: 'text',
  timeslotId: 'text',
  provider: 'text',
  ownerId: 'text',
  generations: 'int',
  publishedId: 'uuid',
  announced: 'text',
};
const MEETING: Columns<MeetingState> = {
  id: 'uuid',
  schoolId: 'text',
  timeslotId: 'text',
  generation: 'int',
  provider: 'text',
  ownerId: 'text',
  wished: 'boolean',
  retired: 'boolean',
  wishVersion: 'int',
  settledVersion: 'int',
  state: 'text',
  reason: 'text',
  epoch: 'int',
  failures: 'int',
  starts: 'int',
  operation: 'text',
  deadline: 'timestamptz',
  accountIndex: 'bytea',
  accountSealed: 'text',
  madeSealed: 'text',
  idIndex: 'bytea',
  urlIndex: 'bytea',
  madeStart: 'timestamptz',
  madeEnd: 'timestamptz',
  verifyAt: 'timestamptz',
  verifiedAt: 'timestamptz',
  createdAt: 'timestamptz',
  settledAt: 'timestamptz',
  parkedAt: 'timestamptz',
};

/** What hangs on the slots, in one round trip. JSON knows no instants and no bytes: they are read back here. */
async function partsOf(em: Em, given: RawBuilder<unknown>) {
  const [row] = await rows(
    em,
    sql<{ parents: unknown[]; conferences: unknown[]; meetings: unknown[] }>`select
      (select coalesce(json_agg(x order by x.person_id), '[]') from (
        select p.*, coalesce(p2.left_at is null or (p2.told_at, p2.told_id collate "C") > (p2.left_at, p2.left_id collate "C"), false) as present
        from timeslot_parents p join ${given} using (school_id, timeslot_id)
        left join people p2 on p2.school_id = p.school_id and p2.id = p.person_id) x) as parents,
      (select coalesce(json_agg(c), '[]') from (select c.* from conferences c join ${given} using (school_id, timeslot_id)) c) as conferences,
      (select coalesce(json_agg(m order by m.generation), '[]') from (select m.* from meetings m join ${given} using (school_id, timeslot_id)) m) as meetings`,
  );
  return {
    parents: fromJson<ParentState>(row!.parents, PARENT),
    conferences: fromJson<ConferenceState>(row!.conferences, CONFERENCE),
    meetings: fromJson<MeetingState>(row!.meetings, MEETING),
  };
}

/** The lane of an owner's work at a provider: an account's writes are done in order, over all schools. */
export const ownerLane = (index: BlindIndex, provider: string, ownerId: string) =>
  index.of('lane', provider, ownerId).toString('base64url').slice(0, 22);

/**
 * Slots as they are in Postgres, changed in memory by the pure rules and written back in one go: a fixed number of
 * statements for any number of slots. Locking a timeslot's row is what serialises everything that changes its slot.
 */
export class SlotStore {
  private readonly before = new Map<string, string>();

  private constructor(
    private readonly em: Em,
    private readonly index: BlindIndex,
    readonly slots: Map<string, Slot>,
  ) {}

  /** @param lock hold the slots until the transaction ends; needed before any change */
  static async load(em: Em, index: BlindIndex, refs: readonly SlotRef[], lock: boolean): Promise<SlotStore> {
    const store = new SlotStore(em, index, new Map());
    if (refs.length === 0) return store;
    const wanted = [
      ...new Map(refs.map((ref) => [slotKey(ref), { school_id: ref.schoolId, timeslot_id: ref.timeslotId }])).values(),
    ];
    const given = sql`jsonb_to_recordset(${asJson(wanted)}) as w(school_id text, timeslot_id text)`;
    const timeslots = await rows(
      em,
      sql<TimeslotState & { timeZone: string; locale: string; revealMinutes: number | null }>`
      select t.*, s.time_zone, s.locale, s.reveal_minutes from timeslots t
      join ${given} on w.school_id = t.school_id and w.timeslot_id = t.id join schools s on s.id = t.school_id
      order by t.school_id, t.id ${lock ? sql`for update of t` : sql``}`,
    );
    // A statement of its own, after the lock: it must see what the one who held the lock before has written.
    const { parents, conferences, meetings } = await partsOf(em, given);
    for (const { timeZone, locale, revealMinutes, ...timeslot } of timeslots) {
      store.slots.set(slotKey({ schoolId: timeslot.schoolId, timeslotId: timeslot.id }), {
        school: { id: timeslot.schoolId, timeZone, locale, revealMinutes },
        timeslot,
        parents: [],
        conference: null,
        meetings: [],
      });
    }
    for (const parent of parents) store.slots.get(slotKey(parent))?.parents.push(parent);
    for (const meeting of meetings) store.slots.get(slotKey(meeting))?.meetings.push(meeting);
    for (const conference of conferences) {
      const slot = store.slots.get(slotKey(conference));
      if (slot) slot.conference = conference;
    }
    // Only what may be changed is compared later.
    if (lock) for (const slot of store.slots.values()) store.remember(slot);
    return store;
  }

  get(ref: SlotRef): Slot | undefined {
    return this.slots.get(slotKey(ref));
  }

  /** A slot that the database does not have yet. */
  add(slot: Slot): void {
    this.slots.set(slotKey({ schoolId: slot.timeslot.schoolId, timeslotId: slot.timeslot.id }), slot);
  }

  /**
   * Reconciles every loaded slot, writes what changed, and makes due what a worker must do.
   * @param alsoDue meetings that need a worker for a reason of their own (a retry)
   */
  async save(now: Date, alsoDue: readonly MeetingState[] = []): Promise<void> {
    const due = new Map<string, DueRow>();
    const finished = new Map<string, string>();
    const changed = {
      timeslots: [] as TimeslotState[],
      parents: [] as ParentState[],
      conferences: [] as ConferenceState[],
      meetings: [] as MeetingState[],
    };
    for (const slot of this.slots.values()) {
      const also = alsoDue.filter((meeting) => slot.meetings.includes(meeting));
      for (const meeting of [...reconcile(slot, now, randomUUID), ...also])
        due.set(meeting.id, this.dueRow(slot, meeting, now));
      if (this.isChanged(`t${this.keyOf(slot)}`, slot.timeslot)) changed.timeslots.push(slot.timeslot);
      if (slot.conference && this.isChanged(`c${this.keyOf(slot)}`, slot.conference))
        changed.conferences.push(slot.conference);
      for (const parent of slot.parents)
        if (this.isChanged(`p${this.keyOf(slot)}${parent.personId}`, parent)) changed.parents.push(parent);
      for (const meeting of slot.meetings) {
        meeting.parkedAt = meeting.state === 'parked' ? (meeting.parkedAt ?? now) : null;
        if (!this.isChanged(`m${meeting.id}`, meeting)) continue;
        changed.meetings.push(meeting);
        if (isFinished(meeting)) finished.set(meeting.id, meeting.provider);
      }
      this.remember(slot);
    }
    await bulkUpsert(this.em, 'timeslots', TIMESLOT, ['schoolId', 'id'], changed.timeslots);
    await bulkUpsert(this.em, 'timeslot_parents', PARENT, ['schoolId', 'timeslotId', 'personId'], changed.parents);
    await bulkUpsert(this.em, 'conferences', CONFERENCE, ['schoolId', 'timeslotId'], changed.conferences);
    await bulkUpsert(this.em, 'meetings', MEETING, ['id'], changed.meetings);
    for (const provider of new Set(finished.values())) {
      await clearDue(
        this.em,
        provider as DueRow['queue'],
        [...finished].filter(([, queue]) => queue === provider).map(([id]) => id),
      );
    }
    await makeDue(
      this.em,
      [...due.values()].filter((row) => !finished.has(row.subjectId)),
    );
  }

  dueRow(slot: Slot, meeting: MeetingState, dueAt: Date): DueRow {
    return {
      queue: meeting.provider,
      subjectId: meeting.id,
      schoolId: meeting.schoolId,
      lane: ownerLane(this.index, meeting.provider, meeting.ownerId),
      startAt: slot.timeslot.startAt,
      dueAt,
    };
  }

  private keyOf(slot: Slot): string {
    return slotKey({ schoolId: slot.timeslot.schoolId, timeslotId: slot.timeslot.id });
  }

  private isChanged(key: string, value: unknown): boolean {
    return this.before.get(key) !== JSON.stringify(value);
  }

  private remember(slot: Slot): void {
    const key = this.keyOf(slot);
    this.before.set(`t${key}`, JSON.stringify(slot.timeslot));
    if (slot.conference) this.before.set(`c${key}`, JSON.stringify(slot.conference));
    for (const parent of slot.parents) this.before.set(`p${key}${parent.personId}`, JSON.stringify(parent));
    for (const meeting of slot.meetings) this.before.set(`m${meeting.id}`, JSON.stringify(meeting));
  }
}
