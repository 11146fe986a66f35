import { planOwnerCare } from '#libs/notifications';
import { rows, sql, type Database } from '#libs/database';
import { TIMERS } from '#libs/platform';
import { LOGIN_OF, PROVIDERS, type ProviderName } from '#libs/providers';
import { TEACHERS, historyOf, type Fault, type History, type Step } from '../plan.js';
import type { Point } from '../task.js';
import { judgeMails } from './judge-mails.js';
import { isAtRest, judgeRest } from './judge-rest.js';
import { Judge } from './judge.js';
import { MailServer } from './mail-server.js';
import { missing } from './missing.js';
import { outside } from './outside.js';
import { People } from './people.js';
import { School } from './school.js';
import { accountOf, parent, slotId, teacher } from './who.js';
import { runningTask } from './worker-process.js';
import { Workers } from './workers.js';
import { Kit, World } from './world.js';

const HEAL_MS = 120_000;

export interface Verdict {
  readonly seed: number;
  readonly violations: readonly string[];
  /** What really happened, by kind. */
  readonly struck: Readonly<Record<string, number>>;
}

/**
 * The product's own intake, meetings, deliveries and upkeep on a real Postgres, with everything else made of glass: the
 * clock, the queue, the providers, the mail server, the logins and the processes. One history at a time.
 */
export class Sim {
  private readonly kit: Kit;
  // Of one history:
  private world!: World;
  private judge!: Judge;
  private mailServer!: MailServer;
  private workers!: Workers;
  private school!: School;
  private people!: People;
  /** Strikes the n-th job of the steps: for exhaustive runs. */
  strike: { job: number; fault: Fault } | null = null;
  trace: string[] | null = null;

  constructor(database: Database) {
    this.kit = new Kit(database);
  }

  static historyOf = historyOf;

  /** The points that each job of the last history's steps passed. */
  get passed(): readonly Point[][] {
    return this.workers.passed;
  }

