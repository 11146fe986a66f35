import { Secret } from '#libs/encryption';
import { JOIN_STATES, aFrame, aHome, aJoin, at } from '../../../../test/factories/page-samples.js';
import { renderEnterPage } from './enter-page.js';
import { renderErrorPage } from './error-page.js';
import { renderHomePage } from './home-page.js';
import { renderJoinPage } from './join-page.js';
import { renderLoginRefusedPage } from './login-refused-page.js';
import { renderPrivacyPage } from './privacy-page.js';
import { uiTexts } from './texts/catalogues.js';
import { LOGIN_REFUSALS } from './view-models.js';

describe('R6, P5 the page behind a join link', () => {
  it.each(JOIN_STATES.map((state) => [state.kind, state] as const))('%s: who, when, and one way on', (kind, state) => {
    const html = renderJoinPage(aJoin(state));
    for (const part of ['Anne de Vries', 'dinsdag 24 november 2026', '19:10–19:20', 'alleen voor u'])
      expect(html).toContain(part);
    expect(html.match(/<form/g) ?? []).toHaveLength(kind === 'open' ? 1 : 0);
    expect(html.includes('/calendar.ics"')).toBe(['early', 'open', 'not-ready', 'sign-in'].includes(kind));
    expect(html).not.toContain('<script');
  });

  it('opens by POST to its own path', () => {
    expect(renderJoinPage(aJoin({ kind: 'open' }))).toContain('<form method="post" action="/j/Zq3_secretToken-77"');
  });

  it('says from when, in the zone of the school', () => {
    const html = renderJoinPage(aJoin({ kind: 'early', opens: at(0), minutesBefore: 10 }));
    expect(html).toContain('vanaf 19:00, 10 minuten voor het begin');
  });

  it('says who will be there where that is somebody else', () => {
    expect(renderJoinPage(aJoin({ kind: 'open' }, { ownerName: 'Bo Jansen' }))).toContain('Bo Jansen');
    expect(renderJoinPage(aJoin({ kind: 'open' }, { ownerName: 'Anne de Vries' }))).not.toContain('Wie er is');
  });

  it('holds its inputs and the words of its language, nothing else', () => {
    // Somebody may be signed in in this browser: the page of a link does not tell who.
    const model = aJoin({ kind: 'open' }, { frame: aFrame({ signedInAs: 'Somebody Else' }) });
    const stowaway = { ...model, about: 'Deniz', meetingUrl: 'https://meet.google.com/x', parents: ['Elif'] };
    expect(renderJoinPage(stowaway)).toBe(renderJoinPage(model));
    expect(renderJoinPage(model)).not.toContain('Somebody Else');
  });

  it('speaks the language of the parent, else of the school, else English', () => {
    const lang = (locale: string, schoolLocale: string) =>
      /<html lang="(\w+)"/.exec(
        renderJoinPage(aJoin({ kind: 'open' }, { frame: aFrame({ locale, schoolLocale }) })),
      )?.[1];
    expect([lang('en', 'nl'), lang('tr', 'nl'), lang('tr', 'pl')]).toEqual(['en', 'nl', 'en']);
  });
});

