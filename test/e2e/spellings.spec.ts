import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ASchool } from '../support/a-school.js';
import { Product, bare, type ProblemBody } from '../support/product.js';

// Real: HTTP, Postgres. Fake: the module and the providers (sandbox).

describe('R6 no other spelling of a request leads past a check', () => {
  let product: Product;
  let school: ASchool;
  let teacher: string;
  beforeAll(async () => {
    product = await Product.start();
    school = new ASchool();
    await product.emit(school.slot(1));
    teacher = await product.bearer('teacher', school, school.teacher());
  });
  afterAll(() => product?.close());

  it.each([
    ['GET', '/V1/me'],
    ['PATCH', `/V1/people/p-1`],
    ['POST', '/J/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['POST', '/v1/Events'],
    ['GET', '/OPS'],
  ])('a path in other letters is none: %s %s', async (method, path) => {
    const answer = await bare(`${product.appUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${teacher}`, origin: 'https://evil.example' },
    });
    expect(answer.status).toBe(404);
  });

  it.each([
    [{ provider: 'google-meet', eveningId: '\0' }, '/eveningId'],
    [{ provider: 'google-meet', timeslotIds: ['t-1', '\0'] }, '/timeslotIds/1'],
    [{ provider: 'google-meet', timeslotIds: ['\ud800'] }, '/timeslotIds/0'],
  ])('text that no row can hold is refused in a body: %j', async (body, pointer) => {
    const answer = await product.call(teacher, 'POST', '/v1/conferences', body);
    expect(answer.status).toBe(422);
    expect(((await answer.json()) as ProblemBody).errors).toMatchObject([{ pointer }]);
  });

  it('an event that is nested deeper than any stack is taken or refused, and breaks nothing', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const event = JSON.stringify(school.slot(2)).replace('"data":{', `"data":{"more":${deep},`);
    expect((await product.post(event)).status).toBeLessThan(500);
  });

  it('a body that is nested deeper than any stack is refused like another', async () => {
    const answer = await fetch(`${product.appUrl}/v1/conferences`, {
      method: 'POST',
      headers: { authorization: `Bearer ${teacher}`, 'content-type': 'application/json' },
      body: `{"provider":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    });
    expect(answer.status).toBe(422);
    expect(((await answer.json()) as ProblemBody).errors).toMatchObject([{ pointer: '/provider' }]);
  });

  it.each([
    ['person', { id: 'p\0' }, (own: ASchool) => own],
    ['half a character', { id: 'p\ud800' }, (own: ASchool) => own],
  ])('nobody is called so: %s', async (_, person, at) => {
    const token = await product.bearer('teacher', at(school), person);
    for (const [method, path] of [
      ['GET', '/v1/me'],
      ['POST', '/v1/visits'],
    ] as const)
      expect((await product.call(token, method, path)).status).toBe(401);
  });

  it('HEAD asks and does nothing: a stream ends, and a ticket stays unused', async () => {
    const stream = await fetch(`${product.appUrl}/v1/evenings/${school.evening.id}/progress/stream`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${teacher}` },
      signal: AbortSignal.timeout(5_000),
    });
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    const enter = await product.sandbox.module.enterUrl(
      { sub: 'p-head', school: school.id, roles: ['teacher'], name: 'Anne', email: 'a@school.example', locale: 'nl' },
      '/',
    );
    const looked = await bare(enter, { method: 'HEAD' });
    expect([looked.status, looked.headers.getSetCookie()]).toEqual([303, []]);
    expect((await bare(enter)).headers.getSetCookie()).toHaveLength(1);
  });
});
