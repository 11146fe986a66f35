import { createHash, randomBytes } from 'node:crypto';
import type { BlindIndex, Sealed } from '#libs/encryption';
import { type DataKeys, type Em, type KeyOwner, asJson, bulkInsert, bulkUpsert, rows, sql } from '#libs/database';
import { recordAudit, type AuditEntry } from '#libs/privacy';
import type { IncomingChange, IncomingEvent, IncomingPerson, IncomingSchool, IntakeStatus } from './incoming-event.js';
import {
  EVENING,
  JOIN_LINK,
  PERSON,
  SCHOOL,
  type EveningRow,
  type JoinLinkRow,
  type KnownPerson,
  type PersonRow,
  type SchoolRow,
} from './take-in-rows.js';
import { dropErased } from './erasure/drop-erased.js';
import { contactsSealedOf } from './people.js';
import { SlotStore, type SlotRef } from './slot-store.js';
import { isEntitled, type Slot } from './model.js';

/** Another request took one of these events in at the same moment: taken in again, they are judged rightly. */
export class SeenMeanwhile extends Error {}

/** Same source and id as an event seen before, another body. Pointer index is the event's place in the batch. */
export class ConflictingEvent extends Error {
  constructor(readonly position: number) {
    super('This event was seen before with another body. Give the new one an id of its own.');
  }
}

/** Does (time, id) `a` come after `b`? Ids are compared by code unit, as Postgres does with collation "C". */
export const comesAfter = (a: { at: Date; id: string }, b: { at: Date; id: string }) =>
  a.at.getTime() > b.at.getTime() ||
  (a.at.getTime() === b.at.getTime() && Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)) > 0);

export const hashOfToken = (token: string) => createHash('sha256').update(token).digest();

const key = (...parts: string[]) => JSON.stringify(parts);

/** One intake at a time per school: shuffled streams then need no other locks, and batches cannot deadlock. */
export const lockSchoolIntake = (em: Em, schoolIds: readonly string[]) =>
  rows(
    em,
    sql`select pg_advisory_xact_lock(hashtextextended('intake ' || id, 7)) from unnest(${[...schoolIds].sort()}::text[]) as id`,
  );

/**
 * Takes a batch of events into one transaction: inbox, snapshots, wishes and due work, or nothing (contract: accepted or
 * refused whole). About twenty statements, whatever the size of the batch. Calls nobody.
 */
export class Intake {
  private schools = new Map<string, SchoolRow>();
  private evenings = new Map<string, EveningRow>();
  private people = new Map<string, KnownPerson>();
  private dirty = { schools: new Set<SchoolRow>(), evenings: new Set<EveningRow>(), people: new Set<PersonRow>() };
  private newLinks: JoinLinkRow[] = [];
  private linked = new Set<string>();
  /** Schools that showed the URL at any time until this batch: all parents could have seen it. */
  private closing = new Set<string>();
  private store!: SlotStore;

  private constructor(
    private readonly em: Em,
    private readonly keys: DataKeys,
    private readonly index: BlindIndex,
    private readonly now: Date,
  ) {}

  /**
   * @returns one status per event in order, and the slots as they are now (for notices)
   * @throws ConflictingEvent
   */
  static async run(
    em: Em,
    deps: { keys: DataKeys; index: BlindIndex; now: Date },
    events: readonly IncomingEvent[],
  ): Promise<{ statuses: IntakeStatus[]; slots: Slot[] }> {
    return new Intake(em, deps.keys, deps.index, deps.now).take(events);
  }

  private async take(given: readonly IncomingEvent[]) {
    const schoolIds = schoolsNamedBy(given);
    await lockSchoolIntake(this.em, schoolIds);
    const fresh = await this.fresh(given);
    const events = await dropErased(this.em, this.index, given);
    const news = events.filter((_, position) => fresh[position]);
    await this.load(news, schoolIds);
    const statuses: IntakeStatus[] = [];
    for (const [position, event] of events.entries())
      statuses.push(fresh[position] ? await this.apply(event) : 'duplicate');
    await this.write(events, statuses, fresh);
    return { statuses, slots: [...this.store.slots.values()] };
  }

