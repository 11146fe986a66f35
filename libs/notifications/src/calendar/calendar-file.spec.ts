import ICAL from 'ical.js';
import { Secret } from '#libs/encryption';
import { calendarFile, type CalendarEntry } from './calendar-file.js';

const entry = (change: Partial<CalendarEntry> = {}): CalendarEntry => ({
  method: 'PUBLISH',
  uid: '4f1c@conf.school.example',
  sequence: 0,
  stamp: new Date('2026-11-01T08:00:00Z'),
  start: new Date('2026-11-24T18:10:00Z'),
  end: new Date('2026-11-24T18:20:00Z'),
  summary: 'Oudergesprek (video) met Anne de Vries',
  description: ['Tijd: 19:10–19:20'],
  joinLink: new Secret('https://conf.school.example/j/Ab_-9'.padEnd(90, 'x')),
  organizer: { name: 'De Regenboog', address: 'no-reply@conf.school.example' },
  attendee: { name: 'Elif', email: new Secret('elif@mail.example') },
  ...change,
});
const parse = (content: string) => {
  const calendar = new ICAL.Component(ICAL.parse(content) as never);
  const events = calendar.getAllSubcomponents('vevent');
  expect(events).toHaveLength(1);
  const event = events[0]!;
  return {
    method: calendar.getFirstPropertyValue('method'),
    names: event.getAllProperties().map((property) => property.name),
    value: (name: string) => event.getFirstPropertyValue(name)?.toString(),
    count: (name: string) => event.getAllProperties(name).length,
  };
};

describe('P8 the calendar file', () => {
  it('is a private PUBLISH in UTC with the join link for old and new calendars', () => {
    const link = entry().joinLink.reveal();
    const seen = parse(calendarFile(entry()));
    expect(seen.method).toBe('PUBLISH');
    expect(seen.value('uid')).toBe('4f1c@conf.school.example');
    expect(seen.value('sequence')).toBe('0');
    expect(seen.value('class')).toBe('PRIVATE');
    expect(seen.value('status')).toBe('CONFIRMED');
    expect(seen.value('dtstart')).toBe('2026-11-24T18:10:00Z');
    expect(seen.value('dtend')).toBe('2026-11-24T18:20:00Z');
    expect(seen.value('dtstamp')).toBe('2026-11-01T08:00:00Z');
    expect(seen.value('url')).toBe(link);
    expect(seen.value('conference')).toBe(link);
    expect(seen.value('description')).toBe(`Tijd: 19:10–19:20\n${link}`);
  });

  it('names nobody as attendee while there is nothing to answer', () => {
    expect(parse(calendarFile(entry())).count('attendee')).toBe(0);
  });

  it('cancels the same uid, and names only that parent', () => {
    const seen = parse(calendarFile(entry({ method: 'CANCEL', sequence: 4 })));
    expect([seen.method, seen.value('status'), seen.value('sequence')]).toEqual(['CANCEL', 'CANCELLED', '4']);
    expect(seen.count('attendee')).toBe(1);
    expect(seen.value('attendee')?.toLowerCase()).toBe('mailto:elif@mail.example');
  });

  it('ends every line with CRLF and folds at 75 octets', () => {
    const content = calendarFile(entry({ summary: 'Oudergesprek met Şüheda Yılmazoğlu '.repeat(6) }));
    expect(content.endsWith('END:VCALENDAR\r\n')).toBe(true);
    expect(content.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    for (const line of content.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
  });

  it.each([
    'Anne\r\nATTENDEE:mailto:spy@evil.example',
    'Anne, "the" ; \\n Vries',
    'Anne\u2028BEGIN:VEVENT\u0000\u0085',
    'Anne":mailto:spy@evil.example\nX-EVIL:1',
  ])('takes a hostile name as text: %j', (name) => {
    const hostile = entry({
      method: 'CANCEL',
      summary: name,
      description: [name],
      organizer: { name, address: 'no-reply@conf.school.example' },
      attendee: { name, email: new Secret('elif@mail.example') },
    });
    const plain = parse(calendarFile(entry({ method: 'CANCEL' })));
    expect(parse(calendarFile(hostile)).names).toEqual(plain.names);
  });

  it('keeps a link from ending its own line', () => {
    const seen = parse(calendarFile(entry({ joinLink: new Secret('https://conf.school.example/j/a;b,c') })));
    expect(seen.value('conference')).toBe('https://conf.school.example/j/a%3Bb%2Cc');
  });
});
