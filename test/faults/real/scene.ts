import type { ParentMeetingsEvent, PersonData } from '#libs/client';
import type { ProviderName } from '#libs/providers';
import type { Browser } from '../../../apps/cli/src/evening/browser.js';
import { ASchool, type SlotEvent } from '../../support/a-school.js';
import { bare, type Row } from '../../support/product.js';
import type { Dice } from './dice.js';
import type { Rig } from './rig.js';

const MINUTE_MS = 60_000;
/** So many events in one request; 500 may be. */
const BATCH = 250;
/** An answer to an event may take so long; then it is sent again. */
const ANSWER_MS = 15_000;
/** While the API is struck again and again nobody may have an answer; the module goes on until it has one. */
const TELL_FOR_MS = 600_000;
/** So long a teacher goes without a login before connecting again. */
const UNCONNECTED_MS = 3_000;

/** What the school wishes for one slot: the reference that everything is held against. */
export interface SlotWish {
  readonly n: number;
  readonly slotId: string;
  teacher: number;
  start: number;
  minutes: number;
  planned: boolean;
  /** What the school's events say of the conference. */
  asked: boolean;
  /** What they said last: only when they say something else is it a new wish, over that of anybody else. */
  said: string;
  wanted: boolean;
  /** In whose account: the n-th teacher. */
  owner: number;
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
  /** Of its dice; made from that of the run when absent. */
  readonly seed?: number;
  readonly providers?: readonly ProviderName[];
  /** Nobody touches the accounts: each call there is the product's, and their logins hold. */
  readonly handsOff?: boolean;
}

/** What people do beside the school's events, and how often beside each other. */
const ACTS = Object.entries({
  'take-over': 5,
  unwant: 3,
  want: 3,
  join: 6,
  'delete by hand': 2,
  'move by hand': 2,
  'log out': 1,
  'login ends': 1,
  leave: 2,
  return: 1,
  window: 1,
} as const).flatMap(([act, weight]) => Array.from({ length: weight }, () => act as Act));

type Act =
  | 'take-over'
  | 'unwant'
  | 'want'
  | 'join'
  | 'delete by hand'
  | 'move by hand'
  | 'log out'
  | 'login ends'
  | 'leave'
  | 'return'
  | 'window';

/**
 * One school in the midst of planning: it says what it wishes, in any order and more than once; its teachers visit, log
 * out, wish for themselves and take over; people leave and come back; parents join; somebody deletes or moves a meeting
 * by hand.
 */
export class Scene {
  readonly school = new ASchool();
  readonly slots: SlotWish[] = [];
  readonly violations: string[] = [];
  /** Who was let in where. */
  readonly revealed: { readonly slot: SlotWish; readonly parent: string; readonly url: string }[] = [];
  /** What people did, counted. */
  readonly done: Record<string, number> = {};
  private browsers: Browser[] = [];
  /** When teachers whose login is gone will connect again (ms). */
  private readonly connectsAgainAt = new Map<number, number>();
  /** Teachers who left the school, and parents with the slot that was theirs. */
  private readonly awayTeachers = new Set<number>();
  private readonly haveLeft = new Set<number>();
  private readonly awayParents: { readonly slot: SlotWish; readonly parent: PersonData }[] = [];
  private parents = 0;
  /**
   * Slots of which the events under way say something else about the conference. Said back again before they have
   * arrived, in another order, it would be nothing new, and a teacher's own wish would stand: nobody could say which.
   */
  private readonly saidAnew = new Set<SlotWish>();
  /** What was acknowledged, and when: to be read after a failure. */
  readonly log: string[] = [];

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
    // Half of the schools let parents look at any time: then each who ever could has seen the URL.
    if (dice.chance(0.5)) await scene.deliver([scene.school.changed({ revealMinutes: null })]);
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
        asked: true,
        said: '',
        wanted: true,
        owner: 0,
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
    const what = dice.number(6);
    switch ((what === 1 || what === 2) && this.saidAnew.has(slot) ? 5 : what) {
      case 0:
        slot.planned = !slot.planned;
        break;
      case 1:
        slot.asked = !slot.asked;
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
    this.saidAnew.clear();
    for (const { data } of events) {
      const slot = this.slots.find(({ slotId }) => slotId === data.timeslot.id)!;
      for (const parent of slot.everParents.values())
        if (parent.endedAt === null && parent.lastVersion < data.timeslot.version) parent.endedAt = Date.now();
    }
  }

