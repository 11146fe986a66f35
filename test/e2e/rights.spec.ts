import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ASchool, type SlotEvent } from '../support/a-school.js';
import { Product, type ProblemBody } from '../support/product.js';

// Real: HTTP, Postgres, the seals, the mails, the audit with its checkpoints. Fake: the module and the providers (sandbox).

interface Data {
  id: string;
  person: { name: string; email: string; locale: string; source: string } | null;
  asParent: { timeslotId: string; teacher: { name: string }; about: string | null; joinLink?: string | null }[];
  asTeacher: { timeslotId: string }[];
  meetings: { meetingUrl?: string | null; account: string | null }[];
  looks: { action: string; by: { role: string; id?: string }; reason?: string }[];
}
interface Entry {
  sequence: number;
  action: string;
  actor: { kind: string; id: string | null; role: string | null };
  person: string | null;
  timeslot: string | null;
  reason: string | null;
  detail: Record<string, unknown> | null;
}

let product: Product;
let school: ASchool;
let other: ASchool;
let parent: string;
let teacher: string;
let privacy: string;
let support: string;
const officer = { id: `p-officer-${randomUUID().slice(0, 8)}`, name: 'Officer' };
const helper = { id: `p-helper-${randomUUID().slice(0, 8)}`, name: 'Helper' };

const withAbout = (event: SlotEvent, about: string): SlotEvent => ({
  ...event,
  data: { ...event.data, parents: event.data.parents.map((one) => ({ ...one, about, household: 'h-1' })) },
});
const dataOf = (token: string, id: string) => product.get<Data>(token, `/v1/people/${encodeURIComponent(id)}/data`);
const audit = async (query = '') => (await product.get<{ rows: Entry[] }>(privacy, `/v1/audit${query}`)).rows;

beforeAll(async () => {
  product = await Product.start();
  school = new ASchool();
  other = new ASchool();
  const shared = withAbout(school.slot(1), 'Deniz');
  // Two parents of one household share the slot.
  shared.data.parents.push({ ...school.parent(2), household: 'h-1', about: 'Deniz' });
  await product.emit(shared, other.slot(1));
  parent = await product.bearer('parent', school, school.parent());
  teacher = await product.bearer('teacher', school, school.teacher());
  privacy = await product.bearer('privacy', school, officer);
  support = await product.bearer('support', school, helper);
}, 60_000);
afterAll(() => product?.close());

