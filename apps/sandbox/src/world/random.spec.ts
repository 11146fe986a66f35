import { describe, expect, it } from '@jest/globals';
import { Random } from './random.js';

describe('The luck of a seed', () => {
  it('is the same in every run, whatever other labels drew in between', () => {
    const [one, two] = [new Random(4), new Random(4)];
    const first = [one.guid('a'), one.guid('a')];
    two.guid('b');
    expect([two.guid('a'), two.guid('a')]).toEqual(first);
    expect(first[0]).not.toBe(first[1]);
    expect(new Random(5).guid('a')).not.toBe(first[0]);
  });

  it('keeps identities fixed, and fractions within one', () => {
    const random = new Random(4);
    expect(random.fixedGuid('x')).toBe(random.fixedGuid('x'));
    const fractions = Array.from({ length: 500 }, () => random.fraction('f'));
    expect(fractions.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(fractions.reduce((sum, value) => sum + value) / 500).toBeCloseTo(0.5, 1);
  });
});
