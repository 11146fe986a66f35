import type { JSONWebKeySet } from 'jose';
import { makeSigningKey, type SigningKey } from '../world/signing-key.js';
import type { World } from '../world/world.js';
import { slotChanged, type ModuleEvent, type Person, type SlotData, type SlotEvent } from './events.js';
import { withOffset } from './local-time.js';
import { namesOf } from './people.js';
import { planEvening, SCHOOL, SCHOOL_DOMAIN, type EveningPlan } from './plan-evening.js';
import { sendEvents, type IntakeResult } from './send-events.js';

/** Who a token is for (contract.md, "Who is calling"). `school` is absent for ops. */
export interface TokenWish {
  sub: string;
  school?: string;
  roles: string[];
  name?: string;
  email?: string;
  locale?: string;
  /** Life in seconds; 300 for a bearer, 60 for a ticket. */
  seconds?: number;
}

export interface Member extends Person {
  roles: string[];
  school?: string;
}

const AUDIENCE = 'video-conferences';

/** The school's own software: knows everybody, signs them in, plans evenings and says so. */
export class SandboxModule {
  /** The slots as they were last told, by id, over all evenings. */
  readonly slots = new Map<string, SlotData>();
  readonly #told = new Map<string, SlotEvent>();

  private constructor(
    private readonly world: World,
    private readonly key: SigningKey,
    readonly eventSecret: string,
  ) {}

  static async start(world: World, eventSecret?: string): Promise<SandboxModule> {
    const made = `whsec_${world.random.fixedBytes('event secret', 32).toString('base64')}`;
    return new SandboxModule(world, await makeSigningKey('ES256', 'module-1'), eventSecret ?? made);
  }

  get issuer(): string {
    return `${this.world.url}/module`;
  }

  get jwks(): JSONWebKeySet {
    return this.key.jwks;
  }

  /** A bearer for programs. */
  token(wish: TokenWish): Promise<string> {
    return this.#sign(AUDIENCE, { seconds: 300, ...wish });
  }

  /** A ticket for a browser: `GET /enter?ticket=…`; used once, at most 60 s old. */
  ticket(wish: TokenWish): Promise<string> {
    return this.#sign(`${AUDIENCE}/enter`, { seconds: 60, ...wish });
  }

  /** Where a browser goes to be signed in at the product. */
  async enterUrl(wish: TokenWish, to = '/'): Promise<string> {
    return `${this.#appUrl()}/enter?${new URLSearchParams({ ticket: await this.ticket(wish), to }).toString()}`;
  }

  /** The events of a generated evening; not sent yet. Remembers the slots, and watches the families' names. */
  planEvening(plan: EveningPlan): SlotEvent[] {
    const events = planEvening(plan, this.world.now());
    for (const event of events) this.#remember(event);
    this.world.ledger.familyNames.watch(events.flatMap(({ data }) => namesOf(data.parents)));
    return events;
  }

  /** De Regenboog: tomorrow at 19:00, three teachers with five slots each, nobody has asked for conferences yet. */
  seed(): SlotEvent[] {
    return this.planEvening({ teachers: 3, slotsPerTeacher: 5 });
  }

  /** The last event of every slot, exactly as it was: sent again it is a duplicate and changes nothing. */
  restated(): SlotEvent[] {
    return [...this.#told.values()];
  }

  /** The next version of a slot: moved by so many minutes, cancelled, or planned again. Not sent yet. */
  change(slotId: string, change: { moveMinutes?: number; status?: 'planned' | 'cancelled' }): SlotEvent {
    const slot = this.slots.get(slotId);
    if (!slot) throw new RangeError(`No slot is called "${slotId}"; plan an evening first`);
    const { timeslot, school, conference: _wish, ...rest } = slot;
    const move = (instant: string) =>
      withOffset(new Date(Date.parse(instant) + (change.moveMinutes ?? 0) * 60_000), school.timeZone);
    const next: SlotData = {
      ...rest,
      school,
      timeslot: {
        ...timeslot,
        version: timeslot.version + 1,
        start: move(timeslot.start),
        end: move(timeslot.end),
        status: change.status ?? timeslot.status,
      },
    };
    return this.#remember(slotChanged(next, this.world.now()));
  }

  /** Signs and posts events to the product, trying again while it is away. Throws EventsRefused. */
  emit(events: readonly ModuleEvent[]): Promise<IntakeResult[]> {
    const { now, random } = this.world;
    const newId = () => `msg_${random.text('webhook id', 24)}`;
    return sendEvents(events, { appUrl: this.#appUrl(), secret: this.eventSecret, now, newId });
  }

  /** Everybody whom the module page can sign in: the people of the planned slots, an admin, privacy, and ops. */
  members(): Member[] {
    const slots = [...this.slots.values()];
    const school = slots[0]?.school.id;
    const teachers = slots.map(({ teacher, school: { id } }) => ({ ...teacher, roles: ['teacher'], school: id }));
    const parents = slots.flatMap((slot) =>
      slot.parents.map(({ id, name, email, locale }) => ({
        id,
        name,
        email,
        locale,
        roles: ['parent'],
        school: slot.school.id,
      })),
    );
    const staff = (id: string, name: string, role: string): Member => ({
      id,
      name,
      email: `${id.slice(2)}@${SCHOOL_DOMAIN}`,
      locale: SCHOOL.locale,
      roles: [role],
      ...(role === 'ops' ? {} : { school }),
    });
    const office = [
      staff('p-directie', 'Petra Smit', 'admin'),
      staff('p-privacy', 'Hugo Dekker', 'privacy'),
      staff('p-beheer', 'Operations', 'ops'),
    ];
    return [...new Map([...teachers, ...parents, ...office].map((member) => [member.id, member])).values()];
  }

  #remember(event: SlotEvent): SlotEvent {
    this.slots.set(event.data.timeslot.id, event.data);
    this.#told.set(event.data.timeslot.id, event);
    return event;
  }

  #sign(audience: string, { sub, school, roles, name, email, locale, seconds = 300 }: TokenWish): Promise<string> {
    const iat = Math.floor(this.world.now().getTime() / 1000);
    const claims = { sub, school, roles, name, email, locale };
    const jti = this.world.random.guid('jti');
    return this.key.sign({ ...claims, iss: this.issuer, aud: audience, iat, exp: iat + seconds, jti });
  }

  #appUrl(): string {
    if (this.world.appUrl === undefined)
      throw new Error('Where is the product? Start with appUrl, or call setAppUrl first');
    return this.world.appUrl;
  }
}
