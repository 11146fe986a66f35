import { Secret } from '#libs/encryption';
import { renderColleagueDigest, type ColleagueDigestInput } from './colleague-digest.js';
import { renderOwnerAway, type OwnerAwayInput } from './owner-away.js';
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
  recipientName: 'Anne de Vries',
  count: 3,
  firstStart: new Date('2026-11-24T18:10:00Z'),
  removals: 0,
  byHand: [],
  meetingTitle: 'Oudergesprek',
  ...change,
});

describe('R7 the digest to colleagues', () => {
  it.each([
    ['nl', 'iemand die is gewist'],
    ['en', 'somebody who was erased'],
  ])('R14 prints no empty name of who was erased (%s)', (locale, said) => {
    const [row] = digest().rows;
    const mail = renderColleagueDigest(digest({ locale, rows: [{ ...row!, teacherName: '', ownerName: '' }] }));
    for (const body of [mail.text, mail.html]) expect(body.split(said)).toHaveLength(3);
  });

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

  it.each([
    ['nl', 'Er staan 2 vervallen videogesprekken nog in uw account', 'halen wij ze weg'],
    ['en', '2 cancelled video meetings are still in your account', 'we take them out'],
  ])('%s, removals only', (locale, subject, says) => {
    const mail = renderOwnerNeeded(needed({ locale, count: 0, firstStart: null, removals: 2 }));
    expect(mail.subject).toBe(subject);
    for (const body of [mail.text, mail.html]) expect(body).toContain(says);
    expect(mail.text).not.toContain('0 video');
  });

  it.each([
    ['nl', 'Verwijder deze 2 videogesprekken zelf', 'dinsdag 24 november 2026, 19:10 (Google Meet)', 'niet meer aan'],
    [
      'en',
      'Remove these 2 video meetings yourself',
      'Tuesday, 24 November 2026, 19:10 (Google Meet)',
      'not remind you',
    ],
  ])('%s, the last word about removals says when they are, and nothing of anybody', (locale, subject, when, says) => {
    const byHand = [10, 30].map((minute) => ({
      start: new Date(Date.UTC(2026, 10, 24, 18, minute)),
      provider: 'google-meet' as const,
    }));
    const mail = renderOwnerNeeded(needed({ locale, count: 0, firstStart: null, byHand }));
    expect(mail.subject).toBe(subject);
    for (const body of [mail.text, mail.html])
      for (const part of [when, says, 'Oudergesprek']) expect(body).toContain(part);
    expect(mail.text).not.toMatch(/hoogstens één keer|once a day/);
  });
});

describe('P1 the mails to colleagues and contacts when an owner is away', () => {
  const away = (change: Partial<OwnerAwayInput> = {}): OwnerAwayInput => ({
    ...school,
    to: 'colleague',
    locale: 'nl',
    timeZone: 'Europe/Amsterdam',
    eveningName: 'Oudergesprekken november',
    recipientName: 'Bo Jansen',
    rows: [
      {
        teacherName: 'Anne de Vries',
        ownerName: 'Cas Bakker',
        meetings: 3,
        firstStart: new Date('2026-11-24T18:10:00Z'),
      },
    ],
    ...change,
  });

  it.each([
    ['nl', 'colleague', '3 gesprekken van Oudergesprekken november hebben nog geen link', 'Bekijken en overnemen'],
    ['nl', 'contact', '3 gesprekken van Oudergesprekken november hebben nog geen link', 'Naar de avond'],
    ['en', 'colleague', '3 meetings of Oudergesprekken november have no link yet', 'Look and take over'],
    ['en', 'contact', '3 meetings of Oudergesprekken november have no link yet', 'Go to the evening'],
  ] as const)('%s, %s', (locale, to, subject, button) => {
    const mail = renderOwnerAway(away({ locale, to }));
    expect(mail.subject).toBe(subject);
    for (const body of [mail.text, mail.html])
      for (const part of ['Anne de Vries', 'Cas Bakker', '19:10', button, school.pageUrl]) expect(body).toContain(part);
    expect(mail.html).not.toMatch(/<(img|script|link)\b/);
  });

  it('takes hostile names as text', () => {
    const mail = renderOwnerAway(away({ eveningName: 'A<script>\r\nBcc: x', recipientName: '<b>' }));
    expect(mail.html).not.toMatch(/<script|<b>/);
    expect(mail.subject).not.toMatch(/[\r\n]/);
  });
});
