import { randomUUID } from 'node:crypto';
import type { ParentMeetingsEvent, PersonData, SchoolChanged, TimeslotChanged } from '#libs/client';
import type { ProviderName } from '#libs/providers';

export type SlotEvent = Extract<ParentMeetingsEvent, { type: 'parentmeetings.timeslot.changed.v1' }>;

export const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

let schools = 0;

/** A school that no other test knows: its people, its one evening, and the events that tell of them. Times are real. */
export class ASchool {
  readonly id = `s-${++schools}-${randomUUID().slice(0, 8)}`;
  readonly evening = { id: `e-${this.id}`, name: 'Oudergesprekken november' };
  readonly settings = { id: this.id, name: 'De Regenboog', timeZone: 'Europe/Amsterdam', locale: 'nl' };
  private readonly versions = new Map<string, number>();

  teacher(n = 1): PersonData {
    return this.person(`teacher-${n}`, `Docent Canarissen-${n}`, 'nl');
  }

  parent(n = 1, locale = 'nl'): PersonData {
    return this.person(`parent-${n}`, `Ouder Vinkenburg-${n}`, locale);
  }

  slotId = (n = 1) => `t-${n}-${this.id}`;

  /** The n-th slot as it is now: ten minutes, tomorrow unless `start` says otherwise. Each call is a higher version. */
  slot(
    n = 1,
    more: {
      start?: string;
      minutes?: number;
      status?: 'planned' | 'cancelled';
      teacher?: PersonData;
      parents?: TimeslotChanged['parents'];
      wanting?: ProviderName | null;
    } = {},
  ): SlotEvent {
    const id = this.slotId(n);
    const version = (this.versions.get(id) ?? 0) + 1;
    this.versions.set(id, version);
    const start = new Date(more.start ?? Math.ceil(Date.now() / 60_000) * 60_000 + 86_400_000 + n * 600_000);
    const end = new Date(start.getTime() + (more.minutes ?? 10) * 60_000);
    return {
      ...this.envelope(),
      type: 'parentmeetings.timeslot.changed.v1',
      data: {
        school: this.settings,
        evening: this.evening,
        timeslot: {
          id,
          version,
          start: start.toISOString(),
          end: end.toISOString(),
          status: more.status ?? 'planned',
        },
        teacher: more.teacher ?? this.teacher(),
        parents: more.parents ?? [this.parent(n)],
        ...(more.wanting !== undefined && { conference: more.wanting && { provider: more.wanting } }),
      },
    };
  }

  changed(settings: Partial<SchoolChanged['school']>): ParentMeetingsEvent {
    return {
      ...this.envelope(),
      type: 'parentmeetings.school.changed.v1',
      data: { school: { ...this.settings, ...settings } },
    };
  }

  left(person: PersonData): ParentMeetingsEvent {
    return {
      ...this.envelope(),
      type: 'parentmeetings.person.left.v1',
      data: { school: { id: this.id }, person: { id: person.id } },
    };
  }

  named(person: PersonData): ParentMeetingsEvent {
    return { ...this.envelope(), type: 'parentmeetings.person.changed.v1', data: { school: { id: this.id }, person } };
  }

  private person(role: string, name: string, locale: string): PersonData {
    return { id: `p-${role}-${this.id}`, name, email: `${role}@${this.id}.example`, locale };
  }

  private envelope() {
    return {
      specversion: '1.0' as const,
      id: randomUUID(),
      source: 'urn:e2e',
      time: new Date().toISOString(),
      datacontenttype: 'application/json',
    };
  }
}