  /** Which events were never seen? Also within the batch itself. */
  private async fresh(events: readonly IncomingEvent[]): Promise<boolean[]> {
    const ids = events.map((event) => ({ source: event.source, id: event.id }));
    const known = await rows(
      this.em,
      sql<{
        source: string;
        id: string;
        bodyHash: Buffer;
      }>`select source, id, body_hash from seen_events(${asJson(ids)})`,
    );
    const seen = new Map(known.map((row) => [key(row.source, row.id), row.bodyHash]));
    return events.map((event, position) => {
      const earlier = seen.get(key(event.source, event.id));
      if (!earlier) {
        seen.set(key(event.source, event.id), event.bodyHash);
        return true;
      }
      if (!earlier.equals(event.bodyHash)) throw new ConflictingEvent(position);
      return false;
    });
  }

  private async load(events: readonly IncomingEvent[], schoolIds: string[]): Promise<void> {
    const refs: SlotRef[] = [];
    const people: { school_id: string; id: string }[] = [];
    const evenings: { school_id: string; id: string }[] = [];
    const owners: KeyOwner[] = schoolIds.map((school) => ({ school }));
    for (const { change } of events) {
      if (change.kind === 'timeslot') {
        refs.push({ schoolId: change.school.id, timeslotId: change.timeslot.id });
        evenings.push({ school_id: change.school.id, id: change.evening.id });
        for (const person of named(change)) people.push({ school_id: change.school.id, id: person.id });
      } else if (change.kind === 'person') people.push({ school_id: change.schoolId, id: change.person.id });
      else if (change.kind === 'person-left') people.push({ school_id: change.schoolId, id: change.personId });
      else if (change.kind === 'school')
        for (const contact of change.settings.contacts) owners.push({ school: change.school.id, person: contact.id });
    }
    owners.push(...people.map((person) => ({ school: person.school_id, person: person.id })));
    await this.keys.load(this.em, owners);
    refs.push(...(await this.slotsOf(events)));
    this.store = await SlotStore.load(this.em, this.index, refs, true);
    // Everybody named on these slots: whoever left and is named again is entitled again.
    for (const row of await rows(this.em, sql<SchoolRow>`select * from schools where id = any(${schoolIds}::text[])`))
      this.schools.set(row.id, row);
    for (const row of await rows(
      this.em,
      sql<EveningRow>`select e.school_id, e.id, e.name_sealed, e.told_at, e.told_id from evenings e join jsonb_to_recordset(${asJson(evenings)}) as w(school_id text, id text) using (school_id, id)`,
    ))
      this.evenings.set(key(row.schoolId, row.id), row);
    for (const row of await rows(
      this.em,
      sql<KnownPerson>`select p.* from people p join (select distinct * from jsonb_to_recordset(${asJson(people)}) as w(school_id text, id text)) w using (school_id, id)`,
    ))
      this.people.set(key(row.schoolId, row.id), row);
    const given = [...this.store.slots.values()].map(({ timeslot }) => ({
      school_id: timeslot.schoolId,
      timeslot_id: timeslot.id,
    }));
    for (const row of await rows(
      this.em,
      sql<{
        schoolId: string;
        timeslotId: string;
        personId: string;
      }>`select l.school_id, l.timeslot_id, l.person_id from join_links l join jsonb_to_recordset(${asJson(given)}) as w(school_id text, timeslot_id text) using (school_id, timeslot_id)`,
    ))
      this.linked.add(key(row.schoolId, row.timeslotId, row.personId));
  }

  /** The slots of people who left, or who are named again after it: what they may see changes with them. */
  private async slotsOf(events: readonly IncomingEvent[]): Promise<SlotRef[]> {
    const people = events.flatMap(({ change }) =>
      change.kind === 'person-left'
        ? [{ school_id: change.schoolId, id: change.personId }]
        : change.kind === 'person'
          ? [{ school_id: change.schoolId, id: change.person.id }]
          : change.kind === 'timeslot'
            ? change.parents.map((parent) => ({ school_id: change.school.id, id: parent.id }))
            : [],
    );
    if (people.length === 0) return [];
    const leaving = events.some(({ change }) => change.kind === 'person-left');
    return rows(
      this.em,
      sql<SlotRef>`select distinct p.school_id, p.timeslot_id from timeslot_parents p
      join jsonb_to_recordset(${asJson(people)}) as w(school_id text, id text) on w.school_id = p.school_id and w.id = p.person_id
      join people pe on pe.school_id = p.school_id and pe.id = p.person_id
      where p.assigned and (${leaving} or pe.left_at is not null)`,
    );
  }

