import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { startApi } from '../../apps/api/src/index.js';
import { startWorker } from '../../apps/worker/src/index.js';
import { openClock, openKeys } from '#libs/database';
import { MemoryLeases } from '#libs/login';
import { ASchool } from '../support/a-school.js';
import { tablesHolding } from '../support/erasing.js';
import { Product, bare, type ProblemBody } from '../support/product.js';
import { until } from '../support/until.js';

interface Erasure {
  id: string;
  school: string;
  state: string;
  requestedAt: string;
  dueAt: string;
  url: string;
  provider: { waiting: number };
  receipt: string | null;
  erasures?: Erasure[];
}

describe('R14 the right to be forgotten, over HTTP', () => {
  let product: Product;
  const ledger = mkdtempSync(join(tmpdir(), 'conferences-ledger-'));
  beforeAll(async () => {
    product = await Product.start({ settings: { LEDGER_DIR: join(ledger, 'made', 'here') } });
  });
  afterAll(async () => {
    await product?.close();
    rmSync(ledger, { recursive: true, force: true });
  });

  const ask = (token: string, id: string, body?: unknown) =>
    product.call(token, 'POST', `/v1/people/${encodeURIComponent(id)}/erasure`, body);
  const see = (token: string, id: string) => product.call(token, 'GET', `/v1/erasures/${id}`);
  const untilState = (token: string, id: string, state: string) =>
    until(`erasure ${state}`, async () => {
      const erasure = (await (await see(token, id)).json()) as Erasure;
      return erasure.state === state && erasure;
    });

  const aTeacherWithAMeeting = async (
    login: 'google' | 'microsoft' = 'google',
    provider: 'google-meet' | 'microsoft-teams' = 'google-meet',
  ) => {
    const school = new ASchool();
    const browser = await product.teacher(school, login);
    await product.emit(school.slot(1, { wanting: provider }));
    await product.visit(browser);
    await product.untilReady(school);
    return { school, teacher: school.teacher(), browser };
  };

  it('P11 in production neither API nor worker starts where the ledger cannot be written', async () => {
    const ledgerDir = join(ledger, 'a-file');
    writeFileSync(ledgerDir, '');
    const settings = { ...product['local'].settings!, production: true, ledgerDir, port: 0, metricsPort: null };
    const [keys, clock] = [await openKeys(settings), await openClock(settings.databaseUrl)];
    const leases = new MemoryLeases(() => clock.now());
    try {
      for (const start of [startApi, startWorker])
        await expect(start(settings, leases, { clock, keys })).rejects.toMatchObject({
          name: 'StartupError',
          faults: [expect.stringMatching(/^LEDGER_DIR: nothing can be written in .*Make the folder/)],
        });
    } finally {
      leases.close();
      await clock.close();
    }
  });

  it('an answer that is kept for its Idempotency-Key is gone with the person', async () => {
    const school = new ASchool();
    const parent = school.parent(1);
    await product.emit(school.slot(1, { parents: [parent] }));
    const token = await product.bearer('parent', school, parent);
    const correct = () =>
      product.call(
        token,
        'PATCH',
        `/v1/people/${parent.id}`,
        { name: 'Wim Wilgenroos' },
        { 'idempotency-key': 'once' },
      );
    const first = await correct();
    expect([first.status, await first.text()]).toEqual([200, expect.stringContaining('Wim Wilgenroos')]);
    expect((await correct()).status).toBe(200);
    const { id } = (await (await ask(token, parent.id)).json()) as Erasure;
    await untilState(token, id, 'done');
    const again = await correct();
    expect([again.status, await again.text()]).toEqual([404, expect.not.stringContaining('Wilgenroos')]);
  });

  it('a parent asks on the own page, and sees there how it stands, also when nothing else is left', async () => {
    const school = new ASchool();
    const parent = school.parent(1);
    await product.emit(school.slot(1, { parents: [parent] }));
    const browser = await product.browser('parent', school, parent);
    const page = (path: string) => browser.fetch(`${product.appUrl}${path}`, { headers: { accept: 'text/html' } });
    const erase = (origin: string) =>
      browser.fetch(`${product.appUrl}/me/data/erasure`, {
        method: 'POST',
        headers: { origin, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
        body: 'sure=true',
      });
    expect(await (await page('/me/data')).text()).toContain('action="/me/data/erasure"');
    expect((await erase('https://elsewhere.example')).status).toBe(403);
    const asked = await erase(product.appUrl);
    const place = asked.headers.get('location')!;
    expect([asked.status, place]).toEqual([303, expect.stringMatching(/^\/me\/erasures\/[\w-]{36}$/)]);
    const due = new Intl.DateTimeFormat('nl', { dateStyle: 'long', timeZone: 'Europe/Amsterdam' });
    expect(await (await page(place)).text()).toMatch(
      new RegExp(`${due.format(new Date(Date.now() + 30 * 86_400_000))}|Klaar op`),
    );
    const id = place.split('/').at(-1)!;
    const done = await untilState(await product.bearer('parent', school, parent), id, 'done');
    const after = await (await page(place)).text();
    expect(after).toContain(done.receipt!);
    // The session went with the data; signed in again, the own page leads there.
    expect((await page('/me/data')).status).toBe(401);
    await product.enter(browser, 'parent', school, parent);
    const own = await (await page('/me/data')).text();
    expect(own).not.toContain(parent.email);
    expect(own).toContain(`href="${place}"`);
    // Asking again, as from a page that was open in another tab, leads to the same one.
    const again = await erase(product.appUrl);
    expect([again.status, again.headers.get('location')]).toEqual([303, place]);
    // Somebody else's is unknown, as one that is not there.
    const other = await product.browser('parent', school, school.parent(2));
    for (const path of [place, `/me/erasures/${randomUUID()}`, '/me/erasures/none'])
      expect([path, (await other.fetch(`${product.appUrl}${path}`)).status]).toEqual([path, 404]);
  });

  it('a parent asks, the link dies, the receipt verifies, and nothing is left in the database', async () => {
    const school = new ASchool();
    const parent = school.parent(1);
    const browser = await product.teacher(school);
    await product.emit(
      school.slot(1, { parents: [{ ...parent, about: 'Kanariekind' }, school.parent(2)], wanting: 'google-meet' }),
    );
    await product.visit(browser);
    await product.untilReady(school);
    const link = await product.joinLink(parent);
    expect((await bare(link)).status).toBe(200);
    const token = await product.bearer('parent', school, parent);
    const answer = await ask(token, parent.id);
    expect(answer.status).toBe(202);
    const erasure = (await answer.json()) as Erasure;
    expect(erasure).toMatchObject({
      school: school.id,
      url: `${product.appUrl}/v1/erasures/${erasure.id}`,
      receipt: null,
    });
    expect(Date.parse(erasure.dueAt) - Date.parse(erasure.requestedAt)).toBe(30 * 86_400_000);
    const done = await untilState(token, erasure.id, 'done');
    const [gone, unknown] = await Promise.all([bare(link), bare(`${product.appUrl}/j/${'A'.repeat(43)}`)]);
    expect([gone.status, unknown.status]).toEqual([404, 404]);
    const jwks = (await (await bare(`${product.appUrl}/.well-known/jwks.json`)).json()) as JSONWebKeySet;
    const { payload } = await compactVerify(done.receipt!, createLocalJWKSet(jwks));
    expect(JSON.parse(new TextDecoder().decode(payload))).toMatchObject({
      erasure: erasure.id,
      school: school.id,
      erased: { slotsAsParent: 1, joinLinks: 1, profiles: 1 },
      leftAtProvider: { meetings: 0 },
    });
    expect(await tablesHolding(product.db, parent.id, parent.name, parent.email, 'Kanariekind')).toEqual([]);
    // Privacy officers of the school see it too; afterwards the person is unknown here, but to the person itself.
    const privacy = await product.bearer('privacy', school);
    expect((await see(privacy, erasure.id)).status).toBe(200);
    expect((await ask(privacy, parent.id)).status).toBe(404);
    const again = await ask(token, parent.id, { everywhere: true });
    expect(again.status).toBe(202);
    const { erasures, ...latest } = (await again.json()) as Erasure;
    expect([latest, erasures]).toEqual([done, [done]]);
    const nobody = `p-new-${randomUUID()}`;
    const stranger = await product.bearer('parent', school, { id: nobody });
    for (const id of [nobody, parent.id]) expect([id, (await ask(stranger, id)).status]).toEqual([id, 404]);
  });

  it('a teacher’s meetings wait for the own visit, and are gone after it', async () => {
    const { school, teacher, browser } = await aTeacherWithAMeeting();
    expect(product.live(teacher.email)).toHaveLength(1);
    // Signed out of the lending: the worker that has no lease parks the removal.
    const privacy = await product.bearer('privacy', school, { id: `p-officer-${school.id}` });
    const { id } = (await (await ask(privacy, teacher.id)).json()) as Erasure;
    const seen = await until('erased here', async () => {
      const erasure = (await (await see(privacy, id)).json()) as Erasure;
      return ['waiting_for_owner', 'done'].includes(erasure.state) && erasure;
    });
    expect(seen.id).toBe(id);
    await product.enter(browser, 'teacher', school, teacher);
    await product.visit(browser);
    await untilState(privacy, id, 'done');
    expect(product.live(teacher.email)).toEqual([]);
    expect(await tablesHolding(product.db, teacher.id, teacher.name, teacher.email)).toEqual([]);
  });

  it.each([
    ['google', 'google-meet'],
    ['microsoft', 'microsoft-teams'],
  ] as const)(
    'a teacher without a %s login is led to it, and connecting removes what waits',
    async (login, provider) => {
      const { school, teacher, browser } = await aTeacherWithAMeeting(login, provider);
      await product.send(browser, 'DELETE', `/login/${login}`);
      const page = async (path: string) =>
        (await browser.fetch(`${product.appUrl}${path}`, { headers: { accept: 'text/html' } })).text();
      expect(await page('/')).not.toContain('/me/erasures/');
      const asked = await browser.fetch(`${product.appUrl}/me/data/erasure`, {
        method: 'POST',
        headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
        body: 'sure=true',
      });
      const place = asked.headers.get('location')!;
      const id = place.split('/').at(-1)!;
      const token = await product.bearer('teacher', school, teacher);
      await untilState(token, id, 'waiting_for_owner');
      // The session is good for this erasure only, in this browser.
      for (const path of ['/v1/me', '/me/data', `/evenings/${school.evening.id}`])
        expect([path, (await browser.fetch(`${product.appUrl}${path}`)).status]).toEqual([path, 401]);
      // Nothing else of the person is left, and the first page still leads there, after signing in again.
      const again = async (path: string) =>
        (await (await product.browser('teacher', school, teacher)).fetch(`${product.appUrl}${path}`)).text();
      expect(await again('/')).toContain(`href="${place}"`);
      const waiting = await page(place);
      const connect = `/login/${login}?to=${encodeURIComponent(place)}`;
      expect(waiting.match(/href="\/login\/[^"]+"/g)).toEqual([`href="${connect}"`]);
      expect(waiting).not.toContain('binnen een minuut');
      const officer = await product.browser('privacy', school);
      const seen = await officer.fetch(`${product.appUrl}${place}`, { headers: { accept: 'text/html' } });
      expect([seen.status, /\/login\//.test(await seen.text())]).toEqual([200, false]);
      const connected = await product.connect(browser, login, teacher.email, place);
      expect([connected.status, new URL(connected.url).pathname]).toEqual([200, place]);
      await untilState(token, id, 'done');
      expect(product.live(teacher.email)).toEqual([]);
      const done = await page(place);
      expect(done).not.toContain('/login/');
      expect(await again('/')).not.toContain('/me/erasures/');
    },
  );

  it('opening the page in a browser with the login removes what waits, without another press', async () => {
    const { school, teacher, browser } = await aTeacherWithAMeeting();
    // Forgotten in another browser: nothing is lent any more, and this one's cookie stays good.
    const other = await product.browser('teacher', school, teacher);
    await product.send(other, 'DELETE', '/login/google');
    const token = await product.bearer('teacher', school, teacher);
    const { id } = (await (await ask(token, teacher.id)).json()) as Erasure;
    await untilState(token, id, 'waiting_for_owner');
    // The session ended with the erasure; signed in again, the login cookie of this browser counts.
    expect((await browser.fetch(`${product.appUrl}/me/erasures/${id}`)).status).toBe(401);
    await product.enter(browser, 'teacher', school, teacher);
    expect((await browser.fetch(`${product.appUrl}/me/erasures/${id}`)).status).toBe(200);
    await untilState(token, id, 'done');
    expect(product.live(teacher.email)).toEqual([]);
  });

  it('a privacy officer sees which of the school still wait, newest first, and nothing of another school', async () => {
    const [school, other] = [new ASchool(), new ASchool()];
    const teacher = school.teacher();
    const browser = await product.teacher(school);
    await product.emit(school.slot(1, { wanting: 'google-meet' }), school.slot(2), other.slot(1));
    await product.visit(browser);
    await product.untilReady(school);
    await product.send(browser, 'DELETE', '/login/google');
    const privacy = await product.bearer('privacy', school);
    const list = (token: string, query = '') =>
      product.get<{ rows: (Erasure & { late: boolean; cause: string })[] }>(token, `/v1/erasures${query}`);
    expect((await list(privacy)).rows).toEqual([]);
    const first = (await (await ask(privacy, school.parent(2).id)).json()) as Erasure;
    await untilState(privacy, first.id, 'done');
    const second = (await (await ask(privacy, teacher.id)).json()) as Erasure;
    await untilState(privacy, second.id, 'waiting_for_owner');
    const { rows } = await list(privacy);
    expect(rows.map(({ id, state, late, cause }) => [id, state, late, cause])).toEqual([
      [second.id, 'waiting_for_owner', false, 'request'],
      [first.id, 'done', false, 'request'],
    ]);
    const { receipt: _, ...alone } = (await (await see(privacy, second.id)).json()) as Erasure;
    expect(rows[0]).toEqual({ ...alone, late: false, cause: 'request' });
    expect(rows[0]!.provider.waiting).toBe(1);
    expect(JSON.stringify(rows)).not.toMatch(new RegExp(`${teacher.id}|${teacher.name}|eyJ`));
    const page = await product.call(privacy, 'GET', '/v1/erasures?limit=1');
    const next = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')![1]!;
    const last = await product.call(privacy, 'GET', next);
    expect(((await last.json()) as { rows: Erasure[] }).rows.map(({ id }) => id)).toEqual([first.id]);
    expect(last.headers.get('link')).toBeNull();
    // Another school's officer sees nothing of it, also with a cursor of this one.
    const stranger = await product.bearer('privacy', other);
    for (const query of ['', `?after=${second.id}`]) expect((await list(stranger, query)).rows).toEqual([]);
    for (const query of ['?limit=0', '?limit=201', '?after=x'])
      expect([query, (await product.call(privacy, 'GET', `/v1/erasures${query}`)).status]).toEqual([query, 422]);
  });

  it('unknown and foreign ids answer alike, whoever asks', async () => {
    const [school, other] = [new ASchool(), new ASchool()];
    await product.emit(school.slot(), other.slot());
    const strip = async (response: Response) => {
      const { requestId: _, ...body } = (await response.json()) as ProblemBody & { requestId: string };
      return [response.status, body];
    };
    const privacy = await product.bearer('privacy', school);
    const unknown = await strip(await ask(privacy, 'p-nobody'));
    expect(unknown[0]).toBe(404);
    expect(await strip(await ask(privacy, other.parent().id))).toEqual(unknown);
    for (const body of [{}, { everywhere: true }])
      expect(await strip(await ask(privacy, other.parent().id, body))).toEqual(unknown);
    expect(await strip(await ask(privacy, '\u0000'))).toEqual(unknown);
    const admin = await product.bearer(['admin', 'teacher'], school);
    expect(await strip(await ask(admin, school.parent().id))).toEqual(unknown);
    expect(await strip(await ask(await product.bearer('ops', null), school.parent().id))).toEqual(unknown);
    const open = (await (await ask(privacy, school.parent().id)).json()) as Erasure;
    const stranger = await product.bearer('privacy', other);
    const noErasure = await strip(await see(stranger, '00000000-0000-4000-8000-000000000000'));
    expect(noErasure[0]).toBe(404);
    expect(await strip(await see(stranger, open.id))).toEqual(noErasure);
    expect(await strip(await see(stranger, 'no-uuid'))).toEqual(noErasure);
    expect(await strip(await see(admin, open.id))).toEqual(noErasure);
    expect((await bare(`${product.appUrl}/v1/erasures/${open.id}`)).status).toBe(401);
  });

  it('everywhere is for the person alone, and covers all schools', async () => {
    const [school, other] = [new ASchool(), new ASchool()];
    const parent = school.parent();
    await product.emit(school.slot(1, { parents: [parent] }), other.slot(1, { parents: [parent] }));
    const privacy = await product.bearer('privacy', school);
    expect((await ask(privacy, parent.id, { everywhere: true })).status).toBe(403);
    expect((await ask(privacy, parent.id, { everywhere: 'yes' })).status).toBe(422);
    const token = await product.bearer('parent', school, parent);
    const { erasures, school: first } = (await (await ask(token, parent.id, { everywhere: true })).json()) as Erasure;
    expect(first).toBe(school.id);
    expect(erasures!.map((one) => one.school)).toEqual([school.id, other.id]);
    for (const one of erasures!) await untilState(token, one.id, 'done');
    expect(await tablesHolding(product.db, parent.id, parent.name, parent.email)).toEqual([]);
  });
});
