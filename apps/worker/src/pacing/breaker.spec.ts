import { beforeEach, describe, expect, it } from '@jest/globals';
import { Breaker, PROBES, type Shown, type Verdict } from './breaker.js';

const START = Date.parse('2026-11-24T18:00:00Z');
let clock: number;
let breaker: Breaker;
beforeEach(() => {
  clock = START;
  breaker = new Breaker();
});

const now = () => new Date(clock);
const saw = (account: string, shown: Shown, tookMs = 0): Verdict =>
  breaker.saw({ account, shown, begunAt: new Date(clock - tookMs), now: now() });
const sawEach = (count: number, shown: Shown, from = 0) =>
  Array.from({ length: count }, (_, n) => saw(`account-${from + n}`, shown)).find((verdict) => verdict !== null) ??
  null;
/** The same numbers for everybody: no test of chance. */
const chances = (seed: number) => () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return seed / 2_147_483_648;
};
const tripped = () => {
  expect(sawEach(20, 'unavailable')).toEqual({ rest: 'unavailable', until: new Date(START + 5_000) });
  clock = START + 5_000;
};

describe('P10 a provider rests when most of its calls fail, and comes back by probes', () => {
  it('rests when twenty accounts find it away', () => {
    expect(sawEach(19, 'unavailable')).toBeNull();
    expect(breaker.state(now())).toBe('working');
    expect(saw('account-19', 'unavailable')).toEqual({ rest: 'unavailable', until: new Date(START + 5_000) });
    expect(breaker.state(now())).toBe('resting');
  });

  it('does not rest while a fifth and more still get through', () => {
    sawEach(6, 'answered');
    expect(sawEach(20, 'unavailable', 100)).toBeNull();
    expect(breaker.state(now())).toBe('working');
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('a storm in which three of ten calls fail does not trip it (%i)', (seed) => {
    const chance = chances(seed);
    for (let call = 0; call < 20_000; call += 1) {
      clock += 50;
      expect(saw(`account-${Math.floor(chance() * 40)}`, chance() < 0.3 ? 'unavailable' : 'answered')).toBeNull();
    }
  });

  it("one account's trouble does not trip it, alone or beside others", () => {
    for (let call = 0; call < 200; call += 1) expect(saw('anne', 'unavailable')).toBeNull();
    for (let call = 0; call < 200; call += 1) {
      expect(saw('anne', 'unavailable')).toBeNull();
      expect(saw(`account-${call % 5}`, 'answered')).toBeNull();
    }
  });

  it('four accounts in trouble are not the provider', () => {
    for (let call = 0; call < 100; call += 1) expect(saw(`account-${call % 4}`, 'unavailable')).toBeNull();
  });

  it('what was long ago does not count', () => {
    sawEach(19, 'unavailable');
    clock += 20_001;
    expect(sawEach(19, 'unavailable')).toBeNull();
  });

  it('hears nothing while it rests', () => {
    sawEach(20, 'unavailable');
    expect(sawEach(50, 'answered')).toBeNull();
    expect(sawEach(50, 'unavailable')).toBeNull();
    expect(breaker.state(now())).toBe('resting');
  });

  it('opens when most probes are answered', () => {
    tripped();
    expect(breaker.state(now())).toBe('probing');
    expect(saw('a', 'answered')).toBeNull();
    expect(saw('b', 'unavailable')).toBeNull();
    expect(saw('c', 'answered')).toBe('works');
    expect(breaker.state(now())).toBe('working');
  });

  it('rests again, twice as long each time, 20 seconds at most, when most probes fail', () => {
    tripped();
    for (const seconds of [10, 20, 20]) {
      saw('a', 'unavailable');
      expect(saw('b', 'unavailable')).toEqual({ rest: 'unavailable', until: new Date(clock + seconds * 1_000) });
      clock += seconds * 1_000;
    }
    saw('a', 'answered');
    expect(saw('b', 'answered')).toBe('works');
    clock += 1;
    expect(sawEach(20, 'unavailable')).toEqual({ rest: 'unavailable', until: new Date(clock + 5_000) });
  });

  it('a call that began before the rest was over is no probe', () => {
    tripped();
    clock += 1_000;
    for (let call = 0; call < 10; call += 1) expect(saw('a', 'answered', 1_001)).toBeNull();
    expect(breaker.state(now())).toBe('probing');
    saw('a', 'answered', 999);
    expect(saw('b', 'answered', 999)).toBe('works');
  });

  it('heals: from the last fault on it asks again within 20 seconds, whatever came before', () => {
    const chance = chances(3);
    for (let call = 0; call < 3_000; call += 1) {
      clock += 100;
      saw(`account-${Math.floor(chance() * 50)}`, chance() < 0.95 ? 'unavailable' : 'answered');
    }
    for (let waited = 0; breaker.state(now()) === 'resting'; waited += 100) {
      expect(waited).toBeLessThanOrEqual(20_000);
      clock += 100;
    }
    for (let probe = 0; probe < PROBES; probe += 1) saw('a', 'answered');
    expect(breaker.state(now())).toBe('working');
  });
});

describe('P10 many accounts that are limited at once are one application that is', () => {
  it('rests', () => {
    expect(sawEach(4, 'limited')).toBeNull();
    expect(saw('account-4', 'limited')).toEqual({ rest: 'limited', until: new Date(START + 15_000) });
  });

  it('does not rest while a good part of the accounts are let through: they may go on', () => {
    sawEach(20, 'answered');
    expect(sawEach(79, 'limited', 100)).toBeNull();
    expect(saw('account-200', 'limited')).toMatchObject({ rest: 'limited' });
  });

  it('one account that is limited over and over is that account', () => {
    for (let call = 0; call < 100; call += 1) expect(saw('anne', 'limited')).toBeNull();
  });

  it('a probe that is limited says so', () => {
    tripped();
    saw('a', 'unavailable');
    expect(saw('b', 'limited')).toMatchObject({ rest: 'limited' });
  });
});

describe('P10 workers share what they found', () => {
  it('rests, probes and opens with the others', () => {
    breaker.heard({ until: new Date(START + 3_000), probing: true }, now());
    expect(breaker.state(now())).toBe('resting');
    clock += 3_000;
    expect(breaker.state(now())).toBe('probing');
    breaker.heard(null, now());
    expect(breaker.state(now())).toBe('working');
  });

  it('a worker that comes late probes too', () => {
    breaker.heard({ until: new Date(START - 1_000), probing: true }, now());
    expect(breaker.state(now())).toBe('probing');
    saw('a', 'answered');
    breaker.heard({ until: new Date(START - 1_000), probing: true }, now());
    expect(saw('b', 'answered')).toBe('works');
  });

  it('a look that is older than its own finding changes nothing', () => {
    sawEach(20, 'unavailable');
    breaker.heard(null, now());
    expect(breaker.state(now())).toBe('resting');
  });

  it('a pause that nobody probes after is a rest and no more', () => {
    breaker.heard({ until: new Date(START + 1_000), probing: false }, now());
    expect(breaker.state(now())).toBe('resting');
    clock += 1_000;
    breaker.heard({ until: new Date(START + 1_000), probing: false }, now());
    expect(breaker.state(now())).toBe('working');
  });
});
