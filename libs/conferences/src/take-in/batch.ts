import type { BlindIndex } from '#libs/encryption';
import type { DataKeys } from '#libs/database';
import type { SlotStore } from '../slot-store.js';
import type { EveningRow, JoinLinkRow, KnownPerson, PersonRow, SchoolRow } from './take-in-rows.js';

const key = (...parts: string[]) => JSON.stringify(parts);

/**
 * What one batch of events is about, in memory between one load and one write: rows as Postgres has them, changed by the
 * events in their order, with a note of what must be written. Nothing here asks the database.
 */
export class Batch {
  /** Rows that an event changed, once each: what will be written. */
  readonly changed = {
    schools: new Set<SchoolRow>(),
    evenings: new Set<EveningRow>(),
    people: new Set<PersonRow>(),
    links: [] as JoinLinkRow[],
  };
  /** Schools that showed the URL at any time until this batch: all parents could have seen it. */
  readonly closing = new Set<string>();
  private readonly schools = new Map<string, SchoolRow>();
  private readonly evenings = new Map<string, EveningRow>();
  private readonly people = new Map<string, KnownPerson>();
  private readonly linked = new Set<string>();

  constructor(
    readonly keys: DataKeys,
    readonly index: BlindIndex,
    readonly store: SlotStore,
  ) {}

  /** What Postgres knows already. `linked` is who has a join link to which slot. */
  remember(known: {
    schools: readonly SchoolRow[];
    evenings: readonly EveningRow[];
    people: readonly KnownPerson[];
    linked: readonly Pick<JoinLinkRow, 'schoolId' | 'timeslotId' | 'personId'>[];
  }): void {
    for (const row of known.schools) this.schools.set(row.id, row);
    for (const row of known.evenings) this.evenings.set(key(row.schoolId, row.id), row);
    for (const row of known.people) this.people.set(key(row.schoolId, row.id), row);
    for (const row of known.linked) this.linked.add(key(row.schoolId, row.timeslotId, row.personId));
  }

  school(id: string): SchoolRow | undefined {
    return this.schools.get(id);
  }

  evening(schoolId: string, id: string): EveningRow | undefined {
    return this.evenings.get(key(schoolId, id));
  }

  person(schoolId: string, id: string): KnownPerson | undefined {
    return this.people.get(key(schoolId, id));
  }

  isLinked(schoolId: string, timeslotId: string, personId: string): boolean {
    return this.linked.has(key(schoolId, timeslotId, personId));
  }

  changeSchool(row: SchoolRow): void {
    this.schools.set(row.id, row);
    this.changed.schools.add(row);
  }

  changeEvening(row: EveningRow): void {
    this.evenings.set(key(row.schoolId, row.id), row);
    this.changed.evenings.add(row);
  }

  changePerson(row: PersonRow): void {
    this.people.set(key(row.schoolId, row.id), row);
    this.changed.people.add(row);
  }

  addLink(row: JoinLinkRow): void {
    this.linked.add(key(row.schoolId, row.timeslotId, row.personId));
    this.changed.links.push(row);
  }
}