  private async apply(event: IncomingEvent): Promise<IntakeStatus> {
    const { change } = event;
    const told = { at: event.toldAt, id: event.id };
    switch (change.kind) {
      case 'school':
        return (await this.tellSchool(change.school, told, change.settings)) ? 'accepted' : 'stale';
      case 'person':
        return (await this.tellPerson(change.schoolId, change.person, told)) ? 'accepted' : 'stale';
      case 'person-left':
        return this.personLeft(change.schoolId, change.personId, told) ? 'accepted' : 'stale';
      case 'nobody':
        return 'accepted';
      case 'timeslot': {
        await this.tellSchool(change.school, told);
        await this.tellEvening(change.school.id, change.evening, told);
        for (const person of named(change)) await this.tellPerson(change.school.id, person, told);
        return this.tellTimeslot(change, event.toldAt);
      }
    }
  }

  private async tellSchool(
    school: IncomingSchool,
    told: { at: Date; id: string },
    settings?: Extract<IncomingChange, { kind: 'school' }>['settings'],
  ): Promise<boolean> {
    let row = this.schools.get(school.id);
    const isNew = !row;
    if (!row) {
      row = {
        id: school.id,
        nameSealed: '' as Sealed,
        timeZone: school.timeZone,
        locale: school.locale,
        toldAt: told.at,
        toldId: told.id,
        accountDomains: [],
        revealMinutes: 10,
        joinRequiresSignIn: false,
        contactsSealed: null,
        settingsAt: null,
        settingsId: null,
      };
      this.schools.set(school.id, row);
    }
    let fresh = false;
    if (isNew || comesAfter(told, { at: row.toldAt, id: row.toldId })) {
      const name = await this.keys.seal(school.name, {
        table: 'schools',
        column: 'name_sealed',
        row: school.id,
        school: school.id,
      });
      Object.assign(row, {
        nameSealed: name,
        timeZone: school.timeZone,
        locale: school.locale,
        toldAt: told.at,
        toldId: told.id,
      });
      fresh = true;
    }
    if (settings && (row.settingsAt === null || comesAfter(told, { at: row.settingsAt, id: row.settingsId! }))) {
      const contacts = await contactsSealedOf(this.keys, school.id, settings.contacts);
      if (row.revealMinutes === null && settings.revealMinutes !== null) this.stopShowingAlways(school.id);
      Object.assign(row, {
        accountDomains: settings.accountDomains,
        revealMinutes: settings.revealMinutes,
        joinRequiresSignIn: settings.joinRequiresSignIn,
        contactsSealed: contacts,
        settingsAt: told.at,
        settingsId: told.id,
      });
      fresh = true;
    }
    if (fresh) this.dirty.schools.add(row);
    return fresh;
  }

  private async tellEvening(
    schoolId: string,
    evening: { id: string; name: string },
    told: { at: Date; id: string },
  ): Promise<void> {
    const known = this.evenings.get(key(schoolId, evening.id));
    if (known && !comesAfter(told, { at: known.toldAt, id: known.toldId })) return;
    const nameSealed = await this.keys.seal(evening.name, {
      table: 'evenings',
      column: 'name_sealed',
      row: evening.id,
      school: schoolId,
    });
    const row = Object.assign(known ?? { schoolId, id: evening.id }, {
      nameSealed,
      toldAt: told.at,
      toldId: told.id,
    }) as EveningRow;
    this.evenings.set(key(schoolId, evening.id), row);
    this.dirty.evenings.add(row);
  }

