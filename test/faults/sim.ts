import { AsyncLocalStorage } from 'node:async_hooks';
import type { Job } from 'bullmq';
import type { ParentMeetingsEvent } from '#libs/client';
import {
  MeetingWork,
  NotFound,
  SlotStore,
  TakenMeanwhile,
  conferenceView,
  hashOfToken,
  joinTokensOf,
  meetingUrlOf,
  ownerIsHere,
  schoolsNamedBy,
  providerKey,
  retryConference,
  revealMeeting,
  takeIn,
  takeOver,
  unwantConference,
  wantConferences,
  type MeetingState,
  type Slot,
} from '#libs/conferences';
import { DataKeys, rows, schoolsOf, sql, type Database, type Em, type Scope } from '#libs/database';
import { BlindIndex, KeyRing, Secret } from '#libs/encryption';
import type { Lease } from '#libs/login';
import { QUEUES, type QueueName } from '#libs/messaging';
import {
  DeliveryError,
  DeliveryWork,
  NoticePlanner,
  calendarUid,
  planOwnerCare,
  type EmailMessage,
} from '#libs/notifications';
import { Metrics, TIMERS, createLogger, type Clock } from '#libs/platform';
import { LOGIN_OF, PROVIDERS, type FakeMeeting, type LoginName, type ProviderName } from '#libs/providers';
import { readEvents } from '../../apps/api/src/events/read-events.js';
import type { WorkerCore } from '../../apps/worker/src/core.js';
import { SendDelivery } from '../../apps/worker/src/deliveries/send-delivery.js';
import { SettleMeeting } from '../../apps/worker/src/meetings/settle-meeting.js';
import { carry } from '../../apps/worker/src/relay/carry.js';
import { Upkeep } from '../../apps/worker/src/upkeep/upkeep.js';
import { PARENTS, SLOTS, TEACHERS, historyOf, type Fault, type History, type SlotChange, type Step } from './plan.js';
import { seedRandomness } from './randomness.js';
import { SimProvider } from './sim-provider.js';
import { ConnectionLost, Died, Task, type Point } from './task.js';
import { VirtualQueue, type VirtualJob } from './virtual-queue.js';
import { Wished, type WishedSlot } from './wished.js';

const SCHOOL = 's-1';
const EVENING = 'e-1';
const APP_URL = 'https://conferences.example';
const HEAL_MS = 120_000;

/** One mail as it arrived. */
interface ArrivedMail {
  readonly at: number;
  readonly to: string;
  readonly messageId: string;
  readonly text: string;
  readonly sequence: number;
  readonly method: string;
  readonly start: number;
  readonly uid: string;
  /** What the calendar file says, but for its number and the instant of its making. */
  readonly facts: string;
}

interface WorkerProcess {
  leases: Map<string, { subject: string; until: number }>;
  tasks: Set<Task>;
  readonly settle: SettleMeeting;
  readonly deliver: SendDelivery;
  readonly upkeep: Upkeep;
}

export interface Verdict {
  readonly seed: number;
  readonly violations: readonly string[];
  /** What really happened, by kind. */
  readonly struck: Readonly<Record<string, number>>;
}

const context = new AsyncLocalStorage<Task>();

/**
 * The product's own intake, meetings, deliveries and upkeep on a real Postgres, with everything else made of glass: the
 * clock, the queue, the providers, the mail server, the logins and the processes. One history at a time.
 */
export class Sim {
  private instant = 0;
  private readonly clock: Clock = { now: () => new Date(this.instant) };
  private readonly ring = KeyRing.generate().ring;
  private readonly index = new BlindIndex(this.ring);
  private readonly keys = new DataKeys(this.ring, this.ring);
  private readonly notices = new NoticePlanner({ index: this.index, hasWebhook: true });
  private readonly metrics = new Metrics();
  private readonly logger = createLogger('faults', 'silent');

  // Of one history:
  private wished = new Wished();
  private providers!: Record<ProviderName, SimProvider>;
  private queues!: Record<QueueName, VirtualQueue>;
  private workers: WorkerProcess[] = [];
  private outbox: ParentMeetingsEvent[] = [];
  private plan = new Map<
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
  private mails: ArrivedMail[] = [];
  /** By Message-ID: how often its sending began. */
  private attempts = new Map<string, number>();
  private announced: { at: number; id: string; type: string; subject: string }[] = [];
  private violations: string[] = [];
  private struck: Record<string, number> = {};
  private acknowledged = new Set<string>();
  /** Slots that parents could join, and the wish that made it so. */
  private joinable = new Set<string>();
  /** Somebody changed things at the provider: what then happens to a URL is not ours to keep. */
  private touched = false;
  private suspensions = new Map<string, number>();
  /** Whose mail was refused for good at some time: they need not know. */
  private refused = new Set<string>();
  private jobsRun = 0;
  /** Strikes the n-th job of the steps: for exhaustive runs. */
  strike: { job: number; fault: Fault } | null = null;
  /** The points that each job of the steps passed. */
  readonly passed: Point[][] = [];
  private events = 0;
  private told = 0;
  private isHealing = false;
  private revealed: { slot: string; parent: string; url: string }[] = [];
  trace: string[] | null = null;

  constructor(private readonly database: Database) {}