describe('the first page', () => {
  it('tells nobody anything who is not signed in', () => {
    const html = renderHomePage(aHome({ signedIn: false, frame: aFrame({ signedInAs: null }) }));
    expect(html).not.toMatch(/Oudergesprekken november|\/j\/|\/ops|Uitloggen/);
  });

  it('shows each role its own', () => {
    const parent = renderHomePage(aHome({ evenings: undefined, privacy: false, ops: false }));
    expect(parent).toContain('href="https://conf.school.example/j/Own_link-1"');
    expect(parent).not.toMatch(/\/evenings\/|\/ops|\/v1\//);
    expect(renderHomePage(aHome({ conferences: undefined }))).toContain('href="/ops/queues"');
    const officer = renderHomePage(aHome({ evenings: undefined, conferences: undefined, ops: false }));
    for (const path of ['/what-we-store', '/v1/erasures', '/v1/audit', '/v1/audit/verify', '/docs'])
      expect(officer).toContain(`href="${path}"`);
    expect(officer).not.toMatch(/\/evenings\/|\/ops|\/j\//);
  });
});

describe('signing in as somebody else', () => {
  it('asks first, and carries ticket and path as they are', () => {
    const html = renderEnterPage({
      frame: aFrame(),
      signedInAs: 'Anne',
      enteringAs: '<b>Cas</b>',
      ticket: new Secret('a.b"c'),
      to: '/evenings/e-9?x=1&y="2"',
    });
    expect(html).toContain('action="/enter"');
    expect(html).toContain('name="ticket" value="a.b&quot;c"');
    expect(html).toContain('name="to" value="/evenings/e-9?x=1&amp;y=&quot;2&quot;"');
    expect(html).not.toContain('<b>Cas');
  });
});

describe('errors', () => {
  it.each([400, 401, 403, 404, 409, 418, 429, 500, 502, 503])('%i has a title and something to do', (status) => {
    const html = renderErrorPage({ frame: aFrame(), status });
    expect(html).toMatch(/<h1>.{4,}<\/h1>/);
    expect(html).toContain(String(status));
  });

  it.each([
    ['nl', 1, 'Wacht 1 seconde en'],
    ['nl', 59, 'Wacht 59 seconden en'],
    ['nl', 541, 'Wacht 10 minuten en'],
    ['en', 1, 'Wait 1 second and'],
    ['en', 90, 'Wait 90 seconds and'],
    ['en', 91, 'Wait 2 minutes and'],
  ])('%s: what came too often says to wait as long as Retry-After does (%i s)', (locale, retryAfterSeconds, says) => {
    const html = renderErrorPage({ frame: aFrame({ locale }), status: 429, retryAfterSeconds });
    expect(html).toContain(says);
    expect(html).not.toMatch(/een minuut|a minute/);
  });

  it('a change from elsewhere is no matter of roles', () => {
    const html = renderErrorPage({ frame: aFrame(), status: 403, isForeign: true });
    expect(html).toContain('Open de pagina opnieuw');
    expect(html).not.toContain('rol');
  });
});

describe.each(['nl', 'en'])('a login that was refused (%s)', (locale) => {
  it.each(LOGIN_REFUSALS)('%s: one clear sentence and one action', (reason) => {
    const refused = uiTexts({ locale }).texts.loginRefused[reason];
    const html = renderLoginRefusedPage({ frame: aFrame({ locale }), login: 'microsoft', reason, to: '/evenings/e-9' });
    expect(html).toContain(`<h1>${refused.title}</h1>`);
    expect(html.match(/class="button"/g)).toHaveLength(1);
    expect(html.includes('href="/login/microsoft?to=%2Fevenings%2Fe-9"')).toBe(reason !== 'configuration');
  });

  it('gives the admin a link, only where that helps', () => {
    const link = 'https://login.microsoftonline.com/organizations/adminconsent?client_id=x';
    const page = (reason: (typeof LOGIN_REFUSALS)[number]) =>
      renderLoginRefusedPage({ frame: aFrame({ locale }), login: 'microsoft', reason, to: '/', adminConsentUrl: link });
    expect(page('admin-consent-needed')).toContain(link);
    expect(page('declined')).not.toContain(link);
  });
});

describe('R11, R16 the privacy page', () => {
  it('names region and contacts, as mail or as address', () => {
    const html = renderPrivacyPage({
      frame: aFrame({ signedInAs: null }),
      region: 'eu-west-1',
      privacyContact: 'privacy@conf.school.example',
      securityContact: 'https://conf.school.example/security',
    });
    expect(html).toContain('eu-west-1');
    expect(html).toContain('href="mailto:privacy@conf.school.example"');
    expect(html).toContain('href="https://conf.school.example/security"');
  });

  it.each(['nl', 'en'])('says where the data stand and claims nothing more (%s)', (locale) => {
    const page = (region: string) =>
      renderPrivacyPage({ frame: aFrame({ locale }), region, privacyContact: null, securityContact: null });
    expect(page('us-east-1 (Virginia)')).toContain(': us-east-1 (Virginia).');
    expect(page('us-east-1 (Virginia)')).not.toMatch(/Econom|\bE[EU][AR]?\b|Europ/);
    expect(page('')).not.toMatch(/staan hier|stand here/);
  });
});
