import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { ASchool } from '../support/a-school.js';
import { Product, type ProblemBody } from '../support/product.js';

const SECOND = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const STRANGER = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

describe('P13 signed, replay-proof intake', () => {
  let product: Product;
  beforeAll(async () => {
    const eventSecret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
    product = await Product.start({ settings: { EVENT_SECRETS: `${eventSecret},${SECOND}` } });
    first = eventSecret;
  });
  afterAll(() => product?.close());
  let first = '';

  const post: Product['post'] = (body, wish) => product.post(body, { secret: first, ...wish });
  const problem = async (response: Response): Promise<ProblemBody> => {
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const body = (await response.json()) as ProblemBody;
    expect(body.status).toBe(response.status);
    expect(body.title).not.toBe('');
    expect(body.detail).not.toBe('');
    return body;
  };
  const results = async (response: Response) => {
    expect(response.status).toBe(202);
    return ((await response.json()) as { results: { id: string; status: string; url: string }[] }).results;
  };
  const rowsOf = (id: string) => product.db.query('select 1 from inbox where id = $1', [id]);

  it('takes an event in, and a replay is a duplicate with the same address', async () => {
    const event = new ASchool().slot();
    const [taken] = await results(await post(event));
    expect(taken).toMatchObject({ id: event.id, status: 'accepted' });
    const again = await results(await post(event));
    expect(again).toEqual([{ ...taken, status: 'duplicate' }]);
    expect(await rowsOf(event.id)).toHaveLength(1);
  });

  it('the address is the timeline, and answers to ops and support alone', async () => {
    const school = new ASchool();
    const event = { ...school.slot(), source: 'https://meetings.example/a?b=c&d', id: 'id/with äüß %2F' };
    const [taken] = await results(await post(event));
    expect(new URL(taken!.url).origin).toBe(product.appUrl);
    for (const token of [await product.bearer('ops', null), await product.bearer('support', school)]) {
      const timeline = await product.get<{ source: string; id: string; type: string; steps: { step: string }[] }>(
        token,
        taken!.url,
      );
      expect(timeline).toMatchObject({ source: event.source, id: event.id, type: event.type, status: 'accepted' });
      expect(timeline.steps[0]).toMatchObject({ step: 'received' });
      expect(JSON.stringify(timeline)).not.toMatch(/Canarissen|Vinkenburg|\/j\/|@/);
    }
    for (const role of ['teacher', 'parent', 'admin', 'privacy'] as const)
      expect((await product.call(await product.bearer(role, school), 'GET', taken!.url)).status).toBe(403);
    expect((await fetch(taken!.url)).status).toBe(401);
    const unknown = await product.call(await product.bearer('ops', null), 'GET', '/v1/events/urn:e2e/none');
    expect(unknown.status).toBe(404);
  });

  it('a version that is not above the stored one is stale, and nothing of the slot changes', async () => {
    const school = new ASchool();
    const [one, two] = [school.slot(), school.slot(1, { minutes: 20 })];
    await results(await post(two));
    expect(await results(await post(one))).toMatchObject([{ status: 'stale' }]);
    const row = await product.row(school);
    expect(row.end).toBe(two.data.timeslot.end);
  });

  it('refuses the same id with another body (409), and takes the same body in another order of members', async () => {
    const event = new ASchool().slot();
    await results(await post(event));
    const other = structuredClone(event);
    other.data.teacher.name = 'Somebody else';
    const body = await problem(await post(other));
    expect(body).toMatchObject({ status: 409, errors: [{ pointer: '/id' }] });
    const turned = Object.fromEntries(Object.entries(event).reverse());
    expect(await results(await post(turned))).toMatchObject([{ status: 'duplicate' }]);
  });

  it('takes a batch in order, the same event twice once, an empty one too', async () => {
    const school = new ASchool();
    const [a, b] = [school.slot(1), school.slot(2)];
    const answer = await results(await post([a, b, a]));
    expect(answer.map(({ id, status }) => [id, status])).toEqual([
      [a.id, 'accepted'],
      [b.id, 'accepted'],
      [a.id, 'duplicate'],
    ]);
    expect(await results(await post([]))).toEqual([]);
  });

  it('refuses a batch whole: pointers start with the place', async () => {
    const school = new ASchool();
    const [good, bad, other] = [school.slot(1), school.slot(2), school.slot(3)];
    bad.data.timeslot.end = bad.data.timeslot.start;
    expect(await problem(await post([good, bad]))).toMatchObject({
      status: 422,
      errors: [{ pointer: '/1/data/timeslot/end' }],
    });
    const twin = { ...structuredClone(good), subject: 'x', data: other.data };
    expect(await problem(await post([other, good, twin]))).toMatchObject({
      status: 409,
      errors: [{ pointer: '/2/id' }],
    });
    expect(await rowsOf(good.id)).toEqual([]);
    expect(await rowsOf(other.id)).toEqual([]);
  });

  it('tells more than 500 events (413) and a body over 2 MiB (413)', async () => {
    const event = new ASchool().slot();
    const list = Array.from({ length: 501 }, (_, n) => ({ ...event, id: `many-${n}` }));
    expect((await problem(await post(list))).status).toBe(413);
    const large = { ...event, filler: 'x'.repeat(2 * 1024 * 1024) };
    expect((await problem(await post(large))).status).toBe(413);
    expect(await rowsOf('many-0')).toEqual([]);
  });

  it.each([
    ['application/json'],
    ['text/plain'],
    ['application/cloudevents'],
    ['application/cloudevents+xml'],
    ['application/cloudevents+json; charset=utf-16'],
  ])('refuses %s (415): binary mode has headers that nobody signed', async (type) => {
    const body = await problem(
      await post(new ASchool().slot(), {
        type,
        headers: { 'ce-id': '1', 'ce-source': 'x', 'ce-type': 'y', 'ce-specversion': '1.0' },
      }),
    );
    expect(body.status).toBe(415);
  });

  it('takes its type with a charset, in any case', async () => {
    await results(await post(new ASchool().slot(), { type: 'Application/CloudEvents+JSON; charset=UTF-8' }));
  });

  it.each<[string, (event: ReturnType<ASchool['slot']>) => Parameters<Product['post']>[1]]>([
    ['by a stranger', () => ({ secret: STRANGER })],
    ['six minutes ago', () => ({ at: new Date(Date.now() - 6 * 60_000) })],
    ['six minutes ahead', () => ({ at: new Date(Date.now() + 6 * 60_000) })],
    ['over another body', (event) => ({ signedBody: JSON.stringify({ ...event, id: 'other' }) })],
    ['under another webhook-id', () => ({ headers: { 'webhook-id': 'msg_other' } })],
    ['under another time', () => ({ headers: { 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 1) } })],
    ['without a signature', () => ({ headers: { 'webhook-signature': undefined } })],
    ['without an id', () => ({ headers: { 'webhook-id': undefined } })],
    ['by an unknown scheme', () => ({ headers: { 'webhook-signature': 'v0,AAAA' } })],
  ])('refuses what is signed %s (401), and stores nothing', async (_name, wish) => {
    const event = new ASchool().slot();
    expect((await problem(await post(event, wish(event)))).status).toBe(401);
    expect(await rowsOf(event.id)).toEqual([]);
  });

  it('any live secret verifies, also one of several signatures', async () => {
    await results(await post(new ASchool().slot(), { secret: SECOND }));
    const body = JSON.stringify(new ASchool().slot());
    const [id, at] = ['msg_two', new Date()];
    const signatures = [STRANGER, SECOND].map((secret) => new Webhook(secret).sign(id, at, body)).join(' ');
    await results(await post(body, { id, at, headers: { 'webhook-signature': signatures } }));
  });

  it.each<[string, number, string, (event: Record<string, unknown>) => unknown]>([
    ['no JSON', 400, '', () => '{'],
    ['a list as one event', 400, '', (event) => ` ${JSON.stringify([event])}`],
    ['no id', 400, '/id', (event) => ({ ...event, id: undefined })],
    ['an empty source', 400, '/source', (event) => ({ ...event, source: '' })],
    ['no time', 400, '/time', (event) => ({ ...event, time: undefined })],
    ['a time without an offset', 400, '/time', (event) => ({ ...event, time: '2026-11-20T10:00:00' })],
    ['another specversion', 400, '/specversion', (event) => ({ ...event, specversion: '0.3' })],
    ['no specversion', 400, '/specversion', (event) => ({ ...event, specversion: undefined })],
    ['an unknown type', 422, '/type', (event) => ({ ...event, type: 'parentmeetings.timeslot.changed.v2' })],
    ['data in base64', 422, '/data_base64', (event) => ({ ...event, data_base64: 'AAAA' })],
    ['data that is XML', 422, '/datacontenttype', (event) => ({ ...event, datacontenttype: 'text/xml' })],
    ['no data', 422, '/data', (event) => ({ ...event, data: undefined })],
    [
      'a time six minutes ahead',
      422,
      '/time',
      (event) => ({ ...event, time: new Date(Date.now() + 6 * 60_000).toISOString() }),
    ],
    ['an id of 129 characters', 422, '/id', (event) => ({ ...event, id: 'x'.repeat(129) })],
  ])('tells %s (%i) and points at "%s"', async (_name, status, pointer, make) => {
    const event = new ASchool().slot() as unknown as Record<string, unknown>;
    const body = await problem(await post(make(event), { type: 'application/cloudevents+json' }));
    expect(body.status).toBe(status);
    expect(body.errors?.map((fault) => fault.pointer)).toContain(pointer);
  });

  it.each<[string, string, (data: ReturnType<ASchool['slot']>['data']) => unknown]>([
    ['an end before its start', '/data/timeslot/end', (data) => (data.timeslot.end = '2020-01-01T00:00:00Z')],
    ['an unknown zone', '/data/school/timeZone', (data) => (data.school = { ...data.school, timeZone: 'Mars/Base' })],
    ['30 February', '/data/timeslot/start', (data) => (data.timeslot.start = '2027-02-30T10:00:00Z')],
    ['a status of its own', '/data/timeslot/status', (data) => (data.timeslot.status = 'moved' as never)],
    ['a version below 0', '/data/timeslot/version', (data) => (data.timeslot.version = -1)],
    ['a name with U+0000', '/data/teacher/name', (data) => (data.teacher.name = 'A\u0000B')],
    ['a lone surrogate', '/data/parents/0/name', (data) => (data.parents[0]!.name = 'A\ud800')],
    ['a name of 201', '/data/evening/name', (data) => (data.evening = { ...data.evening, name: 'n'.repeat(201) })],
    ['an address of 255', '/data/parents/0/email', (data) => (data.parents[0]!.email = `${'a'.repeat(245)}@b.example`)],
    ['another provider', '/data/conference/provider', (data) => (data.conference = { provider: 'zoom' as never })],
    ['no parents at all', '/data/parents', (data) => delete (data as Partial<typeof data>).parents],
  ])('tells %s (422) at %s', async (_name, pointer, spoil) => {
    const event = new ASchool().slot();
    spoil(event.data);
    const body = await problem(await post(event));
    expect(body.status).toBe(422);
    expect(body.errors?.map((fault) => fault.pointer)).toEqual([pointer]);
    expect(await rowsOf(event.id)).toEqual([]);
  });

  it('judges type, size, signature, form, data and sameness in that order', async () => {
    const event = new ASchool().slot();
    const spoilt = { ...event, specversion: '2', data: { ...event.data, parents: null } };
    const large = { ...spoilt, filler: 'x'.repeat(2 * 1024 * 1024) };
    const wrong = { secret: STRANGER };
    expect((await post(large, { ...wrong, type: 'text/plain' })).status).toBe(415);
    expect((await post(large, wrong)).status).toBe(413);
    expect((await post(spoilt, wrong)).status).toBe(401);
    expect((await post(spoilt)).status).toBe(400);
    await results(await post(event));
    expect((await post({ ...spoilt, specversion: '1.0' })).status).toBe(422);
    expect((await post({ ...event, source: event.source, subject: 'changed' })).status).toBe(409);
  });

  it('ignores members that it does not know', async () => {
    const event = new ASchool().slot();
    await results(
      await post({
        ...event,
        extension: 1,
        data: { ...event.data, news: {}, parents: [{ ...event.data.parents[0], x: 1 }] },
      }),
    );
  });

  it('a slot without parents is a slot all the same', async () => {
    const school = new ASchool();
    await results(await post(school.slot(1, { parents: [] })));
    expect((await product.row(school)).status).toBeNull();
  });
});