  /** Runs the history of a seed, or one given as data. */
  async run(history: History): Promise<Verdict> {
    await this.reset(history);
    try {
      await this.setUp(history.present);
      for (const step of history.steps) {
        this.trace?.push(`${new Date(this.instant).toISOString()} ${JSON.stringify(step)}`);
        await this.step(step);
        if (step.do !== 'pass') await this.judgeJoinable(step.do === 'outside');
      }
      await this.heal();
    } catch (error) {
      this.violation(`it fell over: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
    for (const task of this.workers.flatMap((worker) => [...worker.tasks])) task.kill();
    return { seed: history.seed, violations: [...new Set(this.violations)], struck: this.struck };
  }

  static historyOf = historyOf;

  // ---- one history's world

  private async reset(history: History): Promise<void> {
    seedRandomness(history.seed, () => this.instant);
    this.instant = Date.parse(history.begins);
    await this.look((em) =>
      rows(
        em,
        sql`with a as (delete from meetings), b as (delete from conferences), c as (delete from timeslot_parents), d as (delete from timeslots),
        e as (delete from join_links), f as (delete from dispatches), g as (delete from deliveries), h as (delete from inbox), i as (delete from pauses),
        j as (delete from calendars), k as (delete from people), l as (delete from evenings), m as (delete from data_keys) delete from schools`,
      ),
    );
    this.keys.forgetAll();
    this.wished = new Wished();
    this.queues = Object.fromEntries(QUEUES.map((name) => [name, new VirtualQueue()])) as Record<
      QueueName,
      VirtualQueue
    >;
    const watch = {
      now: () => this.clock.now(),
      task: () => context.getStore(),
      made: (provider: ProviderName, meeting: FakeMeeting) => this.meetingMade(provider, meeting),
      violation: (what: string) => this.violation(what),
    };
    this.providers = {
      'google-meet': new SimProvider('google-meet', watch),
      'microsoft-teams': new SimProvider('microsoft-teams', watch),
    };
    this.workers = [this.startWorker(), this.startWorker()];
    this.acknowledged = new Set();
    this.joinable = new Set();
    this.touched = false;
    this.refused = new Set();
    this.suspensions = new Map();
    this.jobsRun = 0;
    this.passed.length = 0;
    this.outbox = [];
    this.plan = new Map();
    this.mails = [];
    this.attempts = new Map();
    this.announced = [];
    this.violations = [];
    this.struck = {};
    this.revealed = [];
    this.isHealing = false;
    this.events = 0;
    this.told = this.instant - 86_400_000;
  }

  private startWorker(): WorkerProcess {
    const worker = { leases: new Map(), tasks: new Set<Task>() } as unknown as WorkerProcess;
    const database = this.strikable();
    const { index, keys, clock, notices } = this;
    const shared = { database, index, keys, clock, timers: TIMERS };
    const core = {
      ...shared,
      meetings: new MeetingWork({
        ...shared,
        meetingHosts: ['meet.google.com', 'teams.microsoft.com'],
        planNotices: notices.plan,
      }),
      deliveries: new DeliveryWork({
        ...shared,
        appUrl: APP_URL,
        mailFrom: 'School <no-reply@conferences.example>',
        planNotices: notices.plan,
      }),
      email: { send: (message: EmailMessage) => this.mail(message) },
      webhook: { send: (event: { id: string; type: string; subject: string }) => this.announce(event) },
      providers: this.providers,
      leases: {
        borrow: (personId: string, login: LoginName) => this.borrow(worker, personId, login),
        withdraw: (personId: string, login: LoginName) => void worker.leases.delete(`${personId} ${login}`),
      },
      notices,
      metrics: this.metrics,
      logger: this.logger,
      settings: { appUrl: APP_URL },
    } as unknown as WorkerCore;
    return Object.assign(worker, {
      settle: new SettleMeeting(core),
      deliver: new SendDelivery(core),
      upkeep: new Upkeep(core),
    });
  }

  /** The database as a worker sees it: its commits and their answers can get lost. */
  private strikable(): Database {
    const { database } = this;
    return {
      unscoped: () => database.unscoped(),
      answers: () => database.answers(),
      transaction: async <T>(scope: Scope, work: (em: Em) => Promise<T>): Promise<T> => {
        const task = context.getStore();
        if (!task) return database.transaction(scope, work);
        let result: T;
        try {
          result = await database.transaction(scope, async (em) => {
            const value = await work(em);
            if ((await task.reach('before-commit')) === 'lost-reply') throw new ConnectionLost();
            return value;
          });
        } catch (error) {
          if (error instanceof Died) return task.die();
          throw error;
        }
        if ((await task.reach('after-commit')) === 'lost-reply') throw new ConnectionLost();
        return result;
      },
    } as unknown as Database;
  }

  private violation(what: string): void {
    this.violations.push(what);
    this.trace?.push(`  VIOLATION ${what}`);
  }

  private count(kind: string): void {
    this.struck[kind] = (this.struck[kind] ?? 0) + 1;
  }

  // ---- who is who

  private teacher = (n: number) => `p-t${n}`;
  private parent = (n: number) => `p-p${n}`;
  private slotId = (n: number) => `t-${n}`;
  private person = (id: string) => ({ id, name: `Name of ${id}`, email: `${id}@mail.example`, locale: 'nl' });
  private ref = (slotId: string) => ({ schoolId: SCHOOL, timeslotId: slotId });
  private caller = (n: number) => ({ schoolId: SCHOOL, personId: this.teacher(n) });
  private deps = () => ({ index: this.index, keys: this.keys, now: this.clock.now() });

  private borrow(worker: WorkerProcess, personId: string, login: LoginName): Lease | null {
    const lease = worker.leases.get(`${personId} ${login}`);
    if (!lease || lease.until <= this.instant) return null;
    return {
      personId,
      login,
      account: { subject: lease.subject, email: `${lease.subject}@account.example` },
      accessToken: new Secret(lease.subject),
      expiresAt: new Date(lease.until),
    };
  }

  private accountOf = (teacher: number, login: LoginName, account: number) =>
    `${this.teacher(teacher)}.${login}.${account}`;

  // ---- steps

  /** An ordinary evening: four slots, a family each, half of them wanting a conference from the start. */
  private async setUp(present: boolean): Promise<void> {
    for (let n = 0; n < SLOTS; n += 1) {
      this.plan.set(this.slotId(n), {
        version: 0,
        start: this.instant + 3_600_000 + n * 600_000 + (n === 3 ? 86_400_000 : 0),
        teacher: n % 2,
        parents: [n % PARENTS],
        status: 'planned',
        provider: n % 2 === 0 ? 'google-meet' : 'microsoft-teams',
      });
      this.say(n, true);
    }
    await this.send(this.outbox.splice(0));
    if (!present) return;
    for (let teacher = 0; teacher < TEACHERS; teacher += 1)
      for (const login of ['google', 'microsoft'] as const) await this.visit(teacher, login, 1);
  }

  private async step(step: Step): Promise<void> {
    switch (step.do) {
      case 'change':
        this.change(this.slotId(step.slot), step.change);
        return this.say(step.slot, step.speaks || step.change.what === 'wish');
      case 'tell': {
        if (this.outbox.length === 0) return;
        const at = step.pick % this.outbox.length;
        const event = this.outbox[at]!;
        if (!step.again) this.outbox.splice(at, 1);
        else this.count('event told twice');
        if (at > 0) this.count('event out of order');
        return this.send([event], step.lostReply);
      }
      case 'left':
      case 'named':
        return this.sayPerson(step.person, step.do);
      case 'window':
        this.outbox.push({
          ...this.envelope(),
          type: 'parentmeetings.school.changed.v1',
          data: { school: { ...this.school(), revealMinutes: step.minutes } },
        });
        return;
      case 'want':
        return this.want(step);
      case 'unwant':
      case 'retry':
        return this.asAdmin(step.do, this.slotId(step.slot));
      case 'take-over':
        return this.takeOver(step);
      case 'visit':
        return this.visit(step.teacher, step.login, step.account);
      case 'log-out':
        for (const worker of this.workers)
          for (const key of worker.leases.keys())
            if (key.startsWith(`${this.teacher(step.teacher)} `)) worker.leases.delete(key);
        return this.count('log-out');
      case 'login-ends':
        for (const login of ['google', 'microsoft'] as const)
          for (const account of [1, 2])
            for (const provider of PROVIDERS)
              this.providers[provider].fake.rejectToken(this.accountOf(step.teacher, login, account));
        return this.count('login ended');
      case 'join':
        return this.join(this.slotId(step.slot), this.parent(step.parent));
      case 'outside':
        return this.outside(step.pick, step.what);
      case 'work':
        await this.carry(step.pick % 2 === 0 ? 'google-meet' : 'microsoft-teams');
        return this.workOne(step.pick, step.worker, step.fault);
      case 'mail':
        await this.carry('deliveries');
        return this.mailOne(step.pick, step.worker, step.fault);
      case 'thaw':
        return this.thaw(step.pick);
      case 'kill':
        return this.kill(step.worker);
      case 'wipe-queue':
        for (const name of QUEUES) this.queues[name] = new VirtualQueue();
        return this.count('queue wiped');
      case 'stalled':
        return this.stalled();
      case 'upkeep':
        await planOwnerCare({ database: this.database, index: this.index, keys: this.keys }, this.clock.now());
        return this.workers[0]!.upkeep.tidy();
      case 'be-right':
        if (this.strike) return;
        await this.workAll();
        for (const what of await this.missing()) this.violation(`without a visit: ${what}`);
        return;
      case 'pass':
        this.instant += step.seconds * 1000;
        return;
    }
  }

  private change(id: string, change: SlotChange): void {
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
  private say(n: number, speaks: boolean): void {
    const id = this.slotId(n);
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
        teacher: this.person(this.teacher(slot.teacher)),
        parents: slot.parents.map((parent) => this.person(this.parent(parent))),
        ...(speaks && { conference: slot.provider && { provider: slot.provider } }),
      },
    });
  }

  private sayPerson(n: number, what: 'left' | 'named'): void {
    const id = n < TEACHERS ? this.teacher(n) : this.parent(n - TEACHERS);
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
            data: { school: { id: SCHOOL }, person: this.person(id) },
          },
    );
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
    const now = this.clock.now();
    const read = readEvents(Buffer.from(JSON.stringify(events)), true, { index: this.index, now });
    const { statuses } = await this.database.transaction(schoolsNamedBy(read), async (em) => {
      const taken = await takeIn(em, this.deps(), read);
      await this.notices.plan(em, taken.slots, now);
      return taken;
    });
    for (const [n, event] of events.entries()) {
      const isKnown = this.acknowledged.has(event.id);
      if (isKnown !== (statuses[n] === 'duplicate')) this.violation(`P13 ${event.id} was answered ${statuses[n]}`);
      // First come counts: a duplicate changes nothing.
      if (!isKnown) this.wished.accept(event);
      this.acknowledged.add(event.id);
    }
    if (!lostReply) return;
    this.count('reply of the intake lost');
    return this.send(events);
  }

  private async want(step: Extract<Step, { do: 'want' }>): Promise<void> {
    const owner = this.teacher(step.teacher);
    const wish = {
      provider: step.provider,
      onlyMissing: step.onlyMissing,
      ...(step.slot === null ? { eveningId: EVENING } : { timeslotIds: [this.slotId(step.slot)] }),
    };
    const slots = await this.asked((em) => wantConferences(em, this.deps(), this.caller(step.teacher), wish));
    for (const { timeslot } of slots?.slots ?? []) {
      const slot = this.wished.slots.get(timeslot.id)!;
      if (slot.end <= this.instant) continue;
      if (slot.wish && (slot.wish.owner !== owner || step.onlyMissing)) continue;
      this.wished.wish(slot, { provider: step.provider, owner });
    }
  }

  private async asAdmin(what: 'unwant' | 'retry', id: string): Promise<void> {
    const admin = { schoolId: SCHOOL, personId: 'p-admin', isAdmin: true };
    const change = what === 'unwant' ? unwantConference : retryConference;
    const slots = await this.asked(async (em) => ({ slots: await change(em, this.deps(), this.ref(id), admin) }));
    if (slots && what === 'unwant') this.wished.wish(this.wished.slots.get(id)!, null);
  }

  private async takeOver(step: Extract<Step, { do: 'take-over' }>): Promise<void> {
    const slot = await this.slot(this.slotId(step.slot));
    if (!slot) return;
    const from =
      conferenceView(slot, this.clock.now()).shown?.ownerId ??
      (slot.conference?.provider ? slot.conference.ownerId! : slot.timeslot.teacherId);
    const caller = this.caller(step.teacher);
    const target = step.evening ? { eveningId: EVENING } : { timeslotId: this.slotId(step.slot) };
    const taken = await this.asked(async (em) => ({
      slots: await takeOver(em, this.deps(), caller, target, from, step.provider),
    }));
    for (const { timeslot } of taken?.slots ?? [])
      this.wished.wish(this.wished.slots.get(timeslot.id)!, { provider: step.provider, owner: caller.personId });
  }

  /** A request to the API that changes a wish, with its notices, in one transaction. */
  private async asked<T extends { slots: Slot[] }>(work: (em: Em) => Promise<T>): Promise<T | null> {
    try {
      return await this.database.transaction([SCHOOL], async (em) => {
        const answer = await work(em);
        await this.notices.plan(em, answer.slots, this.clock.now());
        return answer;
      });
    } catch (error) {
      if (error instanceof NotFound || error instanceof TakenMeanwhile) return null;
      throw error;
    }
  }

  private async visit(teacher: number, login: LoginName, account: number): Promise<void> {
    const personId = this.teacher(teacher);
    const subject = this.accountOf(teacher, login, account);
    for (const provider of PROVIDERS) this.providers[provider].fake.acceptToken(subject);
    for (const worker of this.workers)
      worker.leases.set(`${personId} ${login}`, { subject, until: this.instant + 600_000 });
    for (const provider of PROVIDERS) {
      if (LOGIN_OF[provider] !== login) continue;
      const accountIndex = this.index.of('account', provider, subject);
      await this.database.transaction(schoolsOf.person(personId), (em) =>
        ownerIsHere(em, this.deps(), { personId, provider, accountIndex }),
      );
    }
  }

  /** A parent presses the button behind the own join link. */
  private async join(slotId: string, parentId: string): Promise<void> {
    const token = (await this.look((em) => joinTokensOf(em, this.keys, SCHOOL, parentId, [slotId]))).get(slotId);
    if (!token) return;
    const answer = await this.database.transaction(schoolsOf.joinLink(hashOfToken(token)), (em) =>
      revealMeeting(em, this.deps(), token, null),
    );
    const url = answer?.url?.toString() ?? null;
    if (!url) return;
    this.count('URL revealed');
    const slot = this.wished.slots.get(slotId)!;
    const { revealMinutes } = this.wished;
    const isInWindow =
      revealMinutes === null ||
      (this.instant >= slot.start - revealMinutes * 60_000 && this.instant <= slot.end + 30 * 60_000);
    if (!this.wished.isEntitled(slot, parentId))
      this.violation(`I3 ${parentId} got the URL of ${slotId}, not entitled`);
    if (!this.wished.isWanted(slot)) this.violation(`I3 the URL of ${slotId} was shown, which takes no place`);
    if (!isInWindow) this.violation(`I3 the URL of ${slotId} was shown outside its window`);
    const meeting = await this.meetingOf(url);
    if (meeting?.timeslotId !== slotId)
      this.violation(`R6 ${parentId} of ${slotId} got the URL of ${meeting?.timeslotId}`);
    this.revealed.push({ slot: slotId, parent: parentId, url });
  }

  private outside(pick: number, what: Extract<Step, { do: 'outside' }>['what']): void {
    const live = PROVIDERS.flatMap((provider) =>
      this.providers[provider].fake.liveMeetings().map((meeting) => ({ fake: this.providers[provider].fake, meeting })),
    );
    const found = live[pick % Math.max(1, live.length)];
    if (!found) return;
    const { fake, meeting } = found;
    if (what === 'delete') meeting.deleted = true;
    else if (what === 'move') meeting.start = new Date(meeting.start.getTime() + 300_000);
    else if (what === 'open-lobby') meeting.settingsHold = fake.name !== 'microsoft-teams';
    else if (meeting.place !== null) fake.deletePlace(meeting.place);
    this.count(`outside: ${what}`);
  }

  // ---- workers

  private async carry(name: QueueName): Promise<void> {
    await carry({ database: this.database, clock: this.clock, timers: TIMERS, name, queue: this.queues[name] });
  }

  private async workOne(pick: number, worker: number, fault: Fault | null): Promise<void> {
    const jobs = [...this.queues['google-meet'].waiting(), ...this.queues['microsoft-teams'].waiting()];
    const job = jobs[pick % Math.max(1, jobs.length)];
    if (!job) return;
    const queue = this.queues['google-meet'].jobs.has(job.id)
      ? this.queues['google-meet']
      : this.queues['microsoft-teams'];
    await this.runJob(queue, job, this.workers[worker]!, fault);
  }

  private async mailOne(pick: number, worker: number, fault: Fault | null): Promise<void> {
    const jobs = this.queues.deliveries.waiting();
    const job = jobs[pick % Math.max(1, jobs.length)];
    if (job) await this.runJob(this.queues.deliveries, job, this.workers[worker]!, fault);
  }

  /** Until it is done, frozen, or its process is dead. */
  private async runJob(
    queue: VirtualQueue,
    job: VirtualJob,
    worker: WorkerProcess,
    fault: Fault | null,
  ): Promise<Task> {
    const struck = !this.isHealing && this.strike?.job === this.jobsRun ? this.strike.fault : fault;
    const task = new Task(
      struck,
      () => this.instant,
      'meetingId' in job.data ? TIMERS.claimMs * 2 : TIMERS.deliveryClaimMs,
    );
    worker.tasks.add(task);
    job.state = 'active';
    const given = { data: job.data, attemptsMade: job.attemptsMade } as Job<never>;
    const isStill = () =>
      this.queues[this.nameOf(queue)] === queue && queue.jobs.get(job.id) === job && job.state === 'active';
    task.result = context.run(task, async () => {
      try {
        const word = await ('meetingId' in job.data
          ? worker.settle.process(given)
          : worker.deliver.send(job.data.deliveryId));
        this.trace?.push(`  ${job.id.slice(0, 8)} -> ${word}`);
        if (isStill()) queue.done(job);
      } catch (error) {
        this.trace?.push(`  ${job.id.slice(0, 8)} failed: ${String(error).slice(0, 200)}`);
        if (isStill()) queue.failed(job);
      }
    });
    await Promise.race([task.result, task.suspended]);
    if (!this.isHealing) this.passed[this.jobsRun++] = task.passed;
    if (task.struck) this.count(task.struck);
    if (task.isFrozen && 'meetingId' in job.data) {
      const { meetingId } = job.data;
      task.claim = { meetingId, epoch: (await this.meeting(meetingId))?.epoch ?? 0 };
    }
    if (task.isDead) this.restart(worker);
    else if (!task.isFrozen) worker.tasks.delete(task);
    return task;
  }

  private nameOf = (queue: VirtualQueue) => QUEUES.find((name) => this.queues[name] === queue) ?? 'deliveries';

  /** A process that died takes its frozen work and its leases with it. */
  private restart(worker: WorkerProcess): void {
    for (const task of worker.tasks) task.kill();
    worker.tasks.clear();
    worker.leases.clear();
  }

  private kill(n: number): void {
    this.restart(this.workers[n]!);
    this.count('worker killed');
  }

  private async thaw(pick: number): Promise<void> {
    const frozen = this.workers.flatMap((worker) =>
      [...worker.tasks].filter((task) => task.isFrozen).map((task) => ({ worker, task })),
    );
    const one = frozen[pick % Math.max(1, frozen.length)];
    if (!one) return;
    const { claim } = one.task;
    const before = claim && (await this.meeting(claim.meetingId));
    one.task.thaw();
    await Promise.race([
      one.task.result,
      one.task.suspended.then(() => (one.task.isDead ? undefined : one.task.result)),
    ]);
    one.worker.tasks.delete(one.task);
    this.count('thawed');
    if (!claim || !before || before.epoch <= claim.epoch) return;
    this.count('thawed after its claim was taken');
    if (JSON.stringify(await this.meeting(claim.meetingId)) !== JSON.stringify(before))
      this.violation(`I2 a worker that was frozen wrote on a meeting of ${before.timeslotId}`);
  }

  private stalled(): void {
    for (const name of QUEUES) for (const job of this.queues[name].jobs.values()) this.queues[name].stalled(job);
  }

  private async mail(message: EmailMessage): Promise<void> {
    const task = context.getStore();
    this.attempts.set(message.messageId, (this.attempts.get(message.messageId) ?? 0) + 1);
    if (!task?.wasFrozen) this.judgeReceiver(message);
    const first = await task?.reach('mail-before');
    // A mail server is talked to for less than a claim: what a frozen worker began is cut off by then.
    if (task?.isTooLate(this.instant)) throw new DeliveryError('unavailable', 'timeout');
    const struck = task?.takeAnswer();
    if (struck?.kind === 'refused') this.refused.add(message.to.address.reveal().split('@')[0]!);
    if (struck && struck.kind !== 'unknown')
      throw new DeliveryError(
        struck.kind === 'refused' ? 'refused' : 'unavailable',
        struck.kind === 'refused' ? 'message' : 'busy',
      );
    const calendar = message.calendar?.content.replaceAll('\r\n ', '') ?? '';
    const field = (name: string) => new RegExp(`^${name}[^:]*:(.*)$`, 'm').exec(calendar)?.[1]?.trim() ?? '';
    if (message.calendar)
      this.mails.push({
        at: this.instant,
        to: message.to.address.reveal().split('@')[0]!,
        messageId: message.messageId,
        text: message.text,
        sequence: Number(field('SEQUENCE') || 0),
        method: message.calendar.method,
        start: instantOf(field('DTSTART')),
        uid: field('UID'),
        facts: ['DTSTART', 'DTEND', 'STATUS', 'SUMMARY', 'DESCRIPTION'].map(field).join('|'),
      });
    this.trace?.push(
      `  mail to ${message.to.address.reveal()} ${message.calendar?.method} #${field('SEQUENCE')} ${message.subject}`,
    );
    if ((await task?.reach('mail-after')) === 'lost-reply' || first === 'lost-reply' || struck)
      throw new DeliveryError('unavailable', 'network');
  }

  /** Checked when the sending begins; what a frozen worker then sends was right at that moment. */
  private judgeReceiver(message: EmailMessage): void {
    const parent = message.to.address.reveal().split('@')[0]!;
    const uid = /^UID:(.*)$/m.exec(message.calendar?.content.replaceAll('\r\n ', '') ?? '')?.[1]?.trim();
    if (uid === undefined) return;
    const slot = [...this.wished.slots.values()].find((one) => this.uidOf(one, parent) === uid);
    if (!slot || !this.wished.isEntitled(slot, parent))
      this.violation(`I4 ${parent} got a mail about ${slot?.id}, not entitled`);
  }

  private announce(event: { id: string; type: string; subject: string }): Promise<void> {
    this.announced.push({ at: this.instant, ...event });
    return Promise.resolve();
  }

  // ---- what is

  private look<T>(work: (em: Em) => Promise<T>): Promise<T> {
    return this.database.transaction([SCHOOL], work);
  }

  private async slot(id: string): Promise<Slot | null> {
    const store = await this.look((em) => SlotStore.load(em, this.index, [this.ref(id)], false));
    return store.get(this.ref(id)) ?? null;
  }

  private meetings(): Promise<MeetingState[]> {
    return this.look((em) => rows(em, sql<MeetingState>`select * from meetings`));
  }

  private async meeting(id: string): Promise<MeetingState | undefined> {
    return (await this.meetings()).find((meeting) => meeting.id === id);
  }

  private async meetingOf(url: string): Promise<MeetingState | undefined> {
    const keys = new Map((await this.meetings()).map((meeting) => [providerKey(this.index, meeting.id), meeting]));
    const made = PROVIDERS.flatMap((provider) => this.providers[provider].fake.meetings).find((one) => one.url === url);
    return made && keys.get(made.key);
  }

  /** No meeting without an intent that was committed before, none for somebody else, none late (P2, invariants 2 and 6). */
  private async meetingMade(provider: ProviderName, made: FakeMeeting): Promise<void> {
    const meeting = (await this.meetings()).find((one) => providerKey(this.index, one.id) === made.key);
    if (!meeting) return this.violation(`I2 ${provider} made a meeting that no row knows`);
    if (meeting.operation === null)
      this.violation(`I2 ${provider} made a meeting of ${meeting.timeslotId} without an intent`);
    if (!made.account.startsWith(`${meeting.ownerId}.`))
      this.violation(`I6 a meeting of ${meeting.ownerId} was made with the token of ${made.account}`);
    const slot = this.wished.slots.get(meeting.timeslotId);
    if (slot && meeting.operation === 'create' && meeting.wished && slot.end <= this.instant)
      this.violation(`P2 a meeting of ${meeting.timeslotId} was made when the slot was over`);
    const live = this.providers[provider].fake.liveMeetings().filter((one) => one.key === made.key);
    if (live.length > 1) this.violation(`I2 two live meetings of one generation of ${meeting.timeslotId}`);
  }

  /** What is not yet as the school wishes. */
  private async missing(): Promise<string[]> {
    const wrong: string[] = [];
    const now = this.clock.now();
    const meetings = await this.meetings();
    const byKey = new Map(meetings.map((meeting) => [providerKey(this.index, meeting.id), meeting]));
    const live = PROVIDERS.flatMap((provider) =>
      this.providers[provider].fake.liveMeetings().map((made) => ({ provider, made, meeting: byKey.get(made.key) })),
    );
    for (const { meeting, provider } of live) if (!meeting) wrong.push(`I2 an orphan at ${provider}`);
    for (const wished of this.wished.slots.values()) {
      const own = live.filter(({ meeting }) => meeting?.timeslotId === wished.id);
      const slot = (await this.slot(wished.id))!;
      const view = conferenceView(slot, now);
      const { timeslot } = slot;
      const differs =
        timeslot.version !== wished.version ||
        timeslot.startAt.getTime() !== wished.start ||
        timeslot.endAt.getTime() !== wished.end ||
        timeslot.status !== wished.status ||
        timeslot.teacherId !== wished.teacher;
      if (differs) wrong.push(`I5 ${wished.id} is not the slot that was told last`);
      const entitled = slot.parents
        .filter((parent) => parent.assigned && parent.present)
        .map((parent) => parent.personId);
      const expected = [...wished.parents].filter((parent) => this.wished.isPresent(parent));
      if (entitled.sort().join() !== expected.sort().join())
        wrong.push(`I5 the parents of ${wished.id} are not those that were told last`);
      if (!this.wished.isWanted(wished)) {
        if (own.length > 0) wrong.push(`I1 ${wished.id} is not wanted and has ${own.length} meetings (${view.status})`);
        if (view.joinable) wrong.push(`I3 ${wished.id} is not wanted and joinable`);
        continue;
      }
      if (wished.end <= this.instant) continue;
      const { provider, owner } = wished.wish!;
      // Nothing more is made for a teacher who left; what is there stays until it is taken over.
      if (!this.wished.isPresent(owner)) continue;
      if (own.length !== 1) {
        const states = slot.meetings.map(
          (one) => `${one.generation}:${one.wished ? '+' : '-'}${one.state}/${one.reason}`,
        );
        wrong.push(`I1 ${wished.id} has ${own.length} meetings instead of one (${view.status}; ${states.join(' ')})`);
        continue;
      }
      const [{ made, provider: at, meeting }] = own as [(typeof own)[number]];
      if (at !== provider) wrong.push(`I1 ${wished.id} is at ${at}`);
      if (!made.account.startsWith(`${owner}.`)) wrong.push(`I1 ${wished.id} is in the account of ${made.account}`);
      if (made.start.getTime() !== wished.start || made.end.getTime() !== wished.end)
        wrong.push(`I1 ${wished.id} has the wrong time at the provider`);
      if (!made.settingsHold) wrong.push(`P9 the lobby of ${wished.id} is open`);
      if (view.status !== 'ready' || !view.joinable || view.published?.id !== meeting!.id)
        wrong.push(`I1 ${wished.id} is ${view.status} (${view.reason})`);
      else {
        await this.look((em) => this.keys.load(em, [{ school: SCHOOL }]));
        const url = await meetingUrlOf(this.keys, view.published);
        if (url !== made.url) wrong.push(`I1 the URL of ${wished.id} is not the provider's`);
        for (const seen of this.revealed)
          if (seen.slot === wished.id && seen.url === url && !this.wished.isEntitled(wished, seen.parent))
            wrong.push(`P3 a former parent of ${wished.id} knows its URL`);
      }
    }
    return wrong;
  }

  /** What parents could join stays so while it is wanted: the new one is made before the old one goes (P6). */
  private async judgeJoinable(isOutside: boolean): Promise<void> {
    const published = await this.look((em) =>
      rows(
        em,
        sql<{
          id: string;
        }>`select c.timeslot_id as id from conferences c join meetings m on m.id = c.published_id where m.url_index is not null`,
      ),
    );
    const now = new Set(published.map(({ id }) => id));
    if (isOutside) this.touched = true;
    for (const id of this.joinable) {
      const slot = this.wished.slots.get(id)!;
      if (this.touched || now.has(id) || !this.wished.isWanted(slot) || slot.end <= this.instant) continue;
      if (this.wasSuspended(slot)) continue;
      this.violation(`P6 ${id} could be joined and cannot be any more`);
    }
    this.joinable = now;
  }

  /** A wish that went away and came again between two looks is a new one. */
  private wasSuspended(slot: WishedSlot): boolean {
    const before = this.suspensions.get(slot.id) ?? 0;
    this.suspensions.set(slot.id, slot.suspensions);
    return slot.suspensions !== before;
  }

  // ---- the end

  /** Faults over, each owner visits as an open page does: within two minutes all is as wished, and it stays so. */
  private async heal(): Promise<void> {
    this.isHealing = true;
    for (let n = 0; n < 50 && this.workers.some((worker) => [...worker.tasks].some((task) => task.isFrozen)); n += 1)
      await this.thaw(n);
    for (const event of this.outbox.splice(0)) await this.send([event]);
    const limits = Math.max(...PROVIDERS.map((provider) => this.providers[provider].limitedUntil));
    const began = Math.max(this.instant, limits);
    this.stalled();
    let wrong: string[] = [];
    let lastUpkeep = 0;
    let isRetried = false;
    const looks = () => this.instant - began;
    while (looks() <= HEAL_MS) {
      await this.visitAll();
      if (this.instant - lastUpkeep >= TIMERS.tidyMs) {
        lastUpkeep = this.instant;
        await this.workers[0]!.upkeep.tidy();
      }
      if (!isRetried) {
        isRetried = true;
        for (const id of this.wished.slots.keys()) await this.asAdmin('retry', id);
      }
      await this.workAll();
      wrong = await this.missing();
      this.trace?.push(`${new Date(this.instant).toISOString()} healing: ${wrong.length} wrong`);
      if (wrong.length === 0 && (await this.isAtRest())) break;
      this.instant += looks() < 0 ? 10_000 : 5_000;
    }
    if (wrong.length > 0) return wrong.forEach((what) => this.violation(`not healed: ${what}`));
    // And nothing comes after.
    this.instant += 61_000;
    await this.workers[0]!.upkeep.tidy();
    await this.visitAll();
    await this.workAll();
    for (const what of await this.missing()) this.violation(`did not last: ${what}`);
    await this.judgeMails();
    await this.judgeRest();
  }

  private async visitAll(): Promise<void> {
    const needed = await this.look((em) =>
      rows(
        em,
        sql<{ ownerId: string; provider: ProviderName; accountIndex: Buffer | null }>`
      select distinct owner_id, provider, account_index from meetings where state not in ('gone', 'over')`,
      ),
    );
    // The first account last: whatever is not bound yet goes there.
    for (const account of [2, 1])
      for (let teacher = 0; teacher < TEACHERS; teacher += 1)
        for (const login of ['google', 'microsoft'] as const) {
          const subject = this.accountOf(teacher, login, account);
          const isNeeded = needed.some(
            ({ ownerId, provider, accountIndex }) =>
              ownerId === this.teacher(teacher) &&
              LOGIN_OF[provider] === login &&
              (accountIndex ? accountIndex.equals(this.index.of('account', provider, subject)) : account === 1),
          );
          if (!isNeeded) continue;
          await this.visit(teacher, login, account);
          if (account === 2) await this.workAll();
        }
  }

  private async workAll(): Promise<void> {
    for (let round = 0; round < 200; round += 1) {
      const due = await this.look((em) =>
        rows(
          em,
          sql<{
            queue: QueueName;
          }>`select distinct queue from dispatches where due_at <= ${this.clock.now()} and (busy_until is null or busy_until <= ${this.clock.now()})`,
        ),
      );
      for (const { queue } of due) await this.carry(queue);
      const found = QUEUES.map((name) => ({ name, job: this.queues[name].waiting()[0] })).find(({ job }) => job);
      if (!found) return;
      await this.runJob(this.queues[found.name], found.job!, this.workers[round % 2]!, null);
    }
    this.violation('it never comes to rest');
  }

  private async isAtRest(): Promise<boolean> {
    return (await this.stillDue()).length === 0;
  }

  /** A look at what was made comes again after each visit: that is no work left undone. */
  private stillDue() {
    return this.look((em) =>
      rows(
        em,
        sql<{ queue: string }>`select d.* from dispatches d left join meetings m on m.id = d.subject_id
      where m.id is null or m.state <> 'settled' or m.verify_at is null or d.due_at <= ${this.clock.now()}`,
      ),
    );
  }

  private async judgeRest(): Promise<void> {
    const left = await this.stillDue();
    for (const row of left) this.trace?.push(`  due: ${JSON.stringify(row)}`);
    for (const name of QUEUES)
      for (const job of this.queues[name].jobs.values()) this.trace?.push(`  job: ${JSON.stringify(job)}`);
    if (left.length > 0)
      for (const row of await this.look((em) => rows(em, sql`select * from pauses`)))
        this.trace?.push(`  pause: ${JSON.stringify(row)}`);
    if (left.length > 0) this.violation(`I9 ${left.length} rows stay due: ${left.map(({ queue }) => queue).join()}`);
    for (const name of QUEUES) {
      const jobs = [...this.queues[name].jobs.values()].filter((job) => job.state !== 'failed');
      if (jobs.length > 0) this.violation(`I9 ${jobs.length} jobs stay on ${name}`);
    }
    const urls = await this.look((em) =>
      rows(
        em,
        sql<{
          n: number;
        }>`select count(*) as n from meetings where url_index is not null group by url_index having count(*) > 1`,
      ),
    );
    if (urls.length > 0) this.violation('P4 two timeslots share a URL');
  }

  /** Each entitled parent heard each thing once, in order, and the last word is true (invariant 4). */
  private async judgeMails(): Promise<void> {
    const attempted = await this.database.transaction([SCHOOL], (em) =>
      rows(
        em,
        sql<{ timeslotId: string; personId: string; sequence: number }>`
        select timeslot_id, person_id, sequence from deliveries where channel = 'email' and attempted_at is not null`,
      ),
    );
    const byUid = new Map<string, ArrivedMail[]>();
    for (const mail of this.mails) byUid.set(mail.uid, [...(byUid.get(mail.uid) ?? []), mail]);
    for (const slot of this.wished.slots.values()) {
      const row = await this.slot(slot.id);
      for (const parent of slot.parents) {
        if (
          this.refused.has(parent) ||
          !this.wished.isEntitled(slot, parent) ||
          slot.end <= this.instant ||
          !this.wished.isPresent(slot.wish?.owner ?? '')
        )
          continue;
        const uid = this.uidOf(slot, parent);
        const heard = byUid.get(uid) ?? [];
        const last = heard.at(-1);
        if (this.wished.isWanted(slot)) {
          if (!last)
            this.violation(
              `I4 ${parent} never heard of ${slot.id} (${JSON.stringify(row?.parents.find((one) => one.personId === parent)?.told)})`,
            );
          else if (last.method === 'CANCEL') this.violation(`I4 ${parent} believes that ${slot.id} is off`);
          else if (last.start !== slot.start) this.violation(`I4 ${parent} was told another time of ${slot.id}`);
        } else if (last && last.method !== 'CANCEL') this.violation(`I4 ${parent} believes that ${slot.id} is on`);
      }
    }
    for (const [uid, heard] of byUid) {
      const first = new Map<string, ArrivedMail>();
      for (const mail of heard) if (!first.has(mail.messageId)) first.set(mail.messageId, mail);
      const messages = [...first.values()];
      for (const [n, mail] of messages.entries()) {
        const before = messages[n - 1];
        if (!before) continue;
        if (mail.sequence <= before.sequence)
          this.violation(`I4 SEQUENCE fell from ${before.sequence} to ${mail.sequence} for ${mail.to}`);
        const isNext = !attempted.some(
          ({ timeslotId, personId, sequence }) =>
            sequence > before.sequence && sequence < mail.sequence && this.uidOf({ id: timeslotId }, personId) === uid,
        );
        // Where another was attempted in between, or the former more than once, what arrived unseen may have said
        // something else, and this one takes it back.
        if (
          isNext &&
          this.attempts.get(before.messageId) === 1 &&
          mail.method === before.method &&
          mail.facts === before.facts
        )
          this.violation(`I4 ${mail.to} heard nothing new (${uid.slice(0, 6)})`);
        if (mail.text === before.text) this.violation(`I4 ${mail.to} heard the same twice (${uid.slice(0, 6)})`);
      }
    }
  }

  private uidOf(slot: Pick<WishedSlot, 'id'>, parent: string): string {
    return calendarUid(this.index, APP_URL, { schoolId: SCHOOL, timeslotId: slot.id, personId: parent });
  }
}

/** `20261124T180000Z` in milliseconds. */
const instantOf = (text: string) => {
  const [, y, m, d, h, min, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z?$/.exec(text) ?? [];
  return Date.UTC(Number(y), Number(m) - 1, Number(d), Number(h), Number(min), Number(s));
};