  private async tellPerson(schoolId: string, person: IncomingPerson, told: { at: Date; id: string }): Promise<boolean> {
    const known = this.people.get(key(schoolId, person.id));
    if (known && !comesAfter(told, { at: known.toldAt, id: known.toldId })) return false;
    if (known?.correctedAt && told.at <= known.correctedAt) {
      // The person's own word stands until a later event; that the person is named counts all the same.
      Object.assign(known, { toldAt: told.at, toldId: told.id });
      this.dirty.people.add(known);
      this.refreshPresence(known);
      return true;
    }
    const profileHash = this.index.of('profile', schoolId, person.id, person.name, person.email);
    const profileSealed = known?.profileHash.equals(profileHash)
      ? known.profileSealed
      : await this.keys.seal(JSON.stringify({ name: person.name, email: person.email }), {
          table: 'people',
          column: 'profile_sealed',
          row: person.id,
          school: schoolId,
          person: person.id,
        });
    const row = Object.assign(known ?? { schoolId, id: person.id, leftAt: null, leftId: null }, {
      profileSealed,
      profileHash,
      locale: person.locale,
      toldAt: told.at,
      toldId: told.id,
    }) as PersonRow;
    this.people.set(key(schoolId, person.id), row);
    this.dirty.people.add(row);
    this.refreshPresence(row);
    return true;
  }

  private personLeft(schoolId: string, personId: string, told: { at: Date; id: string }): boolean {
    const known = this.people.get(key(schoolId, personId));
    if (known?.leftAt && !comesAfter(told, { at: known.leftAt, id: known.leftId! })) return false;
    const row = (known ?? {
      schoolId,
      id: personId,
      profileSealed: '' as Sealed,
      profileHash: Buffer.alloc(0),
      locale: '',
      toldAt: new Date(0),
      toldId: '',
      leftAt: null,
      leftId: null,
    }) as PersonRow;
    Object.assign(row, { leftAt: told.at, leftId: told.id });
    this.people.set(key(schoolId, personId), row);
    this.dirty.people.add(row);
    this.refreshPresence(row);
    return true;
  }

  private isPresent(schoolId: string, personId: string): boolean {
    const row = this.people.get(key(schoolId, personId));
    return (
      !!row &&
      (row.leftAt === null || comesAfter({ at: row.toldAt, id: row.toldId }, { at: row.leftAt, id: row.leftId! }))
    );
  }

  private refreshPresence(row: PersonRow): void {
    const present = this.isPresent(row.schoolId, row.id);
    for (const slot of this.store.slots.values()) {
      if (slot.timeslot.schoolId !== row.schoolId) continue;
      for (const parent of slot.parents) {
        if (parent.personId !== row.id || parent.present === present) continue;
        if (!present) this.couldHaveSeen(slot, parent);
        parent.present = present;
      }
    }
  }

  /** A parent who could look at the URL at any time counts as having seen it. */
  private couldHaveSeen(slot: Slot, parent: Slot['parents'][number]): void {
    if (slot.school.revealMinutes === null && isEntitled(parent) && slot.conference?.publishedId)
      parent.revealedId = slot.conference.publishedId;
  }

  private stopShowingAlways(schoolId: string): void {
    this.closing.add(schoolId);
    for (const slot of this.store.slots.values())
      if (slot.timeslot.schoolId === schoolId) for (const parent of slot.parents) this.couldHaveSeen(slot, parent);
  }

  private async tellTimeslot(
    change: Extract<IncomingChange, { kind: 'timeslot' }>,
    toldAt: Date,
  ): Promise<IntakeStatus> {
    const schoolId = change.school.id;
    const ref = { schoolId, timeslotId: change.timeslot.id };
    const known = this.store.get(ref);
    const isStale = known !== undefined && change.timeslot.version <= known.timeslot.version;
    const slot = known ?? this.newSlot(change);
    const school = this.schools.get(schoolId)!;
    slot.school = {
      id: schoolId,
      timeZone: school.timeZone,
      locale: school.locale,
      revealMinutes: school.revealMinutes,
    };
    if (!isStale) {
      const moved =
        slot.timeslot.startAt.getTime() !== change.timeslot.startAt.getTime() ||
        slot.timeslot.endAt.getTime() !== change.timeslot.endAt.getTime();
      Object.assign(slot.timeslot, {
        version: change.timeslot.version,
        startAt: change.timeslot.startAt,
        endAt: change.timeslot.endAt,
        status: change.timeslot.status,
        eveningId: change.evening.id,
        teacherId: change.teacher.id,
      });
      await this.assignParents(slot, change, toldAt);
      if (moved) restartStuck(slot);
    }
    if (change.conference !== undefined && change.timeslot.version > (slot.timeslot.conferenceVersion ?? -1))
      this.wish(slot, change);
    return isStale ? 'stale' : 'accepted';
  }

