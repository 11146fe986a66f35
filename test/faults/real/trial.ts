import type { Backend } from '../../support/backends.js';
import { Dice } from './dice.js';
import { healed } from './healed.js';
import type { ProductProcess } from './product-process.js';
import type { Rig } from './rig.js';
import { Scene, type SceneSize } from './scene.js';

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** One kind of fault, tried again and again with other seeds. */
export interface Trial {
  /** Also the name of the counter that says how often the fault really happened. */
  readonly name: string;
  readonly backends: readonly Backend[];
  /** How often it must happen: in CI, and in the full set on Redis. */
  readonly ci: number;
  readonly full: number;
  readonly run: (trial: TrialRun) => Promise<void>;
}

/** What one run of a trial works with and finds. */
export class TrialRun {
  readonly dice: Dice;
  readonly scenes: Scene[] = [];
  readonly violations: string[] = [];
  readonly faults: Record<string, number> = {};
  /** How long it took until all was as wished, in ms; null: it was not asked. */
  healedMs: number | null = null;

  constructor(
    readonly rig: Rig,
    readonly seed: number,
    dice = new Dice(seed),
    /** A third of the strikes, for a look and for CI. */
    readonly isShort = false,
  ) {
    this.dice = dice;
  }

  /** The same run with other dice, for what strikes at the same time: what it counts counts here. */
  beside(dice: Dice): TrialRun {
    const other = new TrialRun(this.rig, this.seed, dice, this.isShort);
    other.count = (kind, times) => this.count(kind, times);
    return other;
  }

  /** The fault did happen. */
  count(kind: string, times = 1): void {
    this.faults[kind] = (this.faults[kind] ?? 0) + times;
  }

  /**
   * Schools plan and change their minds for as long as `faults` happen; then all must become as wished.
   * @param changes how often each school changes its mind at least
   */
  async under(sizes: readonly SceneSize[], changes: number, faults: (run: TrialRun) => Promise<void>): Promise<void> {
    this.scenes.push(
      ...(await Promise.all(
        sizes.map((size, n) => Scene.open(this.rig, new Dice(size.seed ?? this.seed * 1_000 + n + 1), size)),
      )),
    );
    let areOver = false;
    const pages = (async () => {
      while (!areOver) {
        await pause(1_000);
        await Promise.all(this.scenes.map((scene) => scene.visit()));
      }
    })();
    const telling = Promise.all(this.scenes.map((scene) => keepChanging(scene, changes, () => areOver)));
    // Heard when it is waited for below.
    telling.catch(() => undefined);
    try {
      await faults(this);
    } finally {
      areOver = true;
      await telling;
      await pages;
      await this.rig.calm();
    }
    await this.heal();
  }

  async heal(): Promise<void> {
    const { ms, violations } = await healed(this.scenes);
    this.healedMs = ms;
    this.violations.push(...violations);
    for (const { done } of this.scenes) for (const [kind, times] of Object.entries(done)) this.count(kind, times);
  }

  /** A worker, and a moment in which it has something in hand; where none comes, any moment. */
  async caughtAtWork(): Promise<{ worker: ProductProcess; inHand: 'providers' | 'database' | 'mail' | null }> {
    const { dice, rig } = this;
    const workers = dice.shuffled(rig.workers);
    const where = dice.pick(['providers', 'providers', 'providers', 'database', 'mail', null] as const);
    if (where === null) await pause(dice.number(500));
    else
      for (let look = 0; look < 600; look += 1) {
        const worker = workers.find((one) => one.isAlive && one.wires[where].awaiting > 0);
        if (worker) return { worker, inHand: where };
        await pause(5);
      }
    return { worker: workers[0]!, inHand: null };
  }
}

async function keepChanging(scene: Scene, changes: number, areFaultsOver: () => boolean): Promise<void> {
  await scene.tell(scene.plan());
  for (let left = changes; left > 0 || !areFaultsOver();) {
    await pause(scene.dice.number(500));
    const now = scene.dice.between(1, 3);
    left -= now;
    await scene.tell(Array.from({ length: now }, () => scene.change()));
    for (let acts = scene.dice.between(1, 3); acts > 0; acts -= 1) {
      await pause(scene.dice.number(400));
      await scene.act();
    }
  }
  await scene.everybodyReturns();
}
