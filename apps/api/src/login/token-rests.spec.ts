import { describe, expect, it } from '@jest/globals';
import { TokenRests } from './token-rests.js';

const at = (second: number) => new Date(Date.UTC(2026, 10, 22, 10, 0, second));

describe('P10 a token endpoint that said when to come back is left alone until then', () => {
  it('the account that it was said of, to the moment', () => {
    const rests = new TokenRests();
    rests.begin('anne', at(30));
    expect(rests.endOf('anne', at(29))).toEqual(at(30));
    expect(rests.endOf('bo', at(0))).toBeNull();
    expect(rests.endOf('anne', at(30))).toBeNull();
  });

  it('the last word counts', () => {
    const rests = new TokenRests();
    rests.begin('anne', at(30));
    rests.begin('anne', at(10));
    expect(rests.endOf('anne', at(10))).toBeNull();
  });

  it('keeps a bounded number, the newest', () => {
    const rests = new TokenRests(2);
    for (const key of ['anne', 'bo', 'anne', 'cas']) rests.begin(key, at(30));
    expect(['anne', 'bo', 'cas'].filter((key) => rests.endOf(key, at(0)))).toEqual(['anne', 'cas']);
  });
});