  /** Somebody does something over HTTP, or by hand at the provider. */
  async act(): Promise<void> {
    const { dice } = this;
    const slot = dice.pick(this.slots);
    switch (dice.pick(ACTS)) {
      case 'take-over': {
        const colleague = (slot.owner % this.size.teachers) + 1;
        if (this.awayTeachers.has(colleague)) return;
        const from = this.isLive(slot) ? await this.shownOwner(slot, colleague) : null;
        if (from === null || from === this.teacher(colleague).id) return;
        const asked = { from, provider: this.providerOf(colleague) };
        const path = `/v1/timeslots/${slot.slotId}/conference/take-over`;
        if (!(await this.ask(slot, colleague, 'POST', path, asked))) return;
        slot.owner = colleague;
        return this.count('taken over');
      }
      case 'unwant':
        if (!this.isLive(slot)) return;
        if (!(await this.ask(slot, slot.teacher, 'DELETE', `/v1/timeslots/${slot.slotId}/conference`))) return;
        slot.wanted = false;
        return this.count('no longer wanted, by the teacher');
      case 'want': {
        if (slot.wanted || !slot.planned || this.awayTeachers.has(slot.teacher)) return;
        const wish = { provider: this.providerOf(slot.teacher), timeslotIds: [slot.slotId] };
        if (!(await this.ask(slot, slot.teacher, 'POST', '/v1/conferences', wish))) return;
        Object.assign(slot, { wanted: true, owner: slot.teacher });
        return this.count('wanted, by the teacher');
      }
      case 'join':
        return this.join(slot);
      case 'delete by hand':
        return this.changeByHand('deleted');
      case 'move by hand':
        return this.changeByHand('moved');
      case 'log out':
        if (this.size.handsOff) return;
        return this.logOut(dice.between(1, this.size.teachers));
      case 'login ends':
        if (this.size.handsOff) return;
        return this.endLogin(dice.between(1, this.size.teachers));
      case 'leave':
        return dice.chance(0.5) ? this.parentLeaves(slot) : this.teacherLeaves(slot.owner);
      case 'return':
        return dice.chance(0.5) ? this.parentReturns() : this.teacherReturns();
      case 'window':
        await this.deliver([this.school.changed({ revealMinutes: dice.pick([null, 10, 60]) })]);
        return this.count('window changed');
    }
  }

  /** Before it is asked whether all is as wished: who logged out connects again, and who left is back. */
  async everybodyReturns(): Promise<void> {
    while (this.awayParents.length > 0) await this.parentReturns();
    while (this.awayTeachers.size > 0) await this.teacherReturns();
  }

  /** Each once, in order, in batches as large as they may be. */
  async tellAtOnce(events: readonly SlotEvent[]): Promise<void> {
    for (let n = 0; n < events.length; n += BATCH) await this.deliver(events.slice(n, n + BATCH));
  }

  /** Every teacher says "I am here", with a new login where the old one is gone. */
  async visit(): Promise<void> {
    await Promise.all(
      this.browsers.map((browser, place) =>
        // While the API is away nobody can: the next visit counts.
        this.visitOf(browser, place + 1).catch(() => undefined),
      ),
    );
  }

  private async visitOf(browser: Browser, teacher: number): Promise<void> {
    const { product } = this.rig;
    const due = this.connectsAgainAt.get(teacher) ?? Infinity;
    if (Date.now() > due) {
      const { email } = this.teacher(teacher);
      const { status } = await product.connect(browser, loginOf(this.providerOf(teacher)), email);
      // A login that ended again meanwhile is of no use.
      if (status === 200 && this.connectsAgainAt.get(teacher) === due) this.connectsAgainAt.delete(teacher);
    }
    const visit = () =>
      browser.fetch(`${product.appUrl}/v1/visits`, { method: 'POST', signal: AbortSignal.timeout(10_000) });
    let response = await visit();
    // A session ends with its teacher's leaving; who came back signs in again.
    if (response.status === 401 && this.haveLeft.has(teacher)) {
      await product.enter(browser, 'teacher', this.school, this.teacher(teacher));
      response = await visit();
    }
    await response.arrayBuffer();
    if (response.status >= 400 && response.status < 500 && response.status !== 429)
      this.violations.push(`a visit was refused with ${response.status}`);
  }

  teacher(n: number): PersonData {
    return this.school.teacher(n);
  }

  get accounts(): string[] {
    return Array.from({ length: this.size.teachers }, (_, place) => this.teacher(place + 1).email);
  }

  isLive = (slot: SlotWish) => slot.planned && slot.wanted;

