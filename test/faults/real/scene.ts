import type { PersonData } from '#libs/client';
import type { ProviderName } from '#libs/providers';
import type { Browser } from '../../../apps/cli/src/evening/browser.js';
import { ASchool, type SlotEvent } from '../../support/a-school.js';
import type { Dice } from './dice.js';
import type { Rig } from './rig.js';

const MINUTE_MS = 60_000;
/** An answer to an event may take so long; then it is sent again. */
const ANSWER_MS = 15_000;
const TELL_FOR_MS = 120_000;

/** What the school wishes for one slot: the reference that everything is held against. */
export interface SlotWish {
  readonly n: number;
  readonly slotId: string;
  teacher: number;
  start: number;
  minutes: number;
  planned: boolean;
  wanted: boolean;
  parents: PersonData[];
  /** Everybody who ever was a parent of it, by id. */
  readonly everParents: Map<string, EverParent>;
}

export interface EverParent {
  readonly email: string;
  /** The last version of the slot that named this parent. */
  lastVersion: number;
  /** When a version without this parent was acknowledged (ms); null: still a parent, or nobody has answered yet. */
  endedAt: number | null;
}

export interface SceneSize {
  readonly teachers: number;
  readonly slots: number;
  readonly providers?: readonly ProviderName[];
}

/** One school in the midst of planning: it says what it wishes, in any order and more than once, and its teachers visit. */
export class Scene {
  readonly school = new ASchool();
  readonly slots: SlotWish[] = [];
  readonly violations: string[] = [];
  private browsers: Browser[] = [];
  private parents = 0;

  private constructor(
    readonly rig: Rig,
    readonly dice: Dice,
    readonly size: SceneSize,
  ) {}

  /** A school whose teachers have connected their accounts, with its first plan still untold. */
  static async open(rig: Rig, dice: Dice, size: SceneSize): Promise<Scene> {
    const scene = new Scene(rig, dice, size);
    scene.browsers = await Promise.all(
      Array.from({ length: size.teachers }, (_, place) =>
        rig.product.teacher(scene.school, loginOf(scene.providerOf(place + 1)), place + 1),
      ),
    );
    return scene;
  }

  providerOf(teacher: number): ProviderName {
    const among = this.size.providers ?? ['google-meet', 'microsoft-teams'];
    return among[(teacher - 1) % among.length]!;
  }

  /** The first events: every slot wanted, each with one family. */
  plan(): SlotEvent[] {
    const first = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS + 86_400_000;
    for (let n = 1; n <= this.size.slots; n += 1)
      this.slots.push({
        n,
        slotId: this.school.slotId(n),
        teacher: ((n - 1) % this.size.teachers) + 1,
        start: first + n * 10 * MINUTE_MS,
        minutes: 10,
        planned: true,
        wanted: true,
        parents: [],
        everParents: new Map(),
      });
    return this.slots.map((slot) => {
      slot.parents = [this.newParent()];
      return this.event(slot);
    });
  }

  /** The next thing that the school changes its mind about. */
  change(): SlotEvent {
    const { dice } = this;
    const slot = dice.pick(this.slots);
    switch (dice.number(6)) {
      case 0:
        slot.planned = !slot.planned;
        break;
      case 1:
        slot.wanted = !slot.wanted;
        break;
      case 2:
        slot.teacher = (slot.teacher % this.size.teachers) + 1;
        break;
      case 3:
        slot.parents = dice.chance(0.3) ? [...slot.parents, this.newParent()] : [this.newParent()];
        break;
      default:
        slot.start += dice.between(1, 30) * MINUTE_MS;
        slot.minutes = dice.pick([10, 15, 20]);
    }
    return this.event(slot);
  }

  /** Sends events until each is acknowledged, in any order, some of them twice and some in batches. */
  async tell(events: readonly SlotEvent[]): Promise<void> {
    const { dice } = this;
    const left = dice.shuffled([...events, ...events.filter(() => dice.chance(0.2))]);
    const batches: SlotEvent[][] = [];
    while (left.length > 0) batches.push(left.splice(0, dice.between(1, 4)));
    // One event twice in one batch is well said, but once is enough here.
    await Promise.all(batches.map((batch) => this.deliver([...new Set(batch)])));
    for (const { data } of events) {
      const slot = this.slots.find(({ slotId }) => slotId === data.timeslot.id)!;
      for (const parent of slot.everParents.values())
        if (parent.endedAt === null && parent.lastVersion < data.timeslot.version) parent.endedAt = Date.now();
    }
  }

  /** One batch, once. */
  tellAtOnce(events: readonly SlotEvent[]): Promise<void> {
    return this.deliver(events);
  }

  /** Every teacher says "I am here". While the API is away nobody can: the next visit counts. */
  async visit(): Promise<void> {
    await Promise.all(
      this.browsers.map((browser) =>
        browser
          .fetch(`${this.rig.product.appUrl}/v1/visits`, { method: 'POST', signal: AbortSignal.timeout(10_000) })
          .then(async (response) => {
            await response.arrayBuffer();
            if (response.status >= 400 && response.status < 500 && response.status !== 429)
              this.violations.push(`a visit was refused with ${response.status}`);
          })
          .catch(() => undefined),
      ),
    );
  }

  teacher(n: number): PersonData {
    return this.school.teacher(n);
  }

  get accounts(): string[] {
    return Array.from({ length: this.size.teachers }, (_, place) => this.teacher(place + 1).email);
  }

  isLive = (slot: SlotWish) => slot.planned && slot.wanted;

  private event(slot: SlotWish): SlotEvent {
    const event = this.school.slot(slot.n, {
      start: new Date(slot.start).toISOString(),
      minutes: slot.minutes,
      status: slot.planned ? 'planned' : 'cancelled',
      teacher: this.teacher(slot.teacher),
      parents: slot.parents,
      wanting: slot.wanted ? this.providerOf(slot.teacher) : null,
    });
    for (const { id, email } of slot.parents)
      slot.everParents.set(id, { email, lastVersion: event.data.timeslot.version, endedAt: null });
    return event;
  }

  /** A parent belongs to one slot here, so that a mail to that parent is about that slot. */
  private newParent(): PersonData {
    return this.school.parent(++this.parents, this.dice.pick(['nl', 'en', 'tr']));
  }

  private async deliver(batch: readonly SlotEvent[]): Promise<void> {
    const until = Date.now() + TELL_FOR_MS;
    for (;;) {
      const answer = await this.rig.product
        .post(batch.length === 1 ? batch[0] : batch, { signal: AbortSignal.timeout(ANSWER_MS) })
        .catch(() => null);
      if (answer?.status === 202) return void (await answer.arrayBuffer().catch(() => undefined));
      if (answer && answer.status < 500 && answer.status !== 429) {
        this.violations.push(`an event was refused with ${answer.status}: ${(await answer.text()).slice(0, 200)}`);
        return;
      }
      if (Date.now() > until) {
        this.violations.push(`no event was taken in for ${TELL_FOR_MS / 1000} s`);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

const loginOf = (provider: ProviderName) => (provider === 'google-meet' ? 'google' : 'microsoft');
