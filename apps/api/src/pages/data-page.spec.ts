import { AUDIT_ACTIONS } from '#libs/privacy';
import { aFrame, anErasure, at, ownData } from '../../../../test/factories/page-samples.js';
import type { DataJson } from '../rights/data-json.js';
import { renderDataPage } from './data-page.js';
import { renderErasurePage } from './erasure-page.js';
import { uiTexts } from './texts/catalogues.js';
import type { DataModel, ErasureModel } from './view-models.js';

const page = (own: DataModel['own'], data: DataJson = ownData, locale = 'nl') =>
  renderDataPage({ frame: aFrame({ locale }), data, isOwn: own !== null, own });
const words = (locale: string) => uiTexts({ locale }).texts.ownData.words;
const values = (html: string) =>
  [...html.matchAll(/<dd>(.*?)<\/dd>/g)].map((match) => match[1]!.replace(/<[^>]*>/g, ''));

const iso = at(0).toISOString();
/** One of everything that has a closed word. */
const everything: DataJson = {
  ...ownData,
  contact: { name: 'Elif', email: 'elif@mail.example', role: 'privacy' },
  asTeacher: [{ timeslotId: 't-1', start: iso, end: iso, status: 'cancelled' }],
  meetings: Object.keys(words('en').meeting).map((state) => ({
    timeslotId: 't-1',
    provider: 'google-meet' as const,
    state,
    account: 'anne@regenboog.example',
    createdAt: iso,
    meetingId: 'm-1',
    meetingUrl: 'https://meet.google.com/abc-defg-hij',
  })),
  messages: Object.keys(words('en').message).flatMap((state) =>
    Object.keys(words('en').kind).map((kind) => ({
      kind,
      channel: 'email',
      state,
      timeslotId: 't-1',
      createdAt: iso,
      sentAt: null,
    })),
  ),
  looks: Object.keys(words('en').by).flatMap((role) =>
    AUDIT_ACTIONS.map((action) => ({ at: iso, action, by: { kind: 'person', role }, reason: 'not given' })),
  ),
};

describe('R13 the page of the own data speaks to its reader', () => {
  it.each(['nl', 'en'])('a closed word stands on it in the language of the reader, in %s', (locale) => {
    const shown = new Set(values(page({}, everything, locale)));
    const { status, meeting, message, kind, channel, by, action } = words(locale);
    for (const catalogue of [status, meeting, message, kind, channel, by, action])
      for (const [word, said] of Object.entries(catalogue))
        if (locale !== 'en' && said !== word) expect([word, shown.has(word)]).toEqual([word, false]);
    for (const said of [
      meeting.parked,
      message.dropped,
      kind.digest,
      by.support,
      action['erasure.requested'],
      status.cancelled,
    ])
      expect([said, shown.has(said)]).toEqual([said, true]);
    expect(shown.has('not given')).toBe(locale === 'en');
  });

  it('in Dutch no English word is left', () => {
    const shown = values(page({}, everything)).join('\n');
    expect(shown).not.toMatch(
      /\b(planned|cancelled|sent|dropped|failed|ready|changed|waits|removed|not given|yes|no)\b/,
    );
    expect(shown).toContain('Turks (tr)');
    expect(shown).toContain('Google Meet');
  });

  it('the own link is a link, and what is no address is not', () => {
    const html = page({}, everything);
    expect(html).toContain('<a href="https://conf.school.example/j/Own_link-1" rel="noreferrer">');
    expect(html).toContain('<a href="https://meet.google.com/abc-defg-hij" rel="noreferrer">');
    const [slot] = ownData.asParent;
    const odd = page({}, { ...ownData, asParent: [{ ...slot!, joinLink: 'javascript:alert(1)' }] });
    expect(odd).not.toContain('href="javascript');
  });

  it('a word that a newer process wrote stays as it is', () => {
    const html = page({}, { ...ownData, messages: [{ ...ownData.messages[0]!, kind: 'constructor' }] });
    expect(values(html)).toContain('constructor');
  });
});

describe('R12, R13 the page of somebody else speaks of that person, not to the reader', () => {
  it.each([
    ['nl', 'Gegevens van p-31', 'Deze blik is opgeschreven.', /\b(u|uw|uzelf)\b/i],
    ['en', 'Data of p-31', 'This look was written down.', /\b(you|your|yours)\b/i],
  ] as const)('in %s', (locale, title, looked, second) => {
    const html = page(null, everything, locale);
    for (const part of [`<h1>${title}</h1>`, `<title>${title}`, looked]) expect(html).toContain(part);
    const [main] = /<main\b.*<\/main>/s.exec(html)!;
    expect(main.replaceAll(/<[^>]*>/g, ' ')).not.toMatch(second);
    expect(page({}, everything, locale)).not.toContain(looked);
  });
});

