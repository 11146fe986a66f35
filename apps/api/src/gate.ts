import { POOL_FULL } from '#libs/platform';

/** Refused at the gate, as by a pool that is full: nothing was begun. */
class GateFull extends Error {
  readonly code = POOL_FULL;
}

/** Lets so many in at once. The others wait in order, so many and so long at most. */
export class Gate {
  private inside = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly places: number,
    private readonly longestQueue: number,
    private readonly waitMs: number,
  ) {}

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
    if (this.waiting.length >= this.longestQueue) return Promise.reject(new GateFull('The queue is full.'));
    return new Promise((resolve, reject) => {
      const enter = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(enter), 1);
        reject(new GateFull('It took too long.'));
      }, this.waitMs);
      this.waiting.push(enter);
    });
  }
}
