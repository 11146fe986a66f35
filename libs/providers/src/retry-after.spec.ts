import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { retryAfter } from './retry-after.js';

const now = new Date('2026-11-24T18:00:00Z');
const at = (header: string | null | undefined) => retryAfter(header, now)?.toISOString();

describe('P10 Retry-After is honoured', () => {
  it.each([
    ['7', '2026-11-24T18:00:07.000Z'],
    [' 7 ', '2026-11-24T18:00:07.000Z'],
    ['2.128', '2026-11-24T18:00:02.128Z'],
    ['0', '2026-11-24T18:00:00.000Z'],
    ['-5', '2026-11-24T18:00:00.000Z'],
    ['Tue, 24 Nov 2026 18:01:00 GMT', '2026-11-24T18:01:00.000Z'],
    ['Tue, 24 Nov 2026 17:00:00 GMT', '2026-11-24T18:00:00.000Z'],
    ['999999999', '2026-11-25T18:00:00.000Z'],
    ['Fri, 24 Nov 2099 18:00:00 GMT', '2026-11-25T18:00:00.000Z'],
  ])('%s', (header, expected) => expect(at(header)).toBe(expected));

  it.each([null, undefined, '', '  ', 'soon', '1e999 s', 'NaN'])('says nothing: %s', (header) =>
    expect(at(header)).toBeUndefined(),
  );

  it('never leaves the next 24 hours, whatever the header holds', () => {
    const headers = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.double().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(headers, (header) => {
        const until = retryAfter(header, now);
        if (until === undefined) return;
        expect(until.getTime()).toBeGreaterThanOrEqual(now.getTime());
        expect(until.getTime()).toBeLessThanOrEqual(now.getTime() + 86_400_000);
      }),
    );
  });

  it('never rounds a fraction down: asking too early counts against the account', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 80_000, noNaN: true }), (seconds) => {
        const header = seconds.toFixed(4);
        expect(retryAfter(header, now)?.getTime()).toBeGreaterThanOrEqual(now.getTime() + Number(header) * 1000 - 1e-3);
      }),
    );
  });
});
