import { Secret } from '#libs/encryption';
import { renderColleagueDigest, type ColleagueDigestInput } from './colleague-digest.js';
import { renderOwnerNeeded, type OwnerNeededInput } from './owner-needed.js';

const school = {
  schoolLocale: 'nl',
  schoolName: 'De Regenboog',
  pageUrl: 'https://conf.school.example/evenings/e-9',
  privacyUrl: 'https://conf.school.example/privacy',
};
const digest = (change: Partial<ColleagueDigestInput> = {}): ColleagueDigestInput => ({
  ...school,
  locale: 'nl',
  eveningName: 'Oudergesprekken november',
  recipientName: 'Bo Jansen',
  rows: [
    {
      teacherName: 'Anne de Vries',
      ownerName: 'Cas Bakker',
      account: new Secret('cas@regenboog.example'),
      provider: 'google-meet',
      meetings: 15,
    },
  ],
  ...change,
});
const needed = (change: Partial<OwnerNeededInput> = {}): OwnerNeededInput => ({
  ...school,
  locale: 'nl',
  timeZone: 'Europe/Amsterdam',
  ownerName: 'Anne de Vries',
  count: 3,
  firstStart: new Date('2026-11-24T18:10:00Z'),
  ...change,
});

describe('R7 the digest to colleagues', () => {
  it.each(['nl', 'en'])('names whose account was used, in text and HTML (%s)', (locale) => {
    const mail = renderColleagueDigest(digest({ locale }));
    for (const body of [mail.text, mail.html])
      for (const part of [
        'Anne de Vries',
        'Cas Bakker',
        'cas@regenboog.example',
        'Google Meet',
        '15',
        school.pageUrl,
        school.privacyUrl,
      ])
        expect(body).toContain(part);
    expect(mail.html).toContain(`lang="${locale}"`);
    expect(mail.subject).toContain('Oudergesprekken november');
    expect(mail.subject).not.toContain('@');
  });

  it('takes hostile names as text', () => {
    const mail = renderColleagueDigest(digest({ eveningName: 'A<script>\r\nBcc: x', recipientName: '<b>' }));
    expect(mail.html).not.toMatch(/<script|<b>/);
    expect(mail.subject).not.toMatch(/[\r\n]/);
  });
});

describe('P1 the mail to an owner who is needed', () => {
  it.each([
    ['nl', 1, '1 videogesprek wacht op u', 'dinsdag 24 november 2026 om 19:10'],
    ['nl', 3, '3 videogesprekken wachten op u', 'dinsdag 24 november 2026 om 19:10'],
    ['en', 1, '1 video meeting waits for you', 'Tuesday, 24 November 2026 at 19:10'],
    ['en', 3, '3 video meetings wait for you', 'Tuesday, 24 November 2026 at 19:10'],
  ])('%s, %i waiting', (locale, count, subject, first) => {
    const mail = renderOwnerNeeded(needed({ locale, count }));
    expect(mail.subject).toBe(subject);
    expect(mail.text).toContain(first);
    expect(mail.html).toContain(`href="${school.pageUrl}"`);
    expect(mail.html).not.toMatch(/<(img|script|link)\b/);
  });
});
