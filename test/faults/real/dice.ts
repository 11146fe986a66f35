import { Random } from '../../../apps/sandbox/src/world/random.js';

/** Seeded choices: the same seed plans the same trial, whatever the processes do meanwhile. */
export class Dice {
  private readonly random: Random;

  constructor(readonly seed: number) {
    this.random = new Random(seed);
  }

  /** A whole number from 0 to `below`, the latter left out. */
  number(below: number): number {
    return Math.floor(this.random.fraction('dice') * below);
  }

  between(least: number, most: number): number {
    return least + this.number(most - least + 1);
  }

  chance(share: number): boolean {
    return this.random.fraction('dice') < share;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.number(from.length)]!;
  }

  shuffled<T>(from: readonly T[]): T[] {
    const left = [...from];
    return from.map(() => left.splice(this.number(left.length), 1)[0]!);
  }
}
