import type { ParentMeetingsEvent } from '#libs/client';
import { schoolsNamedBy, takeIn } from '#libs/conferences';
import type { ProviderName } from '#libs/providers';
import { readEvents } from '../../../apps/api/src/events/read-events.js';
import { PARENTS, SLOTS, TEACHERS, type SlotChange, type Step } from '../plan.js';
import { EVENING, SCHOOL, parent, person, slotId, teacher } from './who.js';
import type { World } from './world.js';

/** The parent-meetings module: plans slots, and tells of each change in events that arrive late, twice and out of order. */
export class School {
  private readonly plan = new Map<
    string,
    {
      version: number;
      start: number;
      teacher: number;
      parents: number[];
      status: 'planned' | 'cancelled';
      provider: ProviderName | null;
    }
  >();
  private outbox: ParentMeetingsEvent[] = [];
  private readonly acknowledged = new Set<string>();
  private events = 0;
  private told: number;

  constructor(private readonly world: World) {
    this.told = world.instant - 86_400_000;
  }

  /** An ordinary evening: four slots, a family each, half of them wanting a conference from the start. */
  async begin(): Promise<void> {
    for (let n = 0; n < SLOTS; n += 1) {
      this.plan.set(slotId(n), {
        version: 0,
        start: this.world.instant + 3_600_000 + n * 600_000 + (n === 3 ? 86_400_000 : 0),
        teacher: n % 2,
        parents: [n % PARENTS],
        status: 'planned',
        provider: n % 2 === 0 ? 'google-meet' : 'microsoft-teams',
      });
      this.say(n, true);
    }
    await this.send(this.outbox.splice(0));
  }

  change(id: string, change: SlotChange): void {
    const slot = this.plan.get(id)!;
    switch (change.what) {
      case 'move':
        slot.start += change.minutes * 60_000;
        return;
      case 'cancel':
        slot.status = 'cancelled';
        return;
      case 'restore':
        slot.status = 'planned';
        return;
      case 'family':
        slot.parents = [...change.parents];
        return;
      case 'teacher':
        slot.teacher = change.teacher;
        return;
      case 'wish':
        slot.provider = change.provider;
    }
  }

  /** The module emits the whole slot as it is now; it is sent later, perhaps twice and out of order. */
  say(n: number, speaks: boolean): void {
    const id = slotId(n);
    const slot = this.plan.get(id)!;
    slot.version += 1;
    this.outbox.push({
      ...this.envelope(),
      type: 'parentmeetings.timeslot.changed.v1',
      data: {
        school: this.school(),
        evening: { id: EVENING, name: 'Oudergesprekken' },
        timeslot: {
          id,
          version: slot.version,
          start: new Date(slot.start).toISOString(),
          end: new Date(slot.start + 600_000).toISOString(),
          status: slot.status,
        },
        teacher: person(teacher(slot.teacher)),
        parents: slot.parents.map((n) => person(parent(n))),
        ...(speaks && { conference: slot.provider && { provider: slot.provider } }),
      },
    });
  }

  sayPerson(n: number, what: 'left' | 'named'): void {
    const id = n < TEACHERS ? teacher(n) : parent(n - TEACHERS);
    this.outbox.push(
      what === 'left'
        ? {
            ...this.envelope(),
            type: 'parentmeetings.person.left.v1',
            data: { school: { id: SCHOOL }, person: { id } },
          }
        : {
            ...this.envelope(),
            type: 'parentmeetings.person.changed.v1',
            data: { school: { id: SCHOOL }, person: person(id) },
          },
    );
  }

  sayWindow(minutes: number | null): void {
    this.outbox.push({
      ...this.envelope(),
      type: 'parentmeetings.school.changed.v1',
      data: { school: { ...this.school(), revealMinutes: minutes } },
    });
  }

  /** One of the events that wait arrives. */
  async tell(step: Extract<Step, { do: 'tell' }>): Promise<void> {
    if (this.outbox.length === 0) return;
    const at = step.pick % this.outbox.length;
    const event = this.outbox[at]!;
    if (!step.again) this.outbox.splice(at, 1);
    else this.world.count('event told twice');
    if (at > 0) this.world.count('event out of order');
    return this.send([event], step.lostReply);
  }

  /** All that wait arrive, one by one. */
  async tellAll(): Promise<void> {
    for (const event of this.outbox.splice(0)) await this.send([event]);
  }

  private school = () => ({ id: SCHOOL, name: 'De Regenboog', timeZone: 'Europe/Amsterdam', locale: 'nl' });

  private envelope() {
    this.events += 1;
    this.told += 1000;
    return {
      specversion: '1.0' as const,
      id: `event-${String(this.events).padStart(4, '0')}`,
      source: 'urn:faults',
      time: new Date(this.told).toISOString(),
    };
  }

  /** What the API does with a request; a lost reply leaves the sender in doubt, so it sends again. */
  private async send(events: ParentMeetingsEvent[], lostReply = false): Promise<void> {
    const now = this.world.clock.now();
    const read = await readEvents(Buffer.from(JSON.stringify(events)), true, { index: this.world.index, now });
    const { statuses } = await this.world.database.transaction(schoolsNamedBy(read), async (em) => {
      const taken = await takeIn(em, this.world.deps(), read);
      await this.world.notices.plan(em, taken.slots, now);
      return taken;
    });
    for (const [n, event] of events.entries()) {
      const isKnown = this.acknowledged.has(event.id);
      if (isKnown !== (statuses[n] === 'duplicate'))
        this.world.violation(`P13 ${event.id} was answered ${statuses[n]}`);
      // First come counts: a duplicate changes nothing.
      if (!isKnown) this.world.wished.accept(event);
      this.acknowledged.add(event.id);
    }
    if (!lostReply) return;
    this.world.count('reply of the intake lost');
    return this.send(events);
  }
}
