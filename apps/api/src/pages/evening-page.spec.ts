import { Secret } from '#libs/encryption';
import { aFrame, aHome, aJoin, aRow, anEvening } from '../../../../test/factories/page-samples.js';
import { renderEveningPage } from './evening-page.js';
import { renderHomePage } from './home-page.js';
import { renderJoinPage } from './join-page.js';
import { rowButton } from './row-button.js';
import { reasonText, uiTexts } from './texts/catalogues.js';
import { LOGIN_REFUSALS, REASONS, STATUSES, type EveningRow } from './view-models.js';

const MAY_ALL = { connect: true, retry: true, remove: true, takeOver: ['google-meet'] } as const;
const OWN = { connect: true, retry: true, remove: true, takeOver: [] } as const;
const CAS = { id: 'p-8', name: 'Cas Bakker', account: new Secret('cas.bakker@regenboog.example') };
const pageOf = (row: EveningRow, locale = 'nl') =>
  renderEveningPage(anEvening({ frame: aFrame({ locale }), rows: [row], colleagues: [] }));
const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

describe.each(['nl', 'en'])('every closed word has its sentence in %s', (locale) => {
  const { texts } = uiTexts({ locale });

  it.each(STATUSES)('status %s', (status) => {
    expect(texts.status[status].length).toBeGreaterThan(3);
    expect(pageOf(aRow({ status }), locale)).toContain(`badge-${status}">${texts.status[status]}<`);
  });

  it.each(REASONS)('reason %s', (reason) => {
    const { sentence, action } = reasonText(texts, reason);
    expect(sentence).toMatch(/\.$/);
    expect(['connect', 'retry', 'wait', 'ask-admin', 'none']).toContain(action);
    expect(pageOf(aRow({ status: 'failed', reason }), locale)).toContain(escape(sentence));
  });

  it('no two statuses and no two reasons read alike', () => {
    expect(new Set(Object.values(texts.status)).size).toBe(STATUSES.length);
    expect(new Set(Object.values(texts.reason)).size).toBe(REASONS.length);
    expect(new Set(LOGIN_REFUSALS.map((reason) => texts.loginRefused[reason].title)).size).toBe(LOGIN_REFUSALS.length);
  });
});

