import type { LoginName } from '#libs/providers';
import { FAULT_NAMES, type FaultName } from '../../../apps/sandbox/src/index.js';
import type { Browser } from '../../../apps/cli/src/evening/browser.js';
import { bare, joinLinkOf, type Role } from '../../support/product.js';
import { until } from '../../support/until.js';
import { CanarySchool } from './canary-school.js';
import type { LeakWorld } from './leak-world.js';

const WISH = { google: 'google-meet', microsoft: 'microsoft-teams' } as const;
/** These hold a connection until a deadline of a minute; what comes of them is a time-out like any other. */
const NOT_DRIVEN = new Set<FaultName>(['silence', 'slow']);

export interface Driven {
  readonly school: CanarySchool;
  readonly browsers: readonly Browser[];
  readonly faultsFired: number;
  readonly faultsSet: number;
  readonly joinTokens: readonly string[];
  readonly staffPages: readonly string[];
}

/** All paths, also those that fail. What the outside answers is the sandbox's word. */
export async function drive(world: LeakWorld, say: (line: string) => void): Promise<Driven> {
  const { product, sandbox, canaries } = world;
  const school = new CanarySchool(canaries);
  say('an evening of both providers, with take-over, moves, cancellations and reveals');
  const browsers = await evening(world, school, say);
  say('each answer that a provider can give');
  const faults = await everyFault(world);
  say('who may not, what is malformed, what is unknown');
  const joinTokens = await strangers(world, school, browsers[0]!);
  say('looking at data, correcting, exporting, erasing, the audit and the dashboards');
  const staffPages = await rights(world, school);
  for (const { url, id, calendarId } of sandbox.ledger.entries) {
    canaries.add('meeting', 'a meeting URL', url);
    canaries.add('meeting', 'the last part of a meeting URL', url?.split('/').at(-1));
    canaries.add('meeting', "a provider's id", id);
    canaries.add('meeting', 'a calendar id', calendarId);
  }
  for (const mail of sandbox.mailbox.messages)
    for (const [, token] of mail.text.matchAll(/\/j\/([\w-]{43})/g)) canaries.add('join', 'a join token', token);
  if (product.sandbox.ledger.violations.length > 0) say('the sandbox saw violations');
  return { school, browsers, joinTokens, staffPages, ...faults };
}

async function evening(world: LeakWorld, school: CanarySchool, say: (line: string) => void): Promise<Browser[]> {
  const { product, sandbox } = world;
  sandbox.faults.set({ id: 'mail later', match: { provider: 'smtp' }, fault: 'smtp.451', times: 3 });
  sandbox.faults.set({ id: 'mail never', match: { account: school.parent(5).email }, fault: 'smtp.550' });
  sandbox.faults.set({ id: 'mail cut', match: { account: school.parent(6).email }, fault: 'smtp.drop', times: 1 });
  await product.emit(
    school.changed({ revealMinutes: null }),
    ...[1, 2, 3, 5, 6].map((n) => school.slot(n, { wanting: 'google-meet' })),
    school.slot(4, { wanting: 'microsoft-teams', teacher: school.teacher(2) }),
    school.slot(7, { teacher: school.teacher(2) }),
  );
  const first = await product.browser('teacher', school, school.teacher(1));
  const second = await product.browser('teacher', school, school.teacher(2));
  // Parked without a login, then resumed.
  await product.visit(first);
  await product.connect(first, 'google', school.account(1));
  await product.connect(second, 'microsoft', school.account(2));
  await product.untilReady(school, 6);
  for (const n of [1, 2, 3, 4]) await bare(await product.joinLink(school.parent(n)), { method: 'POST' });
  const key = { 'idempotency-key': 'leak-1' };
  const wish = { provider: 'google-meet', timeslotIds: [school.slotId(1)] };
  for (const body of [wish, wish, { ...wish, provider: 'zoom' }])
    await product.send(first, 'POST', '/v1/conferences', body, key);
  // A time moves, a parent is another, a slot is off, a colleague takes over, an account is changed and refreshed.
  await product.emit(
    school.slot(1, { minutes: 20, wanting: 'google-meet' }),
    school.slot(2, { parents: [school.parent(8)], wanting: 'google-meet' }),
    school.slot(3, { status: 'cancelled' }),
  );
  const taken = `/v1/timeslots/${school.slotId(5)}/conference/take-over`;
  for (const from of ['p-nobody', school.teacher(1).id])
    await product.send(second, 'POST', taken, { from, provider: 'microsoft-teams' });
  await product.visit(second);
  await product.untilRow(school, 'is taken over', ({ owner }) => owner?.id === school.teacher(2).id, 5);
  await product.send(first, 'DELETE', `/v1/timeslots/${school.slotId(6)}/conference`);
  await product.send(first, 'POST', `/v1/timeslots/${school.slotId(1)}/conference/retry`);
  const isRemoved = async () => (await product.row(school, 6)).status === 'removed';
  if (!(await until('slot 6 is removed', isRemoved, 5).catch(() => false))) say('slot 6 is not removed yet');
  // From here the token is refused, and a visit brings a new one.
  sandbox.google.expireAccessTokens(school.account(1));
  await product.visit(first);
  return [first, second];
}