  /** The highest version that speaks of the conference decides; it acts only where it says something new. */
  private wish(slot: Slot, change: Extract<IncomingChange, { kind: 'timeslot' }>): void {
    const { timeslot } = slot;
    const provider = change.conference?.provider ?? null;
    const first = timeslot.conferenceVersion === null;
    const differs =
      first ||
      provider !== timeslot.conferenceProvider ||
      (provider !== null && change.teacher.id !== timeslot.conferenceTeacherId);
    Object.assign(timeslot, {
      conferenceVersion: change.timeslot.version,
      conferenceProvider: provider,
      conferenceTeacherId: change.teacher.id,
    });
    if (!differs) return;
    if (slot.conference) Object.assign(slot.conference, { provider, ownerId: change.teacher.id });
    else if (provider)
      slot.conference = {
        schoolId: timeslot.schoolId,
        timeslotId: timeslot.id,
        provider,
        ownerId: change.teacher.id,
        generations: 0,
        publishedId: null,
        announced: null,
      };
  }

  private newSlot(change: Extract<IncomingChange, { kind: 'timeslot' }>): Slot {
    const { id, version, startAt, endAt, status } = change.timeslot;
    const slot: Slot = {
      school: {
        id: change.school.id,
        timeZone: change.school.timeZone,
        locale: change.school.locale,
        revealMinutes: 10,
      },
      timeslot: {
        schoolId: change.school.id,
        id,
        eveningId: change.evening.id,
        teacherId: change.teacher.id,
        version,
        startAt,
        endAt,
        status,
        conferenceVersion: null,
        conferenceProvider: null,
        conferenceTeacherId: null,
      },
      parents: [],
      conference: null,
      meetings: [],
    };
    this.store.add(slot);
    return slot;
  }

  private async assignParents(
    slot: Slot,
    change: Extract<IncomingChange, { kind: 'timeslot' }>,
    toldAt: Date,
  ): Promise<void> {
    const { schoolId, id: timeslotId } = slot.timeslot;
    const named = new Map(change.parents.map((parent) => [parent.id, parent]));
    for (const parent of slot.parents) {
      if (named.has(parent.personId)) continue;
      this.couldHaveSeen(slot, parent);
      parent.assigned = false;
    }
    for (const person of named.values()) {
      const context = {
        table: 'timeslot_parents',
        column: 'about_sealed',
        row: timeslotId,
        school: schoolId,
        person: person.id,
      };
      const about = (await this.correctedAbout(schoolId, person.id, toldAt)) ?? person.about;
      const aboutSealed = about ? await this.keys.seal(about, context) : null;
      const known = slot.parents.find((parent) => parent.personId === person.id);
      const present = this.isPresent(schoolId, person.id);
      if (known) Object.assign(known, { assigned: true, household: person.household ?? null, aboutSealed, present });
      else
        slot.parents.push({
          schoolId,
          timeslotId,
          personId: person.id,
          assigned: true,
          household: person.household ?? null,
          aboutSealed,
          revealedId: null,
          toldSequence: 0,
          told: null,
          heard: null,
          present,
        });
      await this.link(schoolId, timeslotId, person.id);
    }
  }

  /** The child's name as the parent corrected it, where that is newer than the event; null where it is not. */
  private async correctedAbout(schoolId: string, personId: string, toldAt: Date): Promise<string | null> {
    const row = this.people.get(key(schoolId, personId));
    if (!row?.aboutAt || !row.aboutSealed || toldAt > row.aboutAt) return null;
    return (await this.keys.open(row.aboutSealed, correctedAboutContext(schoolId, personId))).reveal();
  }

  /** A join link of 256 random bits; only its hash can be looked up, the token itself is sealed for its person. */
  private async link(schoolId: string, timeslotId: string, personId: string): Promise<void> {
    const id = key(schoolId, timeslotId, personId);
    if (this.linked.has(id)) return;
    this.linked.add(id);
    const token = randomBytes(32).toString('base64url');
    const tokenSealed = await this.keys.seal(token, {
      table: 'join_links',
      column: 'token_sealed',
      row: timeslotId,
      school: schoolId,
      person: personId,
    });
    this.newLinks.push({ tokenHash: hashOfToken(token), schoolId, timeslotId, personId, tokenSealed });
  }

