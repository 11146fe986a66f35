import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { retryAfter } from './retry-after.js';

const now = new Date('2026-11-24T18:00:00Z');
const at = (header: string | null | undefined) => retryAfter(header, now)?.toISOString();

/** Read as a date by some, in their own time zone, and not by the standard. */
const STRANGE = [
  '3, soon',
  '3,',
  ',',
  '1.2.3',
  '2026-11-24',
  '2026-11-24T18:01:00',
  '24 Nov 2026 18:01:00',
  'Tue, 24 Nov 2026 18:01:00',
  'Tue, 24 Nov 2026 18:01:00 CET',
  'Tue, 24 Foo 2026 18:01:00 GMT',
  '2 s',
  'Tue, 31 Nov 2026 18:01:00 GMT',
  'Tue, 24 Nov 2026 25:01:00 GMT',
  'Tue, 24 Nov 2026 18:61:00 GMT',
];

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
    ['2.', '2026-11-24T18:00:02.000Z'],
    ['.5', '2026-11-24T18:00:00.500Z'],
    ['3, 5', '2026-11-24T18:00:05.000Z'],
    ['30,2', '2026-11-24T18:00:30.000Z'],
    ['Tue Nov 24 18:01:00 2026', '2026-11-24T18:01:00.000Z'],
    ['Tue Dec  1 18:01:00 2026', '2026-11-25T18:00:00.000Z'],
    ['Tuesday, 24-Nov-26 18:01:00 GMT', '2026-11-24T18:01:00.000Z'],
    // More than 50 years ahead: meant is 1977.
    ['Thursday, 24-Nov-77 18:01:00 GMT', '2026-11-24T18:00:00.000Z'],
    ['Tuesday, 24-Nov-76 18:00:00 GMT', '2026-11-25T18:00:00.000Z'],
    ['Tue, 24 Nov 2026 23:59:60 GMT', '2026-11-25T00:00:00.000Z'],
  ])('%s', (header, expected) => expect(at(header)).toBe(expected));

  it.each([null, undefined, '', '  ', 'soon', '1e999 s', 'NaN', ...STRANGE])('says nothing: %s', (header) =>
    expect(at(header)).toBeUndefined(),
  );

  it.each(['Europe/Amsterdam', 'America/Los_Angeles', 'Asia/Kathmandu'])(
    'means the same to a process that lives in %s',
    (zone) => {
      const forms = [
        'Tue Nov 24 18:01:00 2026',
        'Tuesday, 24-Nov-26 18:01:00 GMT',
        'Tue, 24 Nov 2026 18:01:00 GMT',
        '2026-11-24T18:01:00',
      ];
      const module = JSON.stringify(new URL('retry-after.ts', import.meta.url).href);
      const script = `import { retryAfter } from ${module};
        const read = ${JSON.stringify(forms)}.map((form) => retryAfter(form, new Date('${now.toISOString()}')) ?? null);
        console.log(JSON.stringify({ read, zone: Intl.DateTimeFormat().resolvedOptions().timeZone }));`;
      // A time zone is the process's: it takes another one.
      const said = execFileSync(process.execPath, ['--input-type=module', '--no-warnings', '-e', script], {
        env: { ...process.env, NODE_OPTIONS: '', TZ: zone },
        encoding: 'utf8',
      });
      const minute = '2026-11-24T18:01:00.000Z';
      expect(JSON.parse(said)).toMatchObject({ read: [minute, minute, minute, null] });
      expect(said).toMatch(/"zone":"(Europe|America|Asia)/u);
    },
  );

  it('every form of a date of the next day is read to the second', () => {
    const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 86_400 }), (seconds) => {
        const then = new Date(now.getTime() + seconds * 1000);
        const [day, date, month, year, time] = then.toUTCString().replace(',', '').split(' ') as [string, ...string[]];
        for (const form of [
          then.toUTCString(),
          `${days[then.getUTCDay()]}, ${date}-${month}-${year!.slice(2)} ${time} GMT`,
          `${day} ${month} ${date!.replace(/^0/, ' ')} ${time} ${year}`,
        ])
          expect(at(form)).toBe(then.toISOString());
      }),
    );
  });

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