describe('R13 a person sees the own data, and a parent that of the child', () => {
  it('shows everything that is held, with the own link, and nobody else', async () => {
    const data = await dataOf(parent, school.parent().id);
    expect(data.person).toMatchObject({ name: school.parent().name, email: school.parent().email, locale: 'nl' });
    expect(data.asParent).toEqual([
      expect.objectContaining({
        timeslotId: school.slotId(),
        about: 'Deniz',
        teacher: { name: school.teacher().name },
      }),
    ]);
    expect(data.asParent[0]!.joinLink).toMatch(/\/j\/[\w-]{43}$/);
    // The other parent of the household is named nowhere.
    expect(JSON.stringify(data)).not.toMatch(
      new RegExp(`${school.parent(2).id}|${school.parent(2).name}|${school.parent(2).email}`),
    );
    const own = await dataOf(teacher, school.teacher().id);
    expect(own.asTeacher.map(({ timeslotId }) => timeslotId)).toContain(school.slotId());
    expect(JSON.stringify(own)).not.toContain('Vinkenburg');
  });

  it('is a file or a page to take along', async () => {
    const path = `/v1/people/${school.parent().id}/export`;
    const file = await product.call(parent, 'GET', path);
    expect(file.headers.get('content-disposition')).toBe('attachment; filename=my-data.json');
    expect(file.headers.get('content-type')).toMatch(/^application\/json/);
    expect(((await file.json()) as Data).person?.email).toBe(school.parent().email);
    const page = await product.call(parent, 'GET', `${path}?format=html`);
    expect(page.headers.get('content-disposition')).toBe('attachment; filename=my-data.html');
    const html = await page.text();
    expect(html).toContain(school.parent().email);
    expect(html).toContain('Deniz');
    expect((await product.call(parent, 'GET', `${path}?format=xml`)).status).toBe(422);
    // A file that staff take along is not theirs, and names nobody.
    for (const format of ['json', 'html']) {
      const taken = await product.call(privacy, 'GET', `${path}?format=${format}`);
      expect(taken.headers.get('content-disposition')).toBe(`attachment; filename=personal-data.${format}`);
    }
  });

  it('answers a browser with a page and a program with JSON', async () => {
    const path = `/v1/people/${school.parent().id}/data`;
    const page = await product.call(parent, 'GET', path, undefined, { accept: 'text/html,*/*;q=0.8' });
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await page.text()).toContain(school.parent().name);
    expect((await product.call(parent, 'GET', path)).headers.get('content-type')).toMatch(/^application\/json/);
  });

  it('the page and the copy say "you" to the person, and to staff that the look is written down', async () => {
    const { id } = school.parent();
    const looked = 'Deze blik is opgeschreven.';
    for (const path of [`/v1/people/${id}/data`, `/v1/people/${id}/export?format=html`]) {
      const html = async (token: string) =>
        (await product.call(token, 'GET', path, undefined, { accept: 'text/html' })).text();
      expect(await html(parent)).toContain('<h1>Uw gegevens</h1>');
      expect(await html(parent)).not.toContain(looked);
      for (const token of [privacy, support]) {
        expect(await html(token)).toContain(`<h1>Gegevens van ${id}</h1>`);
        expect(await html(token)).toContain(looked);
      }
    }
  });

  it('tells who is signed in and of whom nothing is held just that', async () => {
    const nobody = await product.bearer('parent', school, { id: `p-new-${randomUUID()}`, name: 'New' });
    const me = await product.get<{ person: { id: string } }>(nobody, '/v1/me');
    expect(await dataOf(nobody, me.person.id)).toMatchObject({ person: null, asParent: [], looks: [] });
    expect((await product.call(nobody, 'PATCH', `/v1/people/${me.person.id}`, { name: 'X' })).status).toBe(404);
  });
});

