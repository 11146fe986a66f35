import { describe, expect, it } from '@jest/globals';
import { atLocalTime, localDate, withOffset } from './local-time.js';

describe('Wall-clock time in a zone', () => {
  it('carries the offset of that very day', () => {
    expect(atLocalTime('2026-11-24', '19:00', 'Europe/Amsterdam')).toBe('2026-11-24T19:00:00+01:00');
    expect(atLocalTime('2026-06-24', '19:00', 'Europe/Amsterdam')).toBe('2026-06-24T19:00:00+02:00');
    expect(atLocalTime('2026-10-25', '19:00', 'Europe/Amsterdam')).toBe('2026-10-25T19:00:00+01:00');
    expect(atLocalTime('2026-03-29', '01:30', 'Europe/Amsterdam')).toBe('2026-03-29T01:30:00+01:00');
    expect(atLocalTime('2026-11-24', '19:00', 'America/St_Johns')).toBe('2026-11-24T19:00:00-03:30');
    expect(atLocalTime('2026-11-24', '19:00', 'UTC')).toBe('2026-11-24T19:00:00+00:00');
  });

  it('knows which day it is there', () => {
    const lateInLondon = new Date('2026-11-24T23:30:00Z');
    expect(localDate(lateInLondon, 'Europe/Amsterdam')).toBe('2026-11-25');
    expect(localDate(lateInLondon, 'Europe/Amsterdam', 1)).toBe('2026-11-26');
    expect(withOffset(lateInLondon, 'Europe/Amsterdam')).toBe('2026-11-25T00:30:00+01:00');
  });
});