/** One teacher for each answer, so that none waits for another's. */
async function everyFault(world: LeakWorld): Promise<{ faultsSet: number; faultsFired: number }> {
  const { product, sandbox } = world;
  const isOf = (fault: FaultName, login: LoginName) => {
    sandbox.faults.set({ id: 'probe', match: { provider: login }, fault });
    const fires = sandbox.faults.meet({
      provider: login,
      operation: fault.startsWith('oauth.') ? 'token.x' : 'x',
      account: 'probe',
    });
    sandbox.faults.remove('probe');
    return fires !== undefined;
  };
  const cases = (['google', 'microsoft'] as const).flatMap((login) =>
    FAULT_NAMES.filter((fault) => !NOT_DRIVEN.has(fault) && !fault.startsWith('smtp.') && isOf(fault, login)).map(
      (fault) => ({ login, fault, id: `${login} ${fault}` }),
    ),
  );
  await Promise.all(
    [0, 1, 2, 3].map(async (lane) => {
      for (const [n, { login, fault, id }] of cases.entries()) {
        if (n % 4 !== lane) continue;
        const school = new CanarySchool(world.canaries);
        const account = school.account();
        await product.emit(school.slot(1, { wanting: WISH[login] }));
        const browser = await product.browser('teacher', school, school.teacher());
        sandbox.faults.set({ id, match: { provider: login, account }, fault, times: 1 });
        // A sign-in that fails is tried again as the person would.
        const { status } = await product.connect(browser, login, account);
        if (status >= 400) await product.connect(browser, login, account);
        await product.visit(browser);
      }
    }),
  );
  const fired = () =>
    Object.entries(sandbox.faults.fired()).filter(([id, n]) => n > 0 && cases.some((one) => one.id === id));
  await until('nearly every fault fired', () => fired().length >= cases.length * 0.95, 20).catch(() => undefined);
  return { faultsSet: cases.length, faultsFired: fired().length };
}

