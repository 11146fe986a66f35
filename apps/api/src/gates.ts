import { POOL_FULL } from '#libs/platform';

/** Refused at the gate, as by a pool that is full: nothing was begun. */
class GateFull extends Error {
  readonly code = POOL_FULL;
}

/** Lets so many in at once. The others wait in order, so many and so long at most. */
class Gate {
  private inside = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly places: number,
    private readonly limits: { readonly longestQueue: number; readonly waitMs: number },
  ) {}

  get isIdle(): boolean {
    return this.inside === 0;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.inside < this.places) this.inside += 1;
    else await this.turn();
    try {
      return await work();
    } finally {
      // The place goes to the next one, or is free.
      const next = this.waiting.shift();
      if (next) next();
      else this.inside -= 1;
    }
  }

  private turn(): Promise<void> {
    if (this.waiting.length >= this.limits.longestQueue) return Promise.reject(new GateFull('The queue is full.'));
    return new Promise((resolve, reject) => {
      const enter = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(enter), 1);
        reject(new GateFull('It took too long.'));
      }, this.limits.waitMs);
      this.waiting.push(enter);
    });
  }
}

/** One gate for all, and before it one for each school: who waits for his own school holds no place of the others. */
export class Gates {
  private readonly all: Gate;
  private readonly own = new Map<string, Gate>();

  constructor(
    private readonly limits: {
      readonly inAll: number;
      readonly ofOneSchool: number;
      readonly longestQueue: number;
      readonly waitMs: number;
    },
  ) {
    this.all = new Gate(limits.inAll, limits);
  }

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const gate = this.own.get(key) ?? new Gate(this.limits.ofOneSchool, this.limits);
    this.own.set(key, gate);
    try {
      return await gate.run(() => this.all.run(work));
    } finally {
      if (gate.isIdle && this.own.get(key) === gate) this.own.delete(key);
    }
  }
}
