import type { Fault } from './plan.js';

/** Where fate can strike. Inside a transaction nobody is frozen: the database would end it. */
export type Point =
  'before-commit' | 'after-commit' | 'provider-before' | 'provider-after' | 'mail-before' | 'mail-after';

/** The connection broke while a statement was under way. Carries nothing. */
export class ConnectionLost extends Error {
  readonly code = '08006';
}

/** Rolls the transaction back; nobody is left to see it. */
export class Died extends Error {}

const forever = () => new Promise<never>(() => undefined);

/** One job in a worker's hands, and what strikes it. */
export class Task {
  /** The latest instant at which something that a frozen worker sent can still take effect. */
  private lateUntil = Infinity;
  private points = 0;
  private thawed: (() => void) | null = null;
  private suspend!: () => void;
  /** Resolves when the task is frozen or its process is dead. */
  readonly suspended = new Promise<void>((resolve) => (this.suspend = resolve));
  /** The meeting that it works on, and the epoch of its claim when it froze. */
  claim: { meetingId: string; epoch: number } | null = null;
  isDead = false;
  isFrozen = false;
  wasFrozen = false;
  struck: string | null = null;
  /** Every point that was passed, for exhaustive runs. */
  readonly passed: Point[] = [];
  result: Promise<unknown> = Promise.resolve();

  constructor(
    private fault: Fault | null,
    private readonly now: () => number,
    private readonly lateMs: number,
  ) {}

  isTooLate(now: number): boolean {
    return now > this.lateUntil;
  }

  /** What the provider answers instead, once. */
  takeAnswer(): Extract<Fault, { seconds: number }> | null {
    if (!this.fault || !('seconds' in this.fault)) return null;
    const { fault } = this;
    this.fault = null;
    this.struck = fault.kind;
    return fault;
  }

  /** @returns lost-reply where the answer of what is being done does not arrive */
  async reach(point: Point): Promise<'lost-reply' | null> {
    if (this.isDead) await forever();
    this.passed.push(point);
    const { fault } = this;
    const isHere = fault !== null && 'at' in fault && this.points >= fault.at;
    this.points += 1;
    if (!isHere) return null;
    if (fault.kind === 'freeze' && point === 'before-commit') return null;
    this.fault = null;
    this.struck = `${fault.kind}:${point}`;
    if (fault.kind === 'lost-reply') return 'lost-reply';
    if (fault.kind === 'crash') {
      this.isDead = true;
      // The transaction is rolled back by the database first.
      if (point === 'before-commit') throw new Died();
      this.suspend();
      return forever();
    }
    this.isFrozen = this.wasFrozen = true;
    this.lateUntil = this.now() + this.lateMs;
    const thaw = new Promise<void>((resolve) => (this.thawed = resolve));
    this.suspend();
    await thaw;
    if (this.isDead) await forever();
    return null;
  }

  /** After a rollback: nothing more happens in this process. */
  die(): Promise<never> {
    this.isDead = true;
    this.suspend();
    return forever();
  }

  kill(): void {
    this.isDead = true;
    this.suspend();
  }

  thaw(): void {
    this.isFrozen = false;
    this.thawed?.();
  }
}