  private event(slot: SlotWish): SlotEvent {
    const says = slot.asked ? `in the account of teacher ${slot.teacher}` : 'none';
    if (says !== slot.said) {
      Object.assign(slot, { said: says, wanted: slot.asked, owner: slot.teacher });
      this.saidAnew.add(slot);
    }
    const event = this.school.slot(slot.n, {
      start: new Date(slot.start).toISOString(),
      minutes: slot.minutes,
      status: slot.planned ? 'planned' : 'cancelled',
      teacher: this.teacher(slot.teacher),
      parents: slot.parents,
      wanting: slot.asked ? this.providerOf(slot.teacher) : null,
    });
    // Who is named again is back.
    this.awayTeachers.delete(slot.teacher);
    for (const { id, email } of slot.parents)
      slot.everParents.set(id, { email, lastVersion: event.data.timeslot.version, endedAt: null });
    return event;
  }

  /** A parent belongs to one slot here, so that a mail to that parent is about that slot. */
  private newParent(): PersonData {
    return this.school.parent(++this.parents, this.dice.pick(['nl', 'en', 'tr']));
  }

  private async deliver(batch: readonly ParentMeetingsEvent[]): Promise<void> {
    const body = batch.length === 1 ? batch[0] : batch;
    const { refused } = await answered(() => this.rig.product.post(body, { signal: AbortSignal.timeout(ANSWER_MS) }));
    if (refused) this.violations.push(`an event was refused with ${refused.status}: ${refused.body}`);
    else
      this.noted(
        batch.map(({ type, data }) =>
          'timeslot' in data
            ? `${data.timeslot.id} v${data.timeslot.version} ${data.timeslot.status} ${data.teacher.id} ${JSON.stringify(data.conference)}`
            : type,
        ),
      );
  }

  private noted(what: readonly string[]): void {
    const at = new Date().toISOString();
    this.log.push(...what.map((one) => `${at} ${one}`));
  }

  /**
   * A call of a teacher, as a program makes it that is in doubt: the same again under the same key.
   * @returns whether it counts
   */
  private async ask(slot: SlotWish, teacher: number, method: string, path: string, body?: object): Promise<boolean> {
    const { product } = this.rig;
    const key = { 'idempotency-key': `${this.school.id}-${this.dice.number(1e9)}` };
    const { refused, wasInDoubt } = await answered(async () => {
      const token = await product.bearer('teacher', this.school, this.teacher(teacher));
      return product.call(token, method, path, body, key, AbortSignal.timeout(ANSWER_MS));
    });
    this.noted([`${method} ${path} by teacher ${teacher}: ${refused?.status ?? 202}${wasInDoubt ? ', in doubt' : ''}`]);
    if (!refused) return true;
    if (refused.status !== 409)
      this.violations.push(`${method} ${path} was refused with ${refused.status}: ${refused.body}`);
    // It was overtaken; or its first try counted, and the API died before it could write its answer down. The school's
    // next word settles which.
    if (wasInDoubt) {
      slot.asked = !slot.asked;
      await this.tell([this.event(slot)]);
    }
    return false;
  }

  /** Whose meeting a colleague sees there; null while nobody answers. */
  private async shownOwner(slot: SlotWish, viewer: number): Promise<string | null> {
    const { product } = this.rig;
    const token = await product.bearer('teacher', this.school, this.teacher(viewer));
    const row = await product.get<Row>(token, `/v1/timeslots/${slot.slotId}/conference`).catch(() => null);
    return row && (row.owner?.id ?? this.teacher(slot.teacher).id);
  }

