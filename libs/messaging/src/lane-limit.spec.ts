import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { laneLimit } from './lane-limit.js';

describe('P10 no lane pays for more than its limit in any minute', () => {
  it('whenever its rows are taken', () => {
    const figures = fc
      .record({ perMinute: fc.integer({ min: 20, max: 700 }), burst: fc.integer({ min: 5, max: 400 }) })
      .filter(({ perMinute, burst }) => burst < perMinute);
    const row = fc.record({ gap: fc.integer({ min: 0, max: 4_000 }), isRoutine: fc.boolean() });
    const rows = fc.array(row, { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(figures, fc.integer({ min: 1, max: 5 }), rows, ({ perMinute, burst }, perJob, due) => {
        const limit = laneLimit({ perMinute, burst, perJob, perRoutineJob: 1 });
        let now = 0;
        let paid = 0;
        const taken: { at: number; requests: number }[] = [];
        for (const { gap, isRoutine } of due) {
          now += gap;
          const { costMs, aheadMs } = isRoutine ? limit.routine : limit;
          if (paid > now + aheadMs) continue;
          paid = Math.max(paid, now) + costMs;
          taken.push({ at: now, requests: isRoutine ? 1 : perJob });
        }
        for (const { at: start } of taken) {
          const within = taken.filter(({ at }) => at >= start && at < start + 60_000);
          expect(within.reduce((sum, { requests }) => sum + requests, 0)).toBeLessThanOrEqual(perMinute);
        }
      }),
    );
  });

  it('refuses figures that no job fits into', () => {
    expect(() => laneLimit({ perMinute: 10, burst: 3, perJob: 4, perRoutineJob: 1 })).toThrow(RangeError);
    expect(() => laneLimit({ perMinute: 10, burst: 10, perJob: 4, perRoutineJob: 1 })).toThrow(RangeError);
    expect(() => laneLimit({ perMinute: 10, burst: 5, perJob: 4, perRoutineJob: 3 })).toThrow(RangeError);
  });
});
