import type { ProviderName } from '#libs/providers';
import type { ParentMeetingsEvent } from '#libs/client';

/** One slot as the school wishes it, by the words of the contract. Instants in milliseconds. */
export interface WishedSlot {
  readonly id: string;
  version: number;
  start: number;
  end: number;
  status: 'planned' | 'cancelled';
  teacher: string;
  parents: Set<string>;
  wish: { provider: ProviderName; owner: string } | null;
  /** A conference was wanted at some time. */
  everWanted: boolean;
  /** What the highest version that spoke of the conference said. */
  spoke: { version: number; provider: ProviderName | null; teacher: string } | null;
  /** Changes that a parent could see, or that put somebody else in charge: no parent hears more often. */
  changes: number;
  /** How often the slot or its conference was called off. */
  suspensions: number;
}

interface Told {
  at: number;
  id: string;
}
const isAfter = (a: Told, b: Told) => a.at > b.at || (a.at === b.at && a.id > b.id);

/**
 * What the school wishes, kept by a model of a few lines that knows nothing of meetings, queues or tables: the reference
 * that the product is held against. Fed with what was acknowledged, in that order.
 */
export class Wished {
  readonly slots = new Map<string, WishedSlot>();
  private readonly people = new Map<string, { named: Told | null; left: Told | null }>();
  revealMinutes: number | null = 10;
  private settled: Told | null = null;

  accept(event: ParentMeetingsEvent): void {
    const told = { at: Date.parse(event.time), id: event.id };
    switch (event.type) {
      case 'parentmeetings.person.left.v1': {
        const person = this.person(event.data.person.id);
        if (!person.left || isAfter(told, person.left)) person.left = told;
        return;
      }
      case 'parentmeetings.person.changed.v1':
        return this.named(event.data.person.id, told);
      case 'parentmeetings.school.changed.v1':
        if (this.settled && !isAfter(told, this.settled)) return;
        this.settled = told;
        this.revealMinutes = event.data.school.revealMinutes === undefined ? 10 : event.data.school.revealMinutes;
        return;
      case 'parentmeetings.timeslot.changed.v1': {
        const { timeslot, teacher, parents, conference } = event.data;
        for (const person of [teacher, ...parents]) this.named(person.id, told);
        let slot = this.slots.get(timeslot.id);
        const isNew = !slot;
        if (!slot) {
          slot = {
            id: timeslot.id,
            version: -1,
            start: 0,
            end: 0,
            status: 'planned',
            teacher: teacher.id,
            parents: new Set(),
            wish: null,
            everWanted: false,
            spoke: null,
            changes: 0,
            suspensions: 0,
          };
          this.slots.set(timeslot.id, slot);
        }
        if (isNew || timeslot.version > slot.version) {
          Object.assign(slot, {
            version: timeslot.version,
            start: Date.parse(timeslot.start),
            end: Date.parse(timeslot.end),
            status: timeslot.status,
            teacher: teacher.id,
            parents: new Set(parents.map((parent) => parent.id)),
          });
          slot.changes += 1;
          if (timeslot.status === 'cancelled') slot.suspensions += 1;
        }
        if (conference !== undefined && timeslot.version > (slot.spoke?.version ?? -1)) {
          const provider = conference?.provider ?? null;
          const differs =
            !slot.spoke || slot.spoke.provider !== provider || (provider !== null && slot.spoke.teacher !== teacher.id);
          slot.spoke = { version: timeslot.version, provider, teacher: teacher.id };
          if (differs) this.wish(slot, provider && { provider, owner: teacher.id });
        }
      }
    }
  }

  wish(slot: WishedSlot, wish: WishedSlot['wish']): void {
    slot.wish = wish;
    if (!wish) slot.suspensions += 1;
    slot.everWanted ||= wish !== null;
    slot.changes += 1;
  }

  isPresent(personId: string): boolean {
    const { named, left } = this.person(personId);
    return left === null || (named !== null && isAfter(named, left));
  }

  isEntitled(slot: WishedSlot, parentId: string): boolean {
    return slot.parents.has(parentId) && this.isPresent(parentId);
  }

  isWanted = (slot: WishedSlot) => slot.wish !== null && slot.status === 'planned';

  private named(id: string, told: Told): void {
    const person = this.person(id);
    if (!person.named || isAfter(told, person.named)) person.named = told;
  }

  private person(id: string) {
    let person = this.people.get(id);
    if (!person) this.people.set(id, (person = { named: null, left: null }));
    return person;
  }
}