async function strangers(world: LeakWorld, school: CanarySchool, browser: Browser): Promise<string[]> {
  const { product } = world;
  const { appUrl } = product;
  const links = world.sandbox.mailbox.messages.flatMap((mail) => {
    try {
      return [joinLinkOf(mail)];
    } catch {
      return [];
    }
  });
  const tokens = [...new Set(links.map((link) => link.split('/').at(-1)!))];
  const page = { headers: { accept: 'text/html' } };
  for (const token of tokens.slice(0, 3))
    for (const path of [
      `/j/${token}`,
      `/j/${token}/calendar.ics`,
      `/j/${token}x`,
      `/j/${token}/../../x`,
      `/J/${token}`,
    ])
      await bare(appUrl + path, page);
  // Declined, forged, called twice, with a foreign state.
  for (const login of ['google', 'microsoft'] as const) {
    const consent = await product.consentUrl(browser, login);
    const state = consent.searchParams.get('state') ?? '';
    const back = `${appUrl}/login/${login}/callback`;
    const forged = `4/0Aforged${'x'.repeat(40)}`;
    world.canaries.add('code', 'a forged code', forged);
    for (const query of [
      new URLSearchParams({ error: 'access_denied', state }),
      new URLSearchParams({ code: forged, state }),
      new URLSearchParams({ code: forged, state: `${state}x` }),
    ])
      await browser.fetch(`${back}?${query.toString()}`, page);
    consent.searchParams.set('sandbox_account', school.account(1));
    const given = await bare(consent.href);
    const location = given.headers.get('location');
    if (location) for (const who of [browser, browser]) await who.fetch(location, page);
  }
  const event = school.slot(9);
  const wrong = structuredClone(event) as { data: { timeslot: { start: string } } };
  wrong.data.timeslot.start = 'tomorrow';
  for (const sent of [
    product.post(wrong),
    product.post(event, { secret: `whsec_${Buffer.from('another secret of 24 b').toString('base64')}` }),
    product.post(event, { signedBody: 'x' }),
    product.post(event),
    product.post({ ...event, data: { ...event.data, teacher: school.teacher(3) } }),
    product.post(`{"name": "${school.parent(1).name}`),
    product.post(event, { type: 'text/plain' }),
  ])
    await sent;
  const bearer = await product.bearer('parent', school, school.parent(1));
  for (const authorization of [
    `Bearer ${bearer}x`,
    `Basic ${bearer}`,
    `Bearer ${bearer.split('.').slice(0, 2).join('.')}.`,
  ])
    await bare(`${appUrl}/v1/me`, { headers: { authorization } });
  await product.call(bearer, 'GET', `/v1/evenings/${school.evening.id}/conferences`);
  const enter = await world.sandbox.module.enterUrl({
    sub: school.teacher(3).id,
    school: school.id,
    roles: ['teacher'],
  });
  for (const url of [enter, enter, `${enter}x`]) await bare(url, page);
  const jar = browser['jars'].get(new URL(appUrl).host)!;
  const cookie = [...jar].map(([name, value]) => `${name}=${value.slice(0, -4)}AAAA`).join('; ');
  await bare(`${appUrl}/v1/me`, { headers: { cookie } });
  await bare(`${appUrl}/v1/conferences`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({ provider: school.parent(1).email, timeslotIds: [tokens[0]] }),
  });
  await product.visit(browser);
  return tokens;
}

async function rights(world: LeakWorld, school: CanarySchool): Promise<string[]> {
  const { product } = world;
  const read: string[] = [];
  const ask = async (role: Role, path: string, method = 'GET', body?: unknown, accept = 'application/json') => {
    const token = await product.bearer(role, role === 'ops' ? null : school, { id: `p-${role}-of-${school.id}` });
    const answer = await product.call(token, method, path, body, { accept, 'x-reason': 'a leak is looked for' });
    return `${method} ${path} ${answer.status} ${await answer.text()}`;
  };
  const { id } = school.parent(2);
  await ask('support', `/v1/people/${id}/data`);
  await ask('privacy', `/v1/people/${id}`, 'PATCH', { name: `Verbeterd ${school.parent(1).name}` });
  const own = await product.bearer('parent', school, school.parent(1));
  for (const format of ['json', 'html', 'xml'])
    await product.call(own, 'GET', `/v1/people/${school.parent(1).id}/export?format=${format}`);
  await ask('privacy', `/v1/people/${school.parent(8).id}/erasure`, 'POST', {});
  for (const role of ['admin', 'support', 'ops', 'privacy'] as const)
    for (const path of [
      `/v1/evenings/${school.evening.id}/progress`,
      `/v1/timeslots/${school.slotId(1)}/conference`,
      `/v1/evenings/${school.evening.id}/conferences?limit=200`,
      `/v1/evenings/${school.evening.id}/readiness`,
      '/v1/audit?limit=200',
      '/v1/audit/verify',
    ])
      read.push(await ask(role, path));
  read.push(await ask('admin', `/evenings/${school.evening.id}`, 'GET', undefined, 'text/html'));
  for (const path of [
    '/',
    '/privacy',
    '/what-we-store',
    '/docs',
    '/v1/openapi.json',
    '/.well-known/jwks.json',
    '/livez',
    '/readyz',
  ])
    read.push(await (await bare(product.appUrl + path)).text());
  await until(
    'the erasure is done',
    async () => (await world.db.query('select 1 from erasures where erased_at is not null')).length > 0,
    15,
  ).catch(() => undefined);
  return read;
}
