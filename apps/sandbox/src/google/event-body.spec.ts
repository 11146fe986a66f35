import { describe, expect, it } from '@jest/globals';
import { checkEventId, checkTimes, merged } from './event-body.js';

const at = (dateTime: string, timeZone?: string) => ({ dateTime, timeZone });

describe('The body of an event', () => {
  it('has an id of base32hex, five letters or more', () => {
    expect(checkEventId('0av9u')).toBe('0av9u');
    for (const id of ['abcd', 'ABCDE', 'abcdw', 'a-bcde', '', 5, undefined]) {
      expect(() => checkEventId(id)).toThrow('400.invalidId');
    }
    expect(() => checkEventId('a'.repeat(1025))).toThrow('400.invalidId');
  });

  it('has a start and an end that follows it, each with an offset or a zone', () => {
    const start = at('2026-11-24T19:00:00+01:00');
    expect(() => checkTimes({ start, end: at('2026-11-24T18:10:00Z') })).not.toThrow();
    expect(() => checkTimes({ start, end: at('2026-11-24T18:00:00Z') })).toThrow('400.timeRangeEmpty');
    expect(() => checkTimes({ start })).toThrow('400.required');
    expect(() => checkTimes({ start, end: at('2026-11-24T20:00:00') })).toThrow('400.invalid');
    expect(() => checkTimes({ start, end: at('2026-11-24T20:00:00', 'Mars/Olympus') })).toThrow('400.invalid');
    expect(() => checkTimes({ start: { date: '2026-11-24' }, end: { date: '2026-11-25' } })).not.toThrow();
  });

  it('is patched: null removes, objects merge, arrays are replaced', () => {
    const event = { summary: 'a', start: at('x', 'y'), recurrence: ['1', '2'], description: 'gone' };
    expect(merged(event, { start: { dateTime: 'z' }, recurrence: ['3'], description: null })).toEqual({
      summary: 'a',
      start: { dateTime: 'z', timeZone: 'y' },
      recurrence: ['3'],
    });
  });
});