  /** A parent presses the button behind the link in the last mail. While the API is away nobody is let in. */
  private async join(slot: SlotWish): Promise<void> {
    const [parent] = slot.parents;
    if (!parent) return;
    const mail = this.rig.sandbox.mailbox.to(parent.email).at(-1);
    const link = mail && /https?:\/\/\S+\/j\/[\w-]+/.exec(mail.text)?.[0];
    if (!link) return;
    const answer = await bare(link, { method: 'POST', signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => null);
    await answer?.arrayBuffer().catch(() => undefined);
    const url = answer?.status === 303 ? answer.headers.get('location') : null;
    if (!url) return;
    this.revealed.push({ slot, parent: parent.id, url });
    this.count('URL revealed');
  }

  private async changeByHand(how: 'deleted' | 'moved'): Promise<void> {
    const { product, sandbox } = this.rig;
    const made = product.live(...this.accounts);
    if (made.length === 0 || this.size.handsOff) return;
    const { account, provider, id, calendarId, start, end } = this.dice.pick(made);
    const isGoogle = provider === 'google';
    const path = isGoogle
      ? `${sandbox.google.apiUrl}/calendar/v3/calendars/${calendarId}/events/${id}`
      : `${sandbox.microsoft.graphUrl}/v1.0/me/onlineMeetings/${id}`;
    const { accessToken } = (isGoogle ? sandbox.google : sandbox.microsoft).grant({ email: account });
    const later = [start, end].map((at) => new Date(Date.parse(at ?? '') + 5 * MINUTE_MS).toISOString());
    const moved = isGoogle
      ? { start: { dateTime: later[0] }, end: { dateTime: later[1] } }
      : { startDateTime: later[0], endDateTime: later[1] };
    // The provider may fail by its own rules; then it may have happened all the same, and is put right as well.
    const answer = await fetch(path, {
      method: how === 'moved' ? 'PATCH' : 'DELETE',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      ...(how === 'moved' && { body: JSON.stringify(moved) }),
      signal: AbortSignal.timeout(ANSWER_MS),
    }).catch(() => null);
    await answer?.arrayBuffer().catch(() => undefined);
    if (answer?.ok) this.count(`${how} by hand`);
  }

  /** The teacher's browser forgets the login; the owner is needed until the teacher connects again. */
  private async logOut(teacher: number): Promise<void> {
    const login = loginOf(this.providerOf(teacher));
    const { product } = this.rig;
    const browser = this.browsers[teacher - 1]!;
    const path = `${product.appUrl}/login/${login}${this.dice.chance(0.5) ? '?everywhere=true' : ''}`;
    const answer = await browser
      .fetch(path, { method: 'DELETE', signal: AbortSignal.timeout(ANSWER_MS) })
      .catch(() => null);
    await answer?.arrayBuffer().catch(() => undefined);
    // Without an answer it may have counted all the same.
    this.connectsAgainAt.set(teacher, Date.now() + UNCONNECTED_MS);
    if (answer?.status === 204) this.count('logged out');
  }

  /** Withdrawn at the provider: every token of the account is worth nothing from now on. */
  private endLogin(teacher: number): void {
    const login = loginOf(this.providerOf(teacher));
    this.rig.sandbox[login].revokeGrant(this.teacher(teacher).email);
    this.connectsAgainAt.set(teacher, Date.now() + UNCONNECTED_MS);
    this.count('login ended');
  }

  private async parentLeaves(slot: SlotWish): Promise<void> {
    const [parent] = slot.parents;
    if (!parent) return;
    slot.parents = slot.parents.slice(1);
    await this.deliver([this.school.left(parent)]);
    slot.everParents.get(parent.id)!.endedAt = Date.now();
    this.awayParents.push({ slot, parent });
    this.count('parent left');
  }

  private async parentReturns(): Promise<void> {
    const back = this.awayParents.pop();
    if (!back) return;
    back.slot.parents = [...back.slot.parents, back.parent];
    await this.tell([this.event(back.slot)]);
    this.count('parent came back');
  }

  /** Nothing more is made for a teacher who left; what is there stays. */
  private async teacherLeaves(teacher: number): Promise<void> {
    if (teacher === 0 || this.awayTeachers.has(teacher)) return;
    this.haveLeft.add(teacher);
    await this.deliver([this.school.left(this.teacher(teacher))]);
    this.awayTeachers.add(teacher);
    this.count('teacher left');
  }

  private async teacherReturns(): Promise<void> {
    const [teacher] = this.awayTeachers;
    if (teacher === undefined) return;
    await this.deliver([this.school.named(this.teacher(teacher))]);
    this.awayTeachers.delete(teacher);
    this.count('teacher came back');
  }

  private count(kind: string): void {
    this.done[kind] = (this.done[kind] ?? 0) + 1;
  }
}

interface Answered {
  readonly refused: { readonly status: number; readonly body: string } | null;
  /** A try had no answer, or a 5xx: nobody knows what became of it. */
  readonly wasInDoubt: boolean;
}

/** Sends it until there is an answer that means something. */
async function answered(send: () => Promise<Response>): Promise<Answered> {
  const until = Date.now() + TELL_FOR_MS;
  let wasInDoubt = false;
  for (;;) {
    const answer = await send().catch(() => null);
    const body = (await answer?.text().catch(() => '')) ?? '';
    if (answer?.status === 202) return { refused: null, wasInDoubt };
    if (!answer || answer.status >= 500) wasInDoubt = true;
    else if (!answer.headers.has('retry-after'))
      return { refused: { status: answer.status, body: body.slice(0, 200) }, wasInDoubt };
    if (Date.now() > until)
      return { refused: { status: answer?.status ?? 0, body: `for ${TELL_FOR_MS / 1000} s` }, wasInDoubt };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const loginOf = (provider: ProviderName) => (provider === 'google-meet' ? 'google' : 'microsoft');
