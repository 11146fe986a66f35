import fc from 'fast-check';
import {
  REMIND_FOR_MS,
  isOfferedToColleagues,
  isOwnerMailDue,
  isToldToContacts,
  isWorthTelling,
  ownerHearsOf,
  type Awaited,
} from './owner-care.js';

const NOW = new Date('2026-11-22T10:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ago = (ms: number) => new Date(NOW.getTime() - ms);
const ahead = (ms: number) => new Date(NOW.getTime() + ms);
const waits = (change: Partial<Awaited> = {}): Awaited => ({
  what: 'make',
  start: ahead(5 * DAY),
  since: ago(HOUR),
  ...change,
});
const mailed = (ms: number) => ({ plannedAt: ago(ms), leftAt: ago(ms) });

describe('P1 an owner is told once a day at most', () => {
  it.each<[string, Awaited[], ReturnType<typeof mailed> | null, boolean]>([
    ['nothing waits', [], null, false],
    ['parked a moment ago: a worker started', [waits({ since: ago(14 * MINUTE) })], null, false],
    ['parked for a quarter of an hour', [waits({ since: ago(15 * MINUTE) })], null, true],
    ['begins soon, parked a minute ago', [waits({ start: ahead(HOUR), since: ago(MINUTE) })], null, false],
    ['begins soon, parked two minutes ago', [waits({ start: ahead(HOUR), since: ago(2 * MINUTE) })], null, true],
    [
      'begins in two hours, parked two minutes ago',
      [waits({ start: ahead(2 * HOUR), since: ago(2 * MINUTE) })],
      null,
      false,
    ],
    ['told 23 hours ago', [waits()], mailed(23 * HOUR), false],
    ['told a day ago', [waits()], mailed(DAY), true],
    ['planned a day ago, left an hour ago', [waits()], { plannedAt: ago(DAY), leftAt: ago(HOUR) }, false],
    ['a removal', [waits({ what: 'remove', start: ago(DAY) })], null, true],
    [
      'a removal of a slot that begins soon has no hurry',
      [waits({ what: 'remove', start: ahead(HOUR), since: ago(5 * MINUTE) })],
      null,
      false,
    ],
    ['a removal, 14 days later', [waits({ what: 'remove', since: ago(14 * DAY) })], mailed(DAY), true],
    [
      'a removal, and the last word was said',
      [waits({ what: 'remove', since: ago(16 * DAY) })],
      mailed(2 * DAY),
      false,
    ],
  ])('%s', (_, waiting, last, expected) => {
    expect(isOwnerMailDue(waiting, last, NOW)).toBe(expected);
  });

  it('whatever waits and for how long: never two mails in 24 hours, and one last word per removal', () => {
    const since = fc.integer({ min: 0, max: 20 * 24 }).map((hours) => hours * HOUR);
    fc.assert(
      fc.property(
        fc.array(fc.record({ since, remove: fc.boolean() }), { maxLength: 5 }),
        fc.integer({ min: 20, max: 90 }),
        (given, step) => {
          const waiting = given.map((one): Awaited => ({
            what: one.remove ? 'remove' : 'make',
            start: ahead(60 * DAY),
            since: ahead(one.since),
          }));
          const mails: { at: Date; said: string[] }[] = [];
          for (let at = NOW; at < ahead(40 * DAY); at = new Date(at.getTime() + step * MINUTE)) {
            const last = mails.at(-1)?.at ?? null;
            const here = waiting.filter((one) => one.since <= at);
            if (!isOwnerMailDue(here, last && { plannedAt: last, leftAt: last }, at)) continue;
            if (last) expect(at.getTime() - last.getTime()).toBeGreaterThanOrEqual(DAY);
            mails.push({ at, said: waiting.map((one) => (one.since <= at ? ownerHearsOf(one, last, at) : 'silent')) });
          }
          for (const [place, one] of waiting.entries()) {
            const said = mails.map((mail) => mail.said[place]);
            if (one.what === 'remove') {
              expect(said.filter((word) => word === 'by-hand')).toHaveLength(1);
              expect(said.slice(said.indexOf('by-hand') + 1)).not.toContain('remind');
            } else expect(said).not.toContain('by-hand');
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('a removal is reminded of for 14 days', () => {
    const removal = waits({ what: 'remove', since: ago(REMIND_FOR_MS - 1) });
    expect(ownerHearsOf(removal, ago(DAY), NOW)).toBe('remind');
    expect(ownerHearsOf(removal, ago(DAY), ahead(1))).toBe('by-hand');
    expect(ownerHearsOf(removal, ahead(1), ahead(DAY))).toBe('silent');
  });
});

describe('P1 colleagues and contacts are told when time runs out', () => {
  it.each<[string, Awaited, boolean, boolean]>([
    ['five days ahead', waits(), false, false],
    ['a day ahead', waits({ start: ahead(DAY) }), false, false],
    ['less than a day', waits({ start: ahead(DAY - 1) }), true, false],
    ['two hours', waits({ start: ahead(2 * HOUR) }), true, false],
    ['less than two hours', waits({ start: ahead(2 * HOUR - 1) }), true, true],
    ['it has begun', waits({ start: ago(MINUTE) }), true, true],
    ['less than two hours, parked this moment', waits({ start: ahead(HOUR), since: ago(MINUTE) }), false, false],
    ['a removal', waits({ what: 'remove', start: ahead(HOUR) }), false, false],
  ])('%s', (_, one, colleagues, contacts) => {
    expect([isOfferedToColleagues(one, NOW), isToldToContacts(one, NOW)]).toEqual([colleagues, contacts]);
    if (contacts) expect(isWorthTelling(one, NOW)).toBe(true);
  });
});
