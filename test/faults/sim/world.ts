import { SlotStore, providerKey, type MeetingState, type Slot } from '#libs/conferences';
import { DataKeys, rows, sql, type Database, type Em } from '#libs/database';
import { BlindIndex, KeyRing } from '#libs/encryption';
import { QUEUES, type QueueName } from '#libs/messaging';
import { NoticePlanner, calendarUid } from '#libs/notifications';
import { Metrics, createLogger, type Clock } from '#libs/platform';
import { PROVIDERS, type ProviderName } from '#libs/providers';
import { seedRandomness } from '../randomness.js';
import { SimProvider, type ProviderWatch } from '../sim-provider.js';
import { VirtualQueue } from '../virtual-queue.js';
import { Wished, type WishedSlot } from '../wished.js';
import type { History } from '../plan.js';
import { APP_URL, SCHOOL, slotRef } from './who.js';

/** What outlives a history: the product's parts that are the same in each. */
export class Kit {
  private readonly ring = KeyRing.generate().ring;
  readonly index = new BlindIndex(this.ring);
  readonly keys = new DataKeys(this.ring, this.ring);
  readonly notices = new NoticePlanner({ index: this.index, hasWebhook: true });
  readonly metrics = new Metrics();
  readonly logger = createLogger('faults', 'silent');

  constructor(readonly database: Database) {}
}

/**
 * One history's world: its time, its queues and providers, what the school wishes, what was found wrong, and looks into the
 * database as it is.
 */
export class World {
  /** Milliseconds; only the steps and the healing move it. */
  instant: number;
  readonly clock: Clock = { now: () => new Date(this.instant) };
  readonly database: Database;
  readonly index: BlindIndex;
  readonly keys: DataKeys;
  readonly notices: NoticePlanner;
  readonly wished = new Wished();
  readonly queues = emptyQueues();
  providers!: Record<ProviderName, SimProvider>;
  readonly violations: string[] = [];
  /** What really happened, by kind. */
  readonly struck: Record<string, number> = {};

  private constructor(
    kit: Kit,
    history: History,
    readonly trace: string[] | null,
  ) {
    ({ database: this.database, index: this.index, keys: this.keys, notices: this.notices } = kit);
    this.instant = Date.parse(history.begins);
  }

  /** An empty database, and ids and jitter that follow from the seed. */
  static async begin(kit: Kit, history: History, trace: string[] | null): Promise<World> {
    const world = new World(kit, history, trace);
    seedRandomness(history.seed, () => world.instant);
    await world.look((em) =>
      rows(
        em,
        sql`with a as (delete from meetings), b as (delete from conferences), c as (delete from timeslot_parents), d as (delete from timeslots),
        e as (delete from join_links), f as (delete from dispatches), g as (delete from deliveries), h as (delete from inbox), i as (delete from pauses),
        j as (delete from calendars), k as (delete from people), l as (delete from evenings), m as (delete from data_keys) delete from schools`,
      ),
    );
    kit.keys.forgetAll();
    return world;
  }

  openProviders(watch: Pick<ProviderWatch, 'task' | 'made'>): void {
    const all = { ...watch, now: () => this.clock.now(), violation: (what: string) => this.violation(what) };
    this.providers = {
      'google-meet': new SimProvider('google-meet', all),
      'microsoft-teams': new SimProvider('microsoft-teams', all),
    };
  }

  wipeQueues(): void {
    Object.assign(this.queues, emptyQueues());
    this.count('queue wiped');
  }

  violation(what: string): void {
    this.violations.push(what);
    this.trace?.push(`  VIOLATION ${what}`);
  }

  count(kind: string): void {
    this.struck[kind] = (this.struck[kind] ?? 0) + 1;
  }

  deps = () => ({ index: this.index, keys: this.keys, now: this.clock.now() });

  /** Under which the calendar of a parent knows this slot. */
  uidOf(slot: Pick<WishedSlot, 'id'>, parent: string): string {
    return calendarUid(this.index, APP_URL, { schoolId: SCHOOL, timeslotId: slot.id, personId: parent });
  }

  look<T>(work: (em: Em) => Promise<T>): Promise<T> {
    return this.database.transaction([SCHOOL], work);
  }

  async slot(id: string): Promise<Slot | null> {
    const store = await this.look((em) => SlotStore.load(em, this.index, [slotRef(id)], false));
    return store.get(slotRef(id)) ?? null;
  }

  meetings(): Promise<MeetingState[]> {
    return this.look((em) => rows(em, sql<MeetingState>`select * from meetings`));
  }

  async meeting(id: string): Promise<MeetingState | undefined> {
    return (await this.meetings()).find((meeting) => meeting.id === id);
  }

  async meetingOf(url: string): Promise<MeetingState | undefined> {
    const keys = new Map((await this.meetings()).map((meeting) => [providerKey(this.index, meeting.id), meeting]));
    const made = PROVIDERS.flatMap((provider) => this.providers[provider].fake.meetings).find((one) => one.url === url);
    return made && keys.get(made.key);
  }
}

const emptyQueues = () =>
  Object.fromEntries(QUEUES.map((name) => [name, new VirtualQueue()])) as Record<QueueName, VirtualQueue>;
