import {
  NotFound,
  TakenMeanwhile,
  conferenceView,
  hashOfToken,
  joinTokensOf,
  ownerIsHere,
  retryConference,
  revealMeeting,
  takeOver,
  unwantConference,
  wantConferences,
  type Slot,
} from '#libs/conferences';
import { schoolsOf, type Em } from '#libs/database';
import { LOGIN_OF, PROVIDERS, type LoginName } from '#libs/providers';
import type { Step } from '../plan.js';
import type { Judge } from './judge.js';
import { EVENING, SCHOOL, accountOf, caller, slotId, slotRef, teacher } from './who.js';
import type { Workers } from './workers.js';
import type { World } from './world.js';

/** What teachers, admins and parents do on the pages: the API's own calls, each with its notices in one transaction. */
export class People {
  constructor(
    private readonly world: World,
    private readonly workers: Workers,
    private readonly judge: Judge,
  ) {}

  async want(step: Extract<Step, { do: 'want' }>): Promise<void> {
    const owner = teacher(step.teacher);
    const wish = {
      provider: step.provider,
      onlyMissing: step.onlyMissing,
      ...(step.slot === null ? { eveningId: EVENING } : { timeslotIds: [slotId(step.slot)] }),
    };
    const slots = await this.asked((em) => wantConferences(em, this.world.deps(), caller(step.teacher), wish));
    for (const { timeslot } of slots?.slots ?? []) {
      const slot = this.world.wished.slots.get(timeslot.id)!;
      if (slot.end <= this.world.instant) continue;
      if (slot.wish && (slot.wish.owner !== owner || step.onlyMissing)) continue;
      this.world.wished.wish(slot, { provider: step.provider, owner });
    }
  }

  async asAdmin(what: 'unwant' | 'retry', id: string): Promise<void> {
    const admin = { schoolId: SCHOOL, personId: 'p-admin', isAdmin: true };
    const change = what === 'unwant' ? unwantConference : retryConference;
    const slots = await this.asked(async (em) => ({ slots: await change(em, this.world.deps(), slotRef(id), admin) }));
    if (slots && what === 'unwant') this.world.wished.wish(this.world.wished.slots.get(id)!, null);
  }

  /** An admin presses the buttons that the page shows; what is ready has none, and is looked at by its owner's visit only. */
  async retryWhatFailed(): Promise<void> {
    for (const id of this.world.wished.slots.keys()) {
      const slot = await this.world.slot(id);
      if (!slot) continue;
      const { status, isRemovalStuck } = conferenceView(slot, this.world.clock.now());
      if (status === 'failed' || status === 'retrying' || isRemovalStuck) await this.asAdmin('retry', id);
    }
  }

  async takeOver(step: Extract<Step, { do: 'take-over' }>): Promise<void> {
    const slot = await this.world.slot(slotId(step.slot));
    if (!slot) return;
    const from =
      conferenceView(slot, this.world.clock.now()).shown?.ownerId ??
      (slot.conference?.provider ? slot.conference.ownerId! : slot.timeslot.teacherId);
    const by = caller(step.teacher);
    const target = step.evening ? { eveningId: EVENING } : { timeslotId: slotId(step.slot) };
    const taken = await this.asked(async (em) => ({
      slots: await takeOver(em, this.world.deps(), by, target, from, step.provider),
    }));
    for (const { timeslot } of taken?.slots ?? [])
      this.world.wished.wish(this.world.wished.slots.get(timeslot.id)!, {
        provider: step.provider,
        owner: by.personId,
      });
  }

  async visit(n: number, login: LoginName, account: number): Promise<void> {
    const personId = teacher(n);
    const subject = accountOf(n, login, account);
    for (const provider of PROVIDERS) this.world.providers[provider].fake.acceptToken(subject);
    this.workers.lend(personId, login, subject);
    for (const provider of PROVIDERS) {
      if (LOGIN_OF[provider] !== login) continue;
      const accountIndex = this.world.index.of('account', provider, subject);
      await this.world.database.transaction(schoolsOf.person(personId), (em) =>
        ownerIsHere(em, this.world.deps(), { personId, provider, accountIndex }),
      );
    }
  }

  /** Withdrawn at the provider: every token of the teacher is worth nothing. */
  endLogin(n: number): void {
    for (const login of ['google', 'microsoft'] as const)
      for (const account of [1, 2])
        for (const provider of PROVIDERS) this.world.providers[provider].fake.rejectToken(accountOf(n, login, account));
    this.world.count('login ended');
  }

  /** A parent presses the button behind the own join link. */
  async join(slotId: string, parentId: string): Promise<void> {
    const token = (await this.world.look((em) => joinTokensOf(em, this.world.keys, SCHOOL, parentId, [slotId]))).get(
      slotId,
    );
    if (!token) return;
    const answer = await this.world.database.transaction(schoolsOf.joinLink(hashOfToken(token)), (em) =>
      revealMeeting(em, this.world.deps(), token, null),
    );
    const url = answer?.url?.toString() ?? null;
    if (!url) return;
    this.world.count('URL revealed');
    await this.judge.urlShown(slotId, parentId, url);
  }

  /** A request to the API that changes a wish, with its notices, in one transaction. */
  private async asked<T extends { slots: Slot[] }>(work: (em: Em) => Promise<T>): Promise<T | null> {
    try {
      return await this.world.database.transaction([SCHOOL], async (em) => {
        const answer = await work(em);
        await this.world.notices.plan(em, answer.slots, this.world.clock.now());
        return answer;
      });
    } catch (error) {
      if (error instanceof NotFound || error instanceof TakenMeanwhile) return null;
      throw error;
    }
  }
}