  /** Runs the history of a seed, or one given as data. */
  async run(history: History): Promise<Verdict> {
    await this.begin(history);
    const { world, workers } = this;
    try {
      await this.setUp(history.present);
      for (const step of history.steps) {
        world.trace?.push(`${world.clock.now().toISOString()} ${JSON.stringify(step)}`);
        await this.step(step);
        if (step.do !== 'pass') await this.judge.joinableStays(isOutside(step));
      }
      await this.heal();
    } catch (error) {
      world.violation(`it fell over: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
    workers.end();
    return { seed: history.seed, violations: [...new Set(world.violations)], struck: world.struck };
  }

  private async begin(history: History): Promise<void> {
    this.world = await World.begin(this.kit, history, this.trace);
    this.judge = new Judge(this.world);
    this.world.openProviders({
      task: () => runningTask.getStore(),
      made: (provider, meeting) => this.judge.meetingMade(provider, meeting),
    });
    this.mailServer = new MailServer(this.world, this.judge);
    this.workers = new Workers(this.world, this.kit, this.mailServer, this.strike);
    this.school = new School(this.world);
    this.people = new People(this.world, this.workers, this.judge);
  }

  private async setUp(present: boolean): Promise<void> {
    await this.school.begin();
    if (!present) return;
    for (let n = 0; n < TEACHERS; n += 1)
      for (const login of ['google', 'microsoft'] as const) await this.people.visit(n, login, 1);
  }

  private async step(step: Step): Promise<void> {
    const { world, school, people, workers } = this;
    switch (step.do) {
      case 'change':
        school.change(slotId(step.slot), step.change);
        return school.say(step.slot, step.speaks || step.change.what === 'wish');
      case 'tell':
        return school.tell(step);
      case 'left':
      case 'named':
        return school.sayPerson(step.person, step.do);
      case 'window':
        return school.sayWindow(step.minutes);
      case 'want':
        return people.want(step);
      case 'unwant':
      case 'retry':
        return people.asAdmin(step.do, slotId(step.slot));
      case 'take-over':
        return people.takeOver(step);
      case 'visit':
        return people.visit(step.teacher, step.login, step.account);
      case 'log-out':
        return workers.withdraw(teacher(step.teacher));
      case 'login-ends':
        return people.endLogin(step.teacher);
      case 'join':
        return people.join(slotId(step.slot), parent(step.parent));
      case 'outside':
        return outside(world, step.pick, step.what);
      case 'work':
        return workers.workOne(step.pick, step.worker, step.fault);
      case 'mail':
        return workers.mailOne(step.pick, step.worker, step.fault);
      case 'thaw':
        return workers.thaw(step.pick);
      case 'kill':
        return workers.kill(step.worker);
      case 'wipe-queue':
        return world.wipeQueues();
      case 'stalled':
        return workers.stalled();
      case 'upkeep':
        await planOwnerCare({ database: world.database, index: world.index, keys: world.keys }, world.clock.now());
        return workers.tidy();
      case 'be-right':
        if (this.strike) return;
        await workers.workAll();
        for (const what of await this.missing()) world.violation(`without a visit: ${what}`);
        return;
      case 'pass':
        world.instant += step.seconds * 1000;
        return;
    }
  }

  /** Faults over, each owner visits as an open page does: within two minutes all is as wished, and it stays so. */
  private async heal(): Promise<void> {
    const { world, workers } = this;
    workers.isHealing = true;
    await workers.thawAll();
    await this.school.tellAll();
    const limits = Math.max(...PROVIDERS.map((provider) => world.providers[provider].limitedUntil));
    const began = Math.max(world.instant, limits);
    workers.stalled();
    let wrong: string[] = [];
    let lastUpkeep = 0;
    let isRetried = false;
    const looks = () => world.instant - began;
    while (looks() <= HEAL_MS) {
      await this.visitAll();
      if (world.instant - lastUpkeep >= TIMERS.tidyMs) {
        lastUpkeep = world.instant;
        await workers.tidy();
      }
      if (!isRetried) {
        isRetried = true;
        await this.people.retryWhatFailed();
      }
      await workers.workAll();
      wrong = await this.missing();
      world.trace?.push(`${world.clock.now().toISOString()} healing: ${wrong.length} wrong`);
      if (wrong.length === 0 && (await isAtRest(world))) break;
      world.instant += looks() < 0 ? 10_000 : 5_000;
    }
    if (wrong.length > 0) return wrong.forEach((what) => world.violation(`not healed: ${what}`));
    // And nothing comes after.
    world.instant += 61_000;
    await workers.tidy();
    await this.visitAll();
    await workers.workAll();
    for (const what of await this.missing()) world.violation(`did not last: ${what}`);
    await judgeMails(world, this.mailServer);
    await judgeRest(world);
  }

  private missing(): Promise<string[]> {
    return missing(this.world, this.judge.shown);
  }

  private async visitAll(): Promise<void> {
    const { world, workers } = this;
    const needed = await world.look((em) =>
      rows(
        em,
        sql<{ ownerId: string; provider: ProviderName; accountIndex: Buffer | null }>`
      select distinct owner_id, provider, account_index from meetings where state not in ('gone', 'over')`,
      ),
    );
    // The first account last: whatever is not bound yet goes there.
    for (const account of [2, 1])
      for (let n = 0; n < TEACHERS; n += 1)
        for (const login of ['google', 'microsoft'] as const) {
          const subject = accountOf(n, login, account);
          const isNeeded = needed.some(
            ({ ownerId, provider, accountIndex }) =>
              ownerId === teacher(n) &&
              LOGIN_OF[provider] === login &&
              (accountIndex ? accountIndex.equals(world.index.of('account', provider, subject)) : account === 1),
          );
          if (!isNeeded) continue;
          await this.people.visit(n, login, account);
          if (account === 2) await workers.workAll();
        }
  }
}

/** A provider that says a meeting is not there is believed: nobody is sent to a dead URL. */
const isOutside = (step: Step) => step.do === 'outside' || (step.do === 'work' && step.fault?.kind === 'not-there');
