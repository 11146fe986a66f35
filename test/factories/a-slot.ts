import type { ConferenceState, MeetingState, ParentState, Slot } from '#libs/conferences';
import type { ProviderName } from '#libs/providers';
import { instantAt, NOW } from './an-event.js';

let meetings = 0;

/** One generation of a conference's meeting, for the pure rules. Untouched it waits for its first worker. */
export class MeetingFactory {
  private readonly state: MeetingState = {
    id: `meeting-${++meetings}`,
    schoolId: 's-1',
    timeslotId: 't-1',
    generation: 1,
    provider: 'google-meet',
    ownerId: 'p-7',
    wished: true,
    retired: false,
    wishVersion: 1,
    settledVersion: 0,
    state: 'pending',
    reason: null,
    epoch: 0,
    failures: 0,
    starts: 0,
    operation: null,
    deadline: null,
    accountIndex: null,
    accountSealed: null,
    madeSealed: null,
    idIndex: null,
    urlIndex: null,
    madeStart: null,
    madeEnd: null,
    verifyAt: null,
    verifiedAt: null,
    createdAt: NOW,
    settledAt: null,
    parkedAt: null,
  };

  with(more: Partial<MeetingState>): this {
    Object.assign(this.state, more);
    return this;
  }
  generation(generation: number): this {
    return this.with({ generation });
  }
  ownedBy(ownerId: string): this {
    return this.with({ ownerId });
  }
  at(provider: ProviderName): this {
    return this.with({ provider });
  }
  unwished(): this {
    return this.with({ wished: false, wishVersion: 2 });
  }
  /** The provider has it, at these times, and its URL may be shown. */
  settled(start = '19:00', end = '19:10'): this {
    return this.with({
      state: 'settled',
      settledVersion: 1,
      epoch: 1,
      madeSealed: 'sealed' as MeetingState['madeSealed'],
      idIndex: Buffer.from(`id of ${this.state.id}`),
      urlIndex: Buffer.from(`url of ${this.state.id}`),
      madeStart: instantAt(start),
      madeEnd: instantAt(end),
      settledAt: NOW,
    });
  }
  /** A call was made and nobody knows what it did. */
  unknown(): this {
    return this.with({ operation: 'create', failures: 1, epoch: 1 });
  }
  parked(reason = 'no-login'): this {
    return this.with({ state: 'parked', reason });
  }
  build(): MeetingState {
    return { ...this.state };
  }
}

export const aMeeting = () => new MeetingFactory();

/** Everything that decides about one slot, for the pure rules. Planned, nothing wanted yet, nobody assigned. */
export class SlotFactory {
  private readonly slot: Slot = {
    school: { id: 's-1', timeZone: 'Europe/Amsterdam', locale: 'nl', revealMinutes: 10 },
    timeslot: {
      schoolId: 's-1',
      id: 't-1',
      eveningId: 'e-9',
      teacherId: 'p-7',
      version: 1,
      startAt: instantAt('19:00'),
      endAt: instantAt('19:10'),
      status: 'planned',
      conferenceVersion: null,
      conferenceProvider: null,
      conferenceTeacherId: null,
    },
    parents: [],
    conference: null,
    meetings: [],
  };

  at(start: string, end: string): this {
    Object.assign(this.slot.timeslot, { startAt: instantAt(start), endAt: instantAt(end) });
    return this;
  }
  cancelled(): this {
    this.slot.timeslot.status = 'cancelled';
    return this;
  }
  wanting(provider: ProviderName | null = 'google-meet', ownerId = 'p-7'): this {
    this.slot.conference = { ...this.conference(), provider, ownerId };
    return this;
  }
  /** A parent who was shown the URL of `revealedId`, or none yet. */
  parent(personId: string, more: Partial<ParentState> = {}): this {
    this.slot.parents.push({
      schoolId: 's-1',
      timeslotId: 't-1',
      personId,
      assigned: true,
      household: null,
      aboutSealed: null,
      revealedId: null,
      toldSequence: 0,
      told: null,
      heard: null,
      present: true,
      ...more,
    });
    return this;
  }
  having(...made: MeetingFactory[]): this {
    for (const one of made) {
      const meeting = one.build();
      this.slot.meetings.push(meeting);
      this.slot.conference = {
        ...this.conference(),
        generations: Math.max(this.conference().generations, meeting.generation),
      };
    }
    return this;
  }
  /** The URL of this generation is the one that parents get. */
  publishing(generation = 1): this {
    const id = this.slot.meetings.find((meeting) => meeting.generation === generation)!.id;
    this.slot.conference = { ...this.conference(), publishedId: id };
    return this;
  }
  build(): Slot {
    return this.slot;
  }

  private conference(): ConferenceState {
    return (
      this.slot.conference ?? {
        schoolId: 's-1',
        timeslotId: 't-1',
        provider: null,
        ownerId: null,
        generations: 0,
        publishedId: null,
        announced: null,
      }
    );
  }
}

export const aSlot = () => new SlotFactory();
