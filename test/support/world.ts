import type { Job } from 'bullmq';
import { pino } from 'pino';
import {
  MeetingWork,
  SlotStore,
  conferenceView,
  ownerIsHere,
  schoolsNamedBy,
  takeIn,
  type ConferenceView,
  type IncomingEvent,
  type IntakeStatus,
  type Slot,
} from '#libs/conferences';
import type { ParentMeetingsEvent } from '#libs/client';
import { DataKeys, schoolsOf, type Em } from '#libs/database';
import { BlindIndex, KeyRing, Secret } from '#libs/encryption';
import type { Lease } from '#libs/login';
import { takeDue, type Jobs } from '#libs/messaging';
import { DeliveryError, DeliveryWork, NoticePlanner, type EmailMessage, type OutgoingEvent } from '#libs/notifications';
import { Metrics, TIMERS, createLogger, type Clock } from '#libs/platform';
import { FakeProvider, LOGIN_OF, type LoginName, type ProviderName } from '#libs/providers';
import { readEvents } from '../../apps/api/src/events/read-events.js';
import type { WorkerCore } from '../../apps/worker/src/core.js';
import { SendDelivery } from '../../apps/worker/src/deliveries/send-delivery.js';
import { SettleMeeting } from '../../apps/worker/src/meetings/settle-meeting.js';
import { NOW } from '../factories/an-event.js';
import { freshDatabase, type TestDatabase } from './database.js';

/** A clock that the test moves. */
export class TestClock implements Clock {
  constructor(public instant = NOW) {}
  now = () => this.instant;
  pass = (milliseconds: number) => void (this.instant = new Date(this.instant.getTime() + milliseconds));
}

export type SendingFault = 'busy' | 'lost-reply' | 'crash-before' | 'crash-after';

/**
 * What a medium test lives in. Real: Postgres, the encryption, the intake, the notices' plan, the meetings' work and
 * the worker's steps. Fake: the providers, the mail server, the clock and the logins (who is in `visitors` has one).
 */
export class World {
  readonly clock = new TestClock();
  readonly index: BlindIndex;
  readonly keys: DataKeys;
  readonly work: MeetingWork;
  readonly google = new FakeProvider('google-meet');
  readonly teams = new FakeProvider('microsoft-teams');
  /** Person id → the provider's id of the account that this person is signed in with. */
  readonly visitors = new Map<string, string>();
  readonly notices: NoticePlanner;
  readonly deliveries: DeliveryWork;
  /** What the mail server and the receiver of events took over, in order. */
  readonly mails: EmailMessage[] = [];
  /** The errors that the work on meetings wrote to the log. */
  readonly logged: object[] = [];
  readonly events: OutgoingEvent[] = [];
  /** What befalls the next sendings, one each: not taken; taken, but nobody knows; the worker dies before or after. */
  readonly mailFaults: SendingFault[] = [];
  readonly eventFaults: SendingFault[] = [];
  private readonly settling: SettleMeeting;
  private readonly sending: SendDelivery;

  private constructor(
    readonly db: TestDatabase,
    readonly ring: KeyRing,
  ) {
    this.index = new BlindIndex(ring);
    this.keys = new DataKeys(ring, ring);
    this.notices = new NoticePlanner({ index: this.index, hasWebhook: true });
    this.work = new MeetingWork({
      database: db.database,
      keys: this.keys,
      index: this.index,
      clock: this.clock,
      timers: TIMERS,
      meetingHosts: ['meet.google.com', 'teams.microsoft.com'],
      planNotices: this.notices.plan,
    });
    this.deliveries = new DeliveryWork({
      database: db.database,
      keys: this.keys,
      index: this.index,
      clock: this.clock,
      timers: TIMERS,
      appUrl: 'https://conf.school.example',
      mailFrom: 'De Regenboog <no-reply@conf.school.example>',
      planNotices: this.notices.plan,
      random: () => 0.5,
    });
    this.sending = new SendDelivery({
      timers: TIMERS,
      deliveries: this.deliveries,
      email: { send: (message) => this.transmit(this.mailFaults, () => this.mails.push(message)) },
      webhook: { send: (event) => this.transmit(this.eventFaults, () => this.events.push(event)) },
      metrics: new Metrics(),
      logger: createLogger('test', 'silent'),
    });
    const leases = {
      borrow: (personId: string, login: LoginName) => this.lease(personId, login),
      withdraw: (personId: string) => void this.visitors.delete(personId),
    };
    this.settling = new SettleMeeting({
      meetings: this.work,
      clock: this.clock,
      timers: TIMERS,
      leases,
      providers: { 'google-meet': this.google, 'microsoft-teams': this.teams },
      metrics: new Metrics(),
      logger: pino({ level: 'error' }, { write: (line) => void this.logged.push(JSON.parse(line) as object) }),
    } as unknown as WorkerCore);
  }

  static async open(): Promise<World> {
    return new World(await freshDatabase(), KeyRing.generate().ring);
  }

  close = () => this.db.close();

  /** A transaction of one school. */
  in<T>(school: string, work: (em: Em) => Promise<T>): Promise<T> {
    return this.db.database.transaction([school], work);
  }