  private async write(
    events: readonly IncomingEvent[],
    statuses: readonly IntakeStatus[],
    fresh: readonly boolean[],
  ): Promise<void> {
    await bulkUpsert(this.em, 'schools', SCHOOL, ['id'], [...this.dirty.schools]);
    await bulkUpsert(this.em, 'evenings', EVENING, ['schoolId', 'id'], [...this.dirty.evenings]);
    await bulkUpsert(
      this.em,
      'people',
      PERSON,
      ['schoolId', 'id'],
      [...this.dirty.people].filter((person) => person.profileSealed !== ('' as Sealed) || person.leftAt !== null),
    );
    if (this.closing.size > 0)
      await rows(
        this.em,
        sql`update timeslot_parents p set revealed_id = c.published_id from conferences c, people w
        where p.school_id = any(${[...this.closing]}::text[]) and p.assigned and c.school_id = p.school_id and c.timeslot_id = p.timeslot_id
          and c.published_id is not null and w.school_id = p.school_id and w.id = p.person_id
          and (w.left_at is null or (w.told_at, w.told_id collate "C") > (w.left_at, w.left_id collate "C"))`,
      );
    await this.store.save(this.now);
    await bulkUpsert(this.em, 'join_links', JOIN_LINK, ['tokenHash'], this.newLinks);
    const inbox = events
      .map((event, position) => ({ event, status: statuses[position]!, isNew: fresh[position]! }))
      .filter(({ isNew }) => isNew)
      .map(({ event, status }) => ({
        source: event.source,
        id: event.id,
        schoolId: schoolOf(event),
        type: event.type,
        bodyHash: event.bodyHash,
        occurredAt: event.toldAt,
        receivedAt: this.now,
        status,
        timeslotId: event.change.kind === 'timeslot' ? event.change.timeslot.id : null,
      }));
    const isFirst = await bulkInsert(
      this.em,
      'inbox',
      {
        source: 'text',
        id: 'text',
        schoolId: 'text',
        type: 'text',
        bodyHash: 'bytea',
        occurredAt: 'timestamptz',
        receivedAt: 'timestamptz',
        status: 'text',
        timeslotId: 'text',
      },
      ['source', 'id'],
      inbox,
    );
    // The locks are per school: the same event sent for two schools at once meets itself here.
    if (!isFirst) throw new SeenMeanwhile();
    const { keys, index, now } = this;
    const news = events.map((event, position) => ({ event, position })).filter(({ position }) => fresh[position]);
    await recordAudit(
      this.em,
      { keys, index, now },
      news.map(({ event, position }) => auditOf(event, statuses[position]!)),
    );
  }
}

/** What an event did: whom it names is in the slot or is the person; their data are not repeated. */
const auditOf = (event: IncomingEvent, status: IntakeStatus): AuditEntry => {
  const { change } = event;
  return {
    schoolId: schoolOf(event),
    action: 'event.taken-in',
    actor: { kind: 'program' },
    ...(change.kind === 'timeslot' && { timeslotId: change.timeslot.id }),
    ...(change.kind === 'person' && { subjectId: change.person.id }),
    ...(change.kind === 'person-left' && { subjectId: change.personId }),
    detail: { event: event.id, type: event.type, status },
  };
};

/** A newer wish starts a meeting again that a person had to look at. */
export function restartStuck(slot: Slot): void {
  for (const meeting of slot.meetings)
    if (meeting.state === 'stuck') Object.assign(meeting, { state: 'pending', reason: null, failures: 0, starts: 0 });
}

/** Whom a slot's event names: an erased teacher is nobody any more. */
const named = (change: Extract<IncomingChange, { kind: 'timeslot' }>): readonly IncomingPerson[] =>
  change.teacherIsErased ? change.parents : [change.teacher, ...change.parents];

/** A correction of `about` holds for all of a parent's slots and stands with the person. */
export const correctedAboutContext = (school: string, person: string) => ({
  table: 'people',
  column: 'about_sealed',
  row: person,
  school,
  person,
});

const schoolOf = ({ change }: IncomingEvent) => ('school' in change ? change.school.id : change.schoolId);

/** Whose rows a batch is about: the transaction that takes it in works for these schools. */
export const schoolsNamedBy = (events: readonly IncomingEvent[]): string[] => [...new Set(events.map(schoolOf))].sort();
