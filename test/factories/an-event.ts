import type { ParentMeetingsEvent, PersonChanged, SchoolChanged, TimeslotChanged } from '#libs/client';
import type { ProviderName } from '#libs/providers';

/** The evening on which the tests' slots lie, in the zone of their school; `NOW` lies two days before it. */
export const DAY = '2026-11-24';
export const NOW = new Date('2026-11-22T10:00:00Z');

/** The instant of a time of that evening, as an event says it. */
export const at = (time: string) => `${DAY}T${time}:00+01:00`;
/** The same as a Date. */
export const instantAt = (time: string) => new Date(at(time));

export type ParentSpec = string | (Partial<TimeslotChanged['parents'][number]> & { id: string });

let count = 0;

/** A person's data from the id alone: each has a name and an address that nobody else has. */
export const aPerson = (id: string) => ({
  id,
  name: `Name of ${id}`,
  email: `${id}@mail.example`,
  locale: 'nl',
});

/** What the parent-meetings module says of one slot. Says only what matters; the rest is an ordinary evening. */
export class EventFactory {
  private readonly envelope: { id: string; source: string; time: string } = {
    id: `event-${++count}`,
    source: 'https://meetings.example',
    time: '2026-11-20T08:00:00Z',
  };
  private readonly data: TimeslotChanged = {
    school: { id: 's-1', name: 'De Regenboog', timeZone: 'Europe/Amsterdam', locale: 'nl' },
    evening: { id: 'e-9', name: 'Oudergesprekken november' },
    timeslot: { id: 't-1', version: 1, start: at('19:00'), end: at('19:10'), status: 'planned' },
    teacher: aPerson('p-7'),
    parents: [],
  };

  id(id: string): this {
    this.envelope.id = id;
    return this;
  }
  told(time: string): this {
    this.envelope.time = time;
    return this;
  }
  school(id: string, more: Partial<TimeslotChanged['school']> = {}): this {
    Object.assign(this.data.school, { id }, more);
    return this;
  }
  evening(id: string, name = `Evening ${id}`): this {
    this.data.evening = { id, name };
    return this;
  }
  timeslot(id: string): this {
    this.data.timeslot.id = id;
    return this;
  }
  version(version: number): this {
    this.data.timeslot.version = version;
    return this;
  }
  /** From this time of the evening, for ten minutes. */
  at(time: string): this {
    const start = new Date(at(time));
    return this.from(start, new Date(start.getTime() + 600_000));
  }
  from(start: Date, end: Date): this {
    Object.assign(this.data.timeslot, { start: start.toISOString(), end: end.toISOString() });
    return this;
  }
  cancelled(): this {
    this.data.timeslot.status = 'cancelled';
    return this;
  }
  teacher(id: string, more: Partial<TimeslotChanged['teacher']> = {}): this {
    this.data.teacher = { ...aPerson(id), ...more };
    return this;
  }
  wanting(provider: ProviderName): this {
    this.data.conference = { provider };
    return this;
  }
  notWanting(): this {
    this.data.conference = null;
    return this;
  }
  parents(...parents: ParentSpec[]): this {
    this.data.parents = parents.map((parent) =>
      typeof parent === 'string' ? aPerson(parent) : { ...aPerson(parent.id), ...parent },
    );
    return this;
  }

  build(): ParentMeetingsEvent {
    return structuredClone({
      specversion: '1.0',
      ...this.envelope,
      type: 'parentmeetings.timeslot.changed.v1',
      data: this.data,
    });
  }
}

export const anEvent = () => new EventFactory();

const envelope = (time?: string) => ({
  specversion: '1.0' as const,
  id: `event-${++count}`,
  source: 'https://meetings.example',
  time: time ?? '2026-11-20T08:00:00Z',
});

export const aPersonChanged = (
  id: string,
  more: Partial<PersonChanged['person']> & { time?: string; school?: string } = {},
): ParentMeetingsEvent => {
  const { time, school = 's-1', ...person } = more;
  return {
    ...envelope(time),
    type: 'parentmeetings.person.changed.v1',
    data: { school: { id: school }, person: { ...aPerson(id), ...person } },
  };
};

export const aPersonLeft = (id: string, more: { time?: string; school?: string } = {}): ParentMeetingsEvent => ({
  ...envelope(more.time),
  type: 'parentmeetings.person.left.v1',
  data: { school: { id: more.school ?? 's-1' }, person: { id } },
});

export const aSchoolChanged = (
  id: string,
  more: Partial<SchoolChanged['school']> & { time?: string } = {},
): ParentMeetingsEvent => {
  const { time, ...school } = more;
  return {
    ...envelope(time),
    type: 'parentmeetings.school.changed.v1',
    data: { school: { id, name: 'De Regenboog', timeZone: 'Europe/Amsterdam', locale: 'nl', ...school } },
  };
};