  /** One batch, as the API takes it in. */
  async take(...events: readonly (ParentMeetingsEvent | { build(): ParentMeetingsEvent })[]): Promise<IntakeStatus[]> {
    return this.takeRead(await this.read(events.map((event) => ('build' in event ? event.build() : event))));
  }

  read(events: readonly ParentMeetingsEvent[]): Promise<IncomingEvent[]> {
    return readEvents(Buffer.from(JSON.stringify(events)), true, { index: this.index, now: this.clock.now() });
  }

  takeRead(events: readonly IncomingEvent[]): Promise<IntakeStatus[]> {
    const now = this.clock.now();
    return this.db.database.transaction(schoolsNamedBy(events), async (em) => {
      const { statuses, slots } = await takeIn(em, { keys: this.keys, index: this.index, now }, events);
      await this.notices.plan(em, slots, now);
      return statuses;
    });
  }

  async slot(timeslotId = 't-1', schoolId = 's-1'): Promise<Slot> {
    const ref = { schoolId, timeslotId };
    const slot = (await this.in(schoolId, (em) => SlotStore.load(em, this.index, [ref], false))).get(ref);
    if (!slot) throw new Error(`There is no slot ${timeslotId}.`);
    return slot;
  }

  async view(timeslotId = 't-1', schoolId = 's-1'): Promise<ConferenceView> {
    return conferenceView(await this.slot(timeslotId, schoolId), this.clock.now());
  }

  /** What a worker does with one job. `attemptsMade` high: the queue's own quick tries are spent. */
  settle(meetingId: string, attemptsMade = 99): Promise<string> {
    return this.settling.process({ data: { meetingId }, attemptsMade } as Job<Jobs['settle-meeting']>);
  }

  /** Works everything that is due until nothing is; waits are cut short by moving the clock. */
  async settleAll(): Promise<void> {
    for (let round = 0; round < 60; round += 1) if (!(await this.settleNext())) return;
    throw new Error('It never comes to rest.');
  }

  /** @returns false: nothing is left to do */
  async settleNext(): Promise<boolean> {
    const [due] = await this.db.query<{ subject_id: string; due_at: Date }>(
      `select subject_id, greatest(due_at, coalesce(busy_until, due_at)) as due_at from dispatches where queue not in ('deliveries', 'erasures') order by 2, 1 limit 1`,
    );
    if (!due) return false;
    if (due.due_at > this.clock.now()) this.clock.instant = due.due_at;
    await this.settle(due.subject_id);
    return true;
  }

  /** What a worker does with one message. */
  send(deliveryId: string): Promise<string> {
    return this.sending.send(deliveryId);
  }

  /** Sends everything that is due now, one after the other, as the relay would take it. */
  async sendDue(): Promise<string[]> {
    const words: string[] = [];
    for (let round = 0; round < 200; round += 1) {
      const [due] = await this.db.database.transaction([], (em) =>
        takeDue(em, 'deliveries', this.clock.now(), 1, TIMERS.unclaimedMs),
      );
      if (!due) return words;
      words.push(await this.send(due.subjectId).catch(() => 'crashed'));
    }
    throw new Error('It never comes to rest.');
  }

  /** Sends everything, also what waits: the clock moves. */
  async sendAll(): Promise<string[]> {
    const words = await this.sendDue();
    for (let round = 0; round < 60; round += 1) {
      const [next] = await this.db.query<{ at: Date | null }>(
        `select min(at) as at from dispatches, unnest(array[due_at, busy_until]) as at where queue = 'deliveries' and at > $1`,
        [this.clock.now()],
      );
      if (!next?.at) return words;
      this.clock.instant = next.at;
      words.push(...(await this.sendDue()));
    }
    throw new Error('It never comes to rest.');
  }

  private transmit(faults: SendingFault[], take: () => unknown): Promise<void> {
    const fault = faults.shift();
    if (fault === undefined || fault === 'lost-reply' || fault === 'crash-after') take();
    if (fault === undefined) return Promise.resolve();
    return Promise.reject(fault.startsWith('crash') ? new Error('killed') : new DeliveryError('unavailable', 'busy'));
  }

  /** Somebody is here with a Google account: what waited for that goes on. */
  async visit(
    personId: string,
    subject: string,
    provider: ProviderName = 'google-meet',
    loadsPage = false,
  ): Promise<number> {
    this.visitors.set(personId, subject);
    const accountIndex = this.accountIndex(provider, subject);
    const deps = { index: this.index, now: this.clock.now() };
    return this.db.database.transaction(schoolsOf.person(personId), (em) =>
      ownerIsHere(em, deps, { personId, provider, accountIndex, loadsPage }),
    );
  }

  lease(personId: string, login: LoginName): Lease | null {
    const subject = this.visitors.get(personId);
    if (subject === undefined) return null;
    return {
      personId,
      login,
      account: { subject, email: `${subject}@account.example` },
      accessToken: new Secret(subject),
      expiresAt: new Date(this.clock.now().getTime() + 600_000),
    };
  }

  accountIndex = (provider: keyof typeof LOGIN_OF, subject: string) => this.index.of('account', provider, subject);
}