describe('R13 a correction that cannot be saved stays in the form', () => {
  const html = page({ wrong: { fields: ['email'], typed: { name: 'Elif Y.', email: 'elif"<b', locale: 'tr' } } });
  it('with what was typed, and what to do beside the field', () => {
    expect(html).toContain('value="Elif Y."');
    expect(html).toContain('value="elif&quot;&lt;b"');
    expect(html).toMatch(/name="email"[^>]*aria-invalid="true" aria-describedby="email-wrong"/);
    expect(html).toContain('Vul één e-mailadres in');
    expect(html.match(/aria-invalid/g)).toHaveLength(1);
  });
  it('and what was not sent is what is held', () => expect(html).toMatch(/name="about" value="Deniz"/));
});

describe('R14 erasing says first what it does', () => {
  it('what will happen, what stays and until when, who hears of it; then one tick and one button', () => {
    const html = page({});
    for (const part of [
      'Wat er gebeurt',
      'Het begint meteen',
      'Wat blijft, en tot wanneer',
      'tot 2 jaar erna',
      'hoogstens 29 dagen',
      'Wie het hoort',
    ])
      expect(html).toContain(part);
    const [form] = /<form method="post" action="\/me\/data\/erasure".*?<\/form>/.exec(html)!;
    expect(form).toMatch(/<input type="checkbox" name="sure" value="true" required\/?>/);
    expect(form).not.toContain('checked');
  });

  it('tells a teacher of the account and of the parents, and a parent not', () => {
    const part = 'Ouders van uw komende gesprekken';
    expect(page({}, everything)).toContain(part);
    expect(page({}, everything)).toContain('na 30 dagen');
    expect(page({})).not.toContain(part);
  });

  it('stands on the own page only, and where there is something to erase', () => {
    const nothing = { ...ownData, person: null, asParent: [] };
    for (const html of [page(null), page({}, nothing)]) expect(html).not.toContain('/me/data/erasure');
  });

  it('is not offered again while it is open, and its page is a step away', () => {
    const { id } = anErasure();
    const asked = page({ erasure: { id, isOpen: true } }, everything);
    expect(asked).toContain(`href="/me/erasures/${id}"`);
    expect(asked).not.toContain('/me/data/erasure');
    expect(page({ erasure: { id, isOpen: false } }, everything)).toContain('/me/data/erasure');
    expect(page({ erasure: null })).not.toContain('/me/erasures/');
  });

  it('ends in a page with the due date, and later the receipt', () => {
    const show = (change: Parameters<typeof anErasure>[0], how: Partial<ErasureModel> = {}) =>
      renderErasurePage({
        frame: aFrame(),
        erasure: anErasure(change),
        timeZone: 'Europe/Amsterdam',
        isOwn: true,
        logins: [],
        ...how,
      });
    const open = show({ state: 'waiting_for_owner', waiting: 1 });
    expect(open).toContain('uiterlijk op 24 december 2026');
    expect(open).toContain('Er staat nog 1 gesprek in uw Google- of Microsoft-account');
    expect(open).toContain('href="/me/erasures/3b8f4a52-6c1e-4d0f-8a77-5f2f0c9d1e64"');
    expect(open).not.toMatch(/binnen een minuut|eerste pagina/);
    expect(show({})).toContain('meestal binnen een minuut');
    // The one thing to do about it stands here, and not for a privacy officer.
    const connect = 'href="/login/microsoft?to=%2Fme%2Ferasures%2F3b8f4a52-6c1e-4d0f-8a77-5f2f0c9d1e64"';
    const toDo = show({ state: 'waiting_for_owner', waiting: 1 }, { logins: ['microsoft'] });
    expect(toDo).toContain(connect);
    expect(toDo).not.toContain('/login/google');
    const officer = show({ state: 'waiting_for_owner', waiting: 1 }, { isOwn: false });
    expect(officer).not.toMatch(/\/login\/|\b[Uu]w\b(?! gegevens<)/);
    const done = show({ state: 'done', doneAt: at(1), receipt: 'eyJ.receipt.sig', waiting: 2 });
    expect(done).toContain('eyJ.receipt.sig');
    expect(done).toContain('Er zijn 2 gesprekken in uw Google- of Microsoft-account blijven staan');
    expect(done).not.toContain('uiterlijk');
  });
});