describe('R12, R13 whose data a caller may see', () => {
  it.each<[string, () => string]>([
    ['a parent', () => parent],
    ['a teacher', () => teacher],
  ])('%s sees the own only; all others are unknown, whether they are there or not', async (_name, token) => {
    const bodies = [];
    for (const id of [school.parent(2).id, other.parent().id, 'p-nobody']) {
      for (const [method, path, body] of [
        ['GET', 'data', undefined],
        ['GET', 'export', undefined],
        ['PATCH', '', { name: 'Taken over' }],
      ] as const) {
        const response = await product.call(token(), method, `/v1/people/${id}${path && `/${path}`}`, body);
        expect(response.status).toBe(404);
        const { requestId: _, ...problem } = (await response.json()) as ProblemBody & { requestId: string };
        bodies.push(JSON.stringify(problem));
      }
    }
    expect(new Set(bodies).size).toBe(1);
  });

  it('a privacy officer sees everybody of the own school, without what opens a meeting', async () => {
    const data = await dataOf(privacy, school.parent().id);
    expect(data.person?.email).toBe(school.parent().email);
    expect(data.asParent[0]!.joinLink).toBeUndefined();
    for (const id of [other.parent().id, 'p-nobody'])
      expect((await product.call(privacy, 'GET', `/v1/people/${id}/data`)).status).toBe(404);
  });

  it('support sees names and addresses masked, no link, and changes nothing', async () => {
    const text = JSON.stringify(await dataOf(support, school.parent().id));
    expect(text).toContain('O••• V•••');
    expect(text).toMatch(/p•••@s•••\.example/);
    expect(text).not.toMatch(/Vinkenburg|Canarissen|Deniz|parent-1@|\/j\//);
    expect((await product.call(support, 'PATCH', `/v1/people/${school.parent().id}`, { name: 'X' })).status).toBe(404);
  });
});

describe('R13 a person puts the own data right', () => {
  const correct = (token: string, id: string, body: unknown) => product.call(token, 'PATCH', `/v1/people/${id}`, body);
  const at = (event: SlotEvent, seconds: number): SlotEvent => ({
    ...event,
    time: new Date(Date.now() + seconds * 1000).toISOString(),
  });

  it('holds against events that are older, and until one that is later', async () => {
    const { id } = school.parent(5);
    const token = await product.bearer('parent', school, school.parent(5));
    await product.emit(at(withAbout(school.slot(5, { parents: [school.parent(5)] }), 'Dennis'), -60));
    const answer = await correct(token, id, {
      name: 'Ouder Goudvink',
      email: 'goudvink@new.example',
      locale: 'en',
      about: 'Denise',
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ person: { name: 'Ouder Goudvink', source: 'corrected here' } });
    // Sent before the correction, heard after it: another slot, with the old data.
    await product.emit(at(withAbout(school.slot(6, { parents: [school.parent(5)] }), 'Dennis'), -30));
    const held = await dataOf(token, id);
    expect(held.person).toMatchObject({ name: 'Ouder Goudvink', email: 'goudvink@new.example', locale: 'en' });
    expect(held.asParent.map(({ about }) => about)).toEqual(['Denise', 'Denise']);
    await product.emit(at(withAbout(school.slot(6, { parents: [school.parent(5)] }), 'Dennis'), 60));
    const told = await dataOf(token, id);
    expect(told.person).toMatchObject({ name: school.parent(5).name, source: 'the parent-meetings module' });
    expect(new Set(told.asParent.map(({ about }) => about))).toEqual(new Set(['Denise', 'Dennis']));
  });

  it('counts at once: the next mail goes to the new address', async () => {
    const { id } = school.parent(7);
    const token = await product.bearer('parent', school, school.parent(7));
    await product.emit(at(school.slot(7, { parents: [school.parent(7)] }), -60));
    expect((await correct(token, id, { email: 'moved@elsewhere.example' })).status).toBe(200);
    await product.teacher(school);
    await product.emit(at(school.slot(7, { parents: [school.parent(7)], wanting: 'google-meet' }), -30));
    await product.sandbox.mailbox.waitFor(({ envelope }) => envelope.to.includes('moved@elsewhere.example'), 20_000);
    expect(product.sandbox.mailbox.to(school.parent(7).email)).toEqual([]);
  }, 60_000);

  it.each<[unknown, string]>([
    [{ name: '' }, '/name'],
    [{ name: '\u200b' }, '/name'],
    [{ name: 'Anne \u202Egro.live' }, '/name'],
    [{ email: '<anne@mail.example>' }, '/email'],
    [{ email: 'anne@mail.example,eve@mail.example' }, '/email'],
    [{ name: 'x'.repeat(201) }, '/name'],
    [{ name: 'a\u0000b' }, '/name'],
    [{ name: '\ud800' }, '/name'],
    [{ name: 7 }, '/name'],
    [{ name: ' \t ' }, '/name'],
    [{ name: '   ' }, '/name'],
    [{ name: 'Ouder\r\nBcc: all@school.example' }, '/name'],
    [{ name: 'Ouder\u2028Twee' }, '/name'],
    [{ email: 'nobody' }, '/email'],
    [{ email: 'a\u0001@x.example' }, '/email'],
    [{ email: 'a@x.example\r\nBcc: b@x.example' }, '/email'],
    [{ email: `${'x'.repeat(250)}@x.example` }, '/email'],
    [{ locale: 'n' }, '/locale'],
    [{ locale: 'not a language' }, '/locale'],
    [{ locale: 'nederlands' }, '/locale'],
    [{ locale: 'xx-invalid' }, '/locale'],
    [{ locale: 'xx' }, '/locale'],
    [{ locale: 'en-' }, '/locale'],
    [{ locale: 'nl\n' }, '/locale'],
    [{ locale: 'x'.repeat(36) }, '/locale'],
    [{ about: 'Deniz\nYılmaz' }, '/about'],
    [{ about: 'x'.repeat(201) }, '/about'],
    [{ email: null }, '/email'],
    [{}, ''],
    [[], ''],
    [{ school: 's-2' }, ''],
  ])('refuses %j with a pointer', async (body, pointer) => {
    const response = await correct(parent, school.parent().id, body);
    expect(response.status).toBe(422);
    expect(((await response.json()) as ProblemBody).errors).toEqual([{ pointer, detail: expect.any(String) }]);
  });

  it('says all that is wrong at once, and takes every language tag that mails can read', async () => {
    const response = await correct(parent, school.parent().id, { name: ' ', email: 'x', locale: '-', about: 1 });
    const { errors } = (await response.json()) as ProblemBody;
    expect(errors!.map(({ pointer }) => pointer)).toEqual(['/name', '/email', '/locale', '/about']);
    for (const { detail } of errors!) expect(detail).toMatch(/^must /);
    for (const locale of ['tr', 'nl-BE', 'nl_BE', 'zh-Hans-CN', 'fy', 'kab', 'zgh', 'NL', 'nl'])
      expect([locale, (await correct(parent, school.parent().id, { locale })).status]).toEqual([locale, 200]);
  });

  it('works on the own page, and only from it', async () => {
    const browser = await product.browser('parent', school, school.parent(2));
    const page = await (await browser.fetch(`${product.appUrl}/me/data`)).text();
    expect(page).toContain(school.parent(2).email);
    const form = new URLSearchParams({
      name: 'Ouder Twee',
      email: school.parent(2).email,
      locale: 'nl',
      about: 'Deniz',
    });
    const send = (origin: string) =>
      browser.fetch(`${product.appUrl}/me/data`, {
        method: 'POST',
        headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
        body: form.toString(),
      });
    expect((await send('https://elsewhere.example')).status).toBe(403);
    const sent = await send(product.appUrl);
    expect([sent.status, sent.headers.get('location')]).toEqual([303, '/me/data?saved=true']);
    expect(await (await browser.fetch(`${product.appUrl}/me/data`)).text()).toContain('Ouder Twee');
  });
});

describe('R13 a form on the own page that cannot be saved', () => {
  const post = async (path: string, body: string, accept: string) => {
    const browser = await product.browser('parent', school, school.parent());
    return browser.fetch(`${product.appUrl}${path}`, {
      method: 'POST',
      headers: { accept, 'content-type': 'application/x-www-form-urlencoded' },
      body,
    });
  };
  const wrong = 'name=Ouder+Nieuw&email=geen+adres&locale=nl';

  it('is the same page, with what was typed and what to do beside the field; nothing is changed', async () => {
    const before = (await dataOf(parent, school.parent().id)).person;
    const response = await post('/me/data', wrong, 'text/html,*/*;q=0.8');
    expect([response.status, response.headers.get('content-type')]).toEqual([422, 'text/html; charset=utf-8']);
    const html = await response.text();
    for (const part of ['value="Ouder Nieuw"', 'value="geen adres"', 'id="email-wrong"', 'Vul één e-mailadres in'])
      expect(html).toContain(part);
    expect(html).not.toContain('id="name-wrong"');
    expect((await dataOf(parent, school.parent().id)).person).toEqual(before);
  });

  it('is a problem to a program', async () => {
    const response = await post('/me/data', wrong, '*/*');
    expect(response.status).toBe(422);
    expect(((await response.json()) as ProblemBody).errors).toEqual([
      { pointer: '/email', detail: expect.any(String) },
    ]);
  });

  it('without the tick nothing is erased; another word than true or false is refused', async () => {
    const page = await post('/me/data/erasure', '', 'text/html');
    expect(page.status).toBe(422);
    expect(await page.text()).toContain('id="sure-wrong"');
    expect((await post('/me/data/erasure', 'sure=false', '*/*')).status).toBe(422);
    expect((await post('/me/data/erasure', 'sure=on', '*/*')).status).toBe(400);
    expect((await dataOf(parent, school.parent().id)).person).not.toBeNull();
  });
});

describe('R12 every look and change of staff is written down, with a reason', () => {
  it('shows a look with who, whom and why; none given is said so', async () => {
    const { id } = school.parent(2);
    await product.call(privacy, 'GET', `/v1/people/${id}/data`, undefined, { 'x-reason': 'asked by phone' });
    await product.call(support, 'GET', `/v1/people/${id}/data?reason=mail%20lost`);
    await product.call(support, 'GET', `/v1/people/${id}/export`);
    await product.call(privacy, 'PATCH', `/v1/people/${id}`, { locale: 'en' }, { 'x-reason': 'letter' });
    const looks = (await audit(`?person=${id}`)).filter(
      ({ actor }) => actor.role === 'privacy' || actor.role === 'support',
    );
    expect(looks.map(({ action, actor, person, reason }) => [action, actor.id, person, reason]).slice(0, 4)).toEqual([
      ['person.corrected', officer.id, id, 'letter'],
      ['person.exported', helper.id, id, 'not given'],
      ['person.looked-at', helper.id, id, 'mail lost'],
      ['person.looked-at', officer.id, id, 'asked by phone'],
    ]);
    // Whatever else staff do.
    const why = { 'x-reason': 'asked by letter' };
    await product.emit(school.slot(9, { wanting: 'google-meet' }));
    const admin = await product.bearer('admin', school, { id: `p-admin-${school.id}` });
    for (const [token, method, path] of [
      [privacy, 'GET', '/v1/erasures'],
      [privacy, 'GET', '/v1/audit/verify'],
      [admin, 'GET', `/v1/evenings/${school.evening.id}/progress`],
      [admin, 'DELETE', `/v1/timeslots/${school.slotId(9)}/conference`],
      [privacy, 'POST', `/v1/people/${school.parent(9).id}/erasure`],
    ] as const) {
      const answer = await product.call(token, method, path, undefined, why);
      expect([path, answer.ok]).toEqual([path, true]);
    }
    const done = (await audit('')).filter(({ reason }) => reason === 'asked by letter').map(({ action }) => action);
    expect(done.sort()).toEqual([
      'audit.verified',
      'conference.removed',
      'erasure.looked-at',
      'erasure.requested',
      'evening.looked-at',
    ]);
    // Whom it is about sees it too, and by which role; not who the colleague is.
    const browser = await product.bearer('parent', school, school.parent(2));
    const own = (await dataOf(browser, id)).looks.filter(
      ({ by, action }) => by.role === 'privacy' && action.startsWith('person.'),
    );
    expect(own[0]).toMatchObject({ action: 'person.corrected', by: { kind: 'person', role: 'privacy' } });
    expect(JSON.stringify(own)).not.toContain(officer.id);
    expect((await product.call(privacy, 'GET', `/v1/people/${id}/data?reason=${'x'.repeat(501)}`)).status).toBe(422);
  });

  it('writes down wishes, events, looks of admins and ops, and the look into the audit itself', async () => {
    await product.call(teacher, 'POST', '/v1/conferences', { provider: 'google-meet', timeslotIds: [school.slotId()] });
    await product.call(teacher, 'DELETE', `/v1/timeslots/${school.slotId()}/conference`);
    const admin = await product.bearer('admin', school, { id: 'p-admin', name: 'Admin' });
    await product.get(admin, `/v1/evenings/${school.evening.id}/conferences`);
    const event = school.slot(8);
    await product.emit(event);
    const ops = await product.bearer('ops', null, { id: 'p-ops', name: 'Ops' });
    await product.get(ops, `/v1/events/${encodeURIComponent(event.source)}/${event.id}`);
    const seen = (await audit('?limit=200')).map(({ action, actor, timeslot }) => [
      action,
      actor.role ?? actor.kind,
      timeslot,
    ]);
    expect(seen).toEqual(
      expect.arrayContaining([
        ['conference.wanted', 'teacher', school.slotId()],
        ['conference.removed', 'teacher', school.slotId()],
        ['evening.looked-at', 'admin', null],
        ['event.taken-in', 'program', school.slotId(8)],
        ['event.looked-at', 'ops', null],
        ['audit.looked-at', 'privacy', null],
      ]),
    );
  });

  it('is a list with pages and filters, newest first, of the own school only', async () => {
    const first = await product.call(privacy, 'GET', '/v1/audit?limit=2&action=event.taken-in');
    const { rows } = (await first.json()) as { rows: Entry[] };
    expect(rows.map(({ action }) => action)).toEqual(['event.taken-in', 'event.taken-in']);
    expect(rows[0]!.sequence).toBeGreaterThan(rows[1]!.sequence);
    const link = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')![1]!;
    const second = await product.get<{ rows: Entry[] }>(privacy, link);
    expect(second.rows[0]!.sequence).toBeLessThan(rows[1]!.sequence);
    expect(await audit(`?to=2020-01-01T00:00:00Z`)).toEqual([]);
    expect(await audit('?person=p-nobody')).toEqual([]);
    expect(JSON.stringify(await audit('?limit=200'))).not.toContain(other.slotId());
    for (const query of ['limit=0', 'after=x', 'action=nothing', 'from=yesterday', 'person='])
      expect([query, (await product.call(privacy, 'GET', `/v1/audit?${query}`)).status]).toEqual([query, 422]);
    for (const token of [parent, teacher, support])
      expect((await product.call(token, 'GET', '/v1/audit')).status).toBe(403);
  });

  it('verifies, and says what is wrong where somebody altered it', async () => {
    const verdict = () => product.get<{ ok: boolean; entries: number; faults: unknown[] }>(privacy, '/v1/audit/verify');
    await audit();
    const before = await verdict();
    expect(before).toMatchObject({ ok: true, faults: [] });
    expect(before.entries).toBeGreaterThan(5);
    await product.db.query('alter table audit_entries disable trigger all');
    await product.db.query(`update audit_entries set action = 'nothing' where school_id = $1 and sequence = 3`, [
      school.id,
    ]);
    expect(await verdict()).toMatchObject({ ok: false, faults: [{ sequence: 3, what: 'altered' }] });
  });
});

describe('R9 what we store is there to read', () => {
  it('as a page in both languages and as JSON, for everybody', async () => {
    const page = async (language: string) => {
      const headers = { accept: 'text/html', 'accept-language': language };
      return (await fetch(`${product.appUrl}/what-we-store`, { headers })).text();
    };
    expect(await page('nl')).toContain('naam en e-mailadres');
    expect(await page('en')).toContain('name and e-mail address');
    for (const [accept, language] of [
      ['en;q=0.1, nl;q=0.9', 'nl'],
      ['nl;q=0.8,en', 'en'],
      ['de, nl-BE;q=0.5, en;q=0.4', 'nl'],
      ['nl-NL,en', 'nl'],
      ['nl;q=0, en;q=0.1', 'en'],
      ['tr, *;q=0.1', 'en'],
    ] as const)
      expect([accept, /<html lang="(\w+)"/.exec(await page(accept))?.[1]]).toEqual([accept, language]);
    const json = await fetch(`${product.appUrl}/what-we-store`, { headers: { accept: 'application/json' } });
    const { rows } = (await json.json()) as { rows: { table: string; column: string }[] };
    const columns = await product.db.query<{ name: string }>(
      `select table_name || '.' || column_name as name from information_schema.columns where table_schema = 'public' and table_name <> 'migrations'`,
    );
    expect(rows.map(({ table, column }) => `${table}.${column}`).sort()).toEqual(
      columns.map(({ name }) => name).sort(),
    );
  });

  it('is linked from the privacy statement', async () => {
    expect(await (await fetch(`${product.appUrl}/privacy`)).text()).toContain('href="/what-we-store"');
  });
});
