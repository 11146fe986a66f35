import { Secret } from '#libs/encryption';
import { PARENT_NOTICE_KINDS } from '../plan/plan-parent-notice.js';
import { renderParentMail, type ParentMailInput } from './parent-mail.js';

const LINK = 'https://conf.school.example/j/Zq3_secretToken-77';
const input = (change: Partial<ParentMailInput> = {}): ParentMailInput => ({
  kind: 'ready',
  locale: 'nl',
  schoolLocale: 'nl',
  schoolName: 'De Regenboog',
  timeZone: 'Europe/Amsterdam',
  teacherName: 'Anne de Vries',
  start: new Date('2026-11-24T18:10:00Z'),
  end: new Date('2026-11-24T18:20:00Z'),
  joinLink: new Secret(LINK),
  revealMinutes: 10,
  privacyUrl: 'https://conf.school.example/privacy',
  parentName: 'Elif Yılmaz',
  parentEmail: new Secret('elif@mail.example'),
  uid: 'u1@conf.school.example',
  sequence: 0,
  organizerAddress: 'no-reply@conf.school.example',
  stamp: new Date('2026-11-01T08:00:00Z'),
  ...change,
});
const occurrences = (text: string, part: string) => text.split(part).length - 1;

describe.each(PARENT_NOTICE_KINDS.flatMap((kind) => ['nl', 'en'].map((locale) => [kind, locale] as const)))(
  'P5, P8 the mail "%s" in %s',
  (kind, locale) => {
    const mail = renderParentMail(input({ kind, locale, about: 'Deniz', ownerName: 'Bo Jansen' }));

    it('has the join link once in the text, once in the HTML, never in the subject', () => {
      expect(occurrences(mail.text, LINK)).toBe(1);
      expect(occurrences(mail.html, `href="${LINK}"`)).toBe(1);
      expect(occurrences(mail.html, LINK)).toBe(1);
      expect(mail.subject).not.toContain('/j/');
    });

    it('says who, whose account, about whom, when, and that the link is personal', () => {
      for (const body of [mail.text, mail.html]) {
        for (const part of [
          'Anne de Vries',
          'Bo Jansen',
          'Deniz',
          'Elif Yılmaz',
          '19:10–19:20',
          'De Regenboog',
          '/privacy',
        ])
          expect(body).toContain(part);
        expect(body).toMatch(/alleen voor u|yours alone/);
      }
      expect(mail.subject).not.toContain('Deniz');
    });

    it('says its language and reaches nowhere else (R8)', () => {
      expect(mail.html).toContain(`lang="${locale}"`);
      expect(mail.html).toContain('dir="ltr"');
      expect(mail.html).not.toMatch(/<(img|script|link|iframe|style)\b|url\(|@import/i);
      const urls = (mail.text + mail.html).match(/https?:[^\s"<]+/g) ?? [];
      expect(urls.filter((url) => !url.startsWith('https://conf.school.example/'))).toEqual([]);
    });

    it('brings a calendar file that fits', () => {
      const off = kind === 'cancelled' || kind === 'video-removed';
      expect(mail.calendar.method).toBe(off ? 'CANCEL' : 'PUBLISH');
      expect(mail.calendar.content).toContain(`METHOD:${mail.calendar.method}\r\n`);
      expect(mail.calendar.content).toContain('UID:u1@conf.school.example');
    });
  },
);

describe('P8 the mail to a parent', () => {
  it('has another subject and first sentence for every kind and language', () => {
    const all = PARENT_NOTICE_KINDS.flatMap((kind) =>
      ['nl', 'en'].map((locale) => renderParentMail(input({ kind, locale }))),
    );
    expect(new Set(all.map((mail) => mail.subject)).size).toBe(all.length);
    expect(new Set(all.map((mail) => mail.text.split('\n')[2])).size).toBe(all.length);
  });

  it('falls back to the language of the school, then English', () => {
    expect(renderParentMail(input({ locale: 'tr', schoolLocale: 'nl' })).html).toContain('lang="nl"');
    expect(renderParentMail(input({ locale: 'tr', schoolLocale: 'de' })).html).toContain('lang="en"');
  });

  it.each<[number | null, RegExp]>([
    [10, /from 19:00, 10 minutes before/],
    [0, /from 19:10, when the meeting starts/],
    [null, /works already/],
  ])('says from when the link opens (%s minutes)', (revealMinutes, expected) => {
    expect(renderParentMail(input({ revealMinutes, locale: 'en' })).text).toMatch(expected);
  });

  it('says what the time was only when it is another', () => {
    const start = new Date('2026-11-24T18:10:00Z');
    const moved = input({ kind: 'changed', previousStart: new Date('2026-11-24T17:30:00Z') });
    expect(renderParentMail(moved).text).toContain('Was eerst: dinsdag 24 november 2026, 18:30');
    expect(renderParentMail(input({ kind: 'changed', previousStart: start })).text).not.toContain('Was eerst');
  });

  it('says who will be there only when that is not the teacher', () => {
    expect(renderParentMail(input({ ownerName: 'Anne de Vries' })).text).not.toContain('Wie er is');
    expect(renderParentMail(input({ ownerName: null })).text).not.toContain('Wie er is');
    // A colleague who took over and whom no event has named yet.
    expect(renderParentMail(input({ ownerName: '' })).text).toContain('Wie er is: een collega');
  });

  it('gives times in the zone of the school, in summer too', () => {
    const summer = input({ start: new Date('2026-07-01T18:10:00Z'), end: new Date('2026-07-01T18:20:00Z') });
    expect(renderParentMail(summer).text).toContain('20:10–20:20');
  });

  it('takes hostile names as text', () => {
    const name = '<img src=x onerror=alert(1)>\r\nBcc: spy@evil.example';
    const mail = renderParentMail(
      input({ teacherName: name, parentName: name, schoolName: name, about: name, ownerName: name }),
    );
    expect(mail.subject).not.toMatch(/[\r\n]/);
    expect(mail.html).not.toContain('<img');
    expect(mail.text).not.toMatch(/^Bcc/m);
    expect(mail.calendar.content).not.toMatch(/^Bcc/m);
  });

  it('never holds the parent’s own address in what is read', () => {
    const mail = renderParentMail(input());
    expect(mail.text + mail.html + mail.calendar.content).not.toContain('elif@mail.example');
  });
});

describe('R14 a mail about a teacher who was erased', () => {
  it.each([
    ['nl', 'de leraar'],
    ['en', 'the teacher'],
  ])('prints no empty name (%s)', (locale, said) => {
    const mail = renderParentMail(input({ kind: 'video-removed', locale, teacherName: '' }));
    for (const part of [mail.subject, mail.text, mail.html]) expect(part).toContain(said);
  });
});