describe('P7 one button for a failing row', () => {
  it.each(REASONS)('a failed own row with %s has exactly one', (reason) => {
    const html = pageOf(aRow({ status: 'failed', reason, can: OWN }));
    const row = /<tr data-timeslot.*?<\/tr>/.exec(html)![0];
    expect(row.match(/<form|class="button/g)).toHaveLength(1);
  });

  it.each<[string, Partial<EveningRow>, string | undefined]>([
    ['a lapsed login', { status: 'needs_owner', reason: 'login-ended', can: OWN }, 'connect'],
    ['a server error', { status: 'failed', reason: 'server-error', can: OWN }, 'retry'],
    ['a missing licence, once the admin gave one', { status: 'failed', reason: 'no-licence', can: OWN }, 'retry'],
    [
      'a colleague who is away',
      { status: 'needs_owner', reason: 'no-login', can: { ...MAY_ALL, connect: false } },
      'take-over',
    ],
    ['an owner who left', { status: 'needs_owner', reason: 'owner-left', can: MAY_ALL }, 'take-over'],
    ['a ready own row', { status: 'ready', can: OWN }, 'remove'],
    ['a colleague’s ready row', { status: 'ready', can: { ...MAY_ALL, remove: false } }, 'take-over'],
    ['a row in hand', { status: 'creating', can: MAY_ALL }, undefined],
    ['a row that waits for the provider', { status: 'retrying', reason: 'rate-limit', can: OWN }, undefined],
    ['a row that is over', { status: 'over', can: MAY_ALL }, undefined],
    ['a removal that was refused', { status: 'removing', reason: 'blocked-by-admin', leftIn: CAS, can: OWN }, 'retry'],
    ['a ready row with one', { status: 'ready', reason: 'blocked-by-admin', leftIn: CAS, can: OWN }, 'retry'],
    ['of which this reader may nothing', { status: 'removing', reason: 'blocked-by-admin', leftIn: CAS }, undefined],
    ['a reader who may nothing', { status: 'failed', reason: 'server-error' }, undefined],
  ])('%s', (_, change, expected) => {
    expect(rowButton(aRow(change), 'p-7')?.kind).toBe(expected);
  });

  it.each([
    ['nl', 'kon niet worden verwijderd en staat nog in het account van <bdi>Cas Bakker</bdi>'],
    ['en', 'could not be removed and is still in the account of <bdi>Cas Bakker</bdi>'],
  ])('in %s: what is left of an earlier meeting says in whose account, and why', (locale, sentence) => {
    const html = pageOf(aRow({ reason: 'blocked-by-admin', leftIn: CAS, can: OWN }), locale);
    const row = /<tr data-timeslot.*?<\/tr>/.exec(html)![0];
    expect(row).toContain(sentence);
    expect(row).toContain('cas.bakker@regenboog.example');
    expect(row).toContain(escape(reasonText(uiTexts({ locale }).texts, 'blocked-by-admin').sentence));
    expect(row).toContain('badge-ready');
    expect(row).toContain('/timeslots/t-100/retry"');
  });

  it('takes over from whom the reader saw, or from the slot’s teacher', () => {
    const away = { status: 'needs_owner', can: { ...OWN, takeOver: ['microsoft-teams'] } } as const;
    expect(rowButton(aRow(away), 'p-1')).toEqual({ kind: 'take-over', provider: 'microsoft-teams', from: 'p-7' });
    expect(rowButton(aRow({ ...away, owner: null }), 'p-1')).toMatchObject({ from: 'p-1' });
  });
});

describe('P7 a whole evening in one press', () => {
  it('has one form per connected account, which says the account first', () => {
    const html = renderEveningPage(anEvening());
    const forms = html.match(/<form method="post" action="\/evenings\/e-9\/conferences".*?<\/form>/g) ?? [];
    expect(forms).toHaveLength(1);
    expect(forms[0]).toContain('name="provider" value="google-meet"');
    expect(forms[0]).toContain('name="onlyMissing" value="true"');
    expect(forms[0]).toMatch(/anne@regenboog\.example.*<button/);
    expect(forms[0]).toContain('Video toevoegen aan 3 gesprekken');
  });

  it('a first press takes all, a replacement is a form of its own', () => {
    const first = renderEveningPage(
      anEvening({ offers: [{ provider: 'google-meet', missing: 8, replaceable: 0, some: 0 }] }),
    );
    expect(first).not.toContain('onlyMissing');
    const replacing = renderEveningPage(
      anEvening({ offers: [{ provider: 'google-meet', missing: 0, replaceable: 4, some: 4 }] }),
    );
    expect(replacing).toContain('4 gesprekken vervangen door Google Meet');
    expect(replacing).not.toContain('onlyMissing');
  });

  it('offers to connect where nothing is, with the promise of what is read (R3)', () => {
    const html = renderEveningPage(anEvening({ accounts: [{ login: 'google', account: null }], offers: [] }));
    expect(html).toContain('href="/login/google?to=%2Fevenings%2Fe-9"');
    expect(html).toContain('een eigen agenda die wij in uw Google-account maken');
    expect(html).not.toContain('/forget');
    const primary = renderEveningPage(
      anEvening({ accounts: [{ login: 'google', account: null }], offers: [], googleOwnCalendar: false }),
    );
    expect(primary).not.toContain('een eigen agenda');
  });

  it('shows an admin who teaches nothing no accounts and no own rows', () => {
    const html = renderEveningPage(anEvening({ isTeacher: false, rows: [] }));
    expect(html).not.toMatch(/data-live="(own|accounts)"/);
  });

  it('is live with a script, and reloads without one', () => {
    const html = renderEveningPage(anEvening());
    expect(html).toContain('data-stream="/v1/evenings/e-9/progress/stream"');
    expect(html).toMatch(/<noscript><meta http-equiv="refresh" content="20"\/><\/noscript>/);
    expect(html.replace(/<noscript>.*?<\/noscript>/g, '')).not.toContain('http-equiv="refresh"');
    expect(html).toMatch(/<progress[^>]*max="40"[^>]*value="23"/);
    expect(html).toContain('23 van 40 klaar');
  });
});

describe('R7 colleagues see whose account was used', () => {
  it('by name and address', () => {
    const html = renderEveningPage(anEvening());
    expect(html).toContain('href="mailto:cas.bakker@regenboog.example"');
  });

  it('an address cannot add a subject or a copy', () => {
    const owner = { id: 'x', name: 'X', account: new Secret('a?bcc=spy&x@evil.example') };
    const colleague = { ...anEvening().colleagues[0]!, rows: [aRow({ owner })] };
    expect(renderEveningPage(anEvening({ colleagues: [colleague] }))).toContain(
      'href="mailto:a%3Fbcc%3Dspy%26x@evil.example"',
    );
  });
});

describe('hostile words', () => {
  it('stay words', () => {
    const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
    const html = renderEveningPage(
      anEvening({
        frame: aFrame({ schoolName: evil, signedInAs: evil }),
        evening: { id: '../"><script>', name: evil },
        rows: [aRow({ timeslotId: `"/><script>`, can: OWN })],
        colleagues: [{ ...anEvening().colleagues[0]!, teacher: { id: evil, name: evil } }],
      }),
    );
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toContain('<img');
    expect(html).toContain('/evenings/..%2F%22%3E%3Cscript%3E/');
  });
});

describe('P1 the owner sees on every page what waits, and what to do', () => {
  const waiting = [
    { login: 'google', account: new Secret('anne@regenboog.example'), meetings: 2, removals: 1 },
    { login: 'microsoft', account: null, meetings: 1, removals: 0 },
  ] as const;

  it.each([
    [
      'nl',
      '3 gesprekken wachten op u.',
      'Er staat 1 vervallen gesprek nog in uw account.',
      'Daarna gaat het vanzelf verder.',
    ],
    ['en', '3 meetings wait for you.', '1 cancelled meeting is still in your account.', 'Then it goes on by itself.'],
  ])('in %s: how many, in which account, one button per login that leads back here', (locale, ...sentences) => {
    const frame = aFrame({ locale });
    const pages = [
      [renderEveningPage(anEvening({ frame, waiting })), '%2Fevenings%2Fe-9'],
      [renderHomePage(aHome({ frame, waiting })), '%2F'],
    ] as const;
    for (const [html, to] of pages) {
      const banner = /<section class="card banner".*?<\/section>/.exec(html)![0];
      for (const sentence of [...sentences, 'anne@regenboog.example']) expect(banner).toContain(sentence);
      expect(banner).toContain(`href="/login/google?to=${to}"`);
      expect(banner).toContain(`href="/login/microsoft?to=${to}"`);
    }
  });

  it('says nothing where nothing waits, and keeps its place for what may come', () => {
    expect(renderHomePage(aHome({ waiting: [] }))).not.toContain('banner"');
    expect(renderEveningPage(anEvening({ waiting: [] }))).toContain('<div data-live="waiting"></div>');
  });
});

describe('P6 a colleague who is away: taking over is offered, or how to get there', () => {
  const away = anEvening().colleagues.slice(0, 1);
  const none = anEvening().accounts.map((account) => ({ ...account, account: null }));

  it('one button for the whole evening, in front', () => {
    expect(renderEveningPage(anEvening({ colleagues: away }))).toMatch(
      /take-over".*?<button class="primary"[^>]*>Hele avond van Cas Bakker overnemen met Google Meet/,
    );
  });

  it('says to connect first, where nothing is connected', () => {
    const bare = away.map((colleague) => ({ ...colleague, takeOver: [] }));
    const hint = 'Koppel hierboven uw account; daarna kunt u deze gesprekken overnemen.';
    expect(renderEveningPage(anEvening({ colleagues: bare, accounts: none }))).toContain(hint);
    expect(renderEveningPage(anEvening({ colleagues: away }))).not.toContain(hint);
  });
});

describe('P1 parents read that the link follows, and nothing of whose fault it is', () => {
  it.each([
    ['nl', 'De link naar het gesprek volgt nog.'],
    ['en', 'The link to the meeting follows.'],
  ])('%s', (locale, sentence) => {
    const html = renderJoinPage(aJoin({ kind: 'not-ready' }, { frame: aFrame({ locale, signedInAs: null }) }));
    expect(html).toContain(sentence);
    expect(html).not.toMatch(/inlog|login|account|wacht op|waits for/i);
  });
});
