import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { laneLimit } from './lane-limit.js';

describe('P10 no lane pays for more than its limit in any minute', () => {
  it('whenever its rows are taken', () => {
    const figures = fc
      .record({ perMinute: fc.integer({ min: 20, max: 700 }), burst: fc.integer({ min: 5, max: 400 }) })
      .filter(({ perMinute, burst }) => burst < perMinute);
    const waits = fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(figures, fc.integer({ min: 1, max: 5 }), waits, ({ perMinute, burst }, perJob, gaps) => {
        const { costMs, aheadMs } = laneLimit({ perMinute, burst, perJob });
        let now = 0;
        let paid = 0;
        const taken: number[] = [];
        for (const gap of gaps) {
          now += gap;
          if (paid > now + aheadMs) continue;
          paid = Math.max(paid, now) + costMs;
          taken.push(now);
        }
        for (const start of taken) {
          const within = taken.filter((at) => at >= start && at < start + 60_000).length;
          expect(within * perJob).toBeLessThanOrEqual(perMinute);
        }
      }),
    );
  });

  it('refuses figures that no job fits into', () => {
    expect(() => laneLimit({ perMinute: 10, burst: 3, perJob: 4 })).toThrow(RangeError);
    expect(() => laneLimit({ perMinute: 10, burst: 10, perJob: 4 })).toThrow(RangeError);
  });
});
