import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { Webhook } from 'standardwebhooks';
import { startSandbox, type EventsRefused, type ModuleEvent, type Sandbox } from '../../apps/sandbox/src/index.js';

interface Received {
  type: string | undefined;
  events: ModuleEvent[];
  id: string;
}

describe('The small parent-meetings module speaks the outside contract', () => {
  let sandbox: Sandbox;
  let product: Server;
  let received: Received[];
  /** Answers to give before 202. */
  let statuses: number[];

  beforeAll(async () => {
    // A product that checks signatures and nothing else.
    product = createServer((request, response) => {
      void text(request).then((body) => {
        const headers = request.headers as Record<string, string>;
        const status = statuses.shift() ?? 202;
        const events = [new Webhook(sandbox.module.eventSecret).verify(body, headers)].flat() as ModuleEvent[];
        received.push({ type: headers['content-type'], events, id: headers['webhook-id'] ?? '' });
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ results: events.map(({ id }) => ({ id, status: 'accepted' })) }));
      });
    });
    await new Promise<void>((resolve) => product.listen(0, '127.0.0.1', resolve));
    sandbox = await startSandbox({ appUrl: `http://127.0.0.1:${(product.address() as AddressInfo).port}/` });
  });
  beforeEach(() => {
    received = [];
    statuses = [];
  });
  afterAll(async () => {
    await sandbox.close();
    product.close();
  });

  it('signs tokens and tickets that its own keys verify, with their own audience and life', async () => {
    const { HOST_ISSUER = '', HOST_JWKS_URL = '', EVENT_SECRETS } = sandbox.settings;
    const keys = createRemoteJWKSet(new URL(HOST_JWKS_URL));
    const wish = { sub: 'p-1', school: 's-1', roles: ['teacher'], name: 'Anne', email: 'a@x.example', locale: 'nl' };
    const bearer = await jwtVerify(await sandbox.module.token(wish), keys, {
      issuer: HOST_ISSUER,
      audience: 'video-conferences',
    });
    const ticket = await jwtVerify(await sandbox.module.ticket(wish), keys, { audience: 'video-conferences/enter' });
    expect(bearer.payload).toMatchObject(wish);
    expect(bearer.protectedHeader.alg).toBe('ES256');
    expect((ticket.payload.exp ?? 0) - (ticket.payload.iat ?? 0)).toBe(60);
    expect(ticket.payload.jti).not.toBe(bearer.payload.jti);
    expect(EVENT_SECRETS).toBe(sandbox.module.eventSecret);
  });

  it('sends one event alone, more as batches of at most 500, all signed', async () => {
    const events = sandbox.module.planEvening({ teachers: 3, slotsPerTeacher: 334, provider: 'google-meet' });
    expect(await sandbox.module.emit(events)).toHaveLength(1002);
    await sandbox.module.emit(events.slice(0, 1));
    expect(received.map(({ type, events: sent }) => [type, sent.length])).toEqual([
      ['application/cloudevents-batch+json', 500],
      ['application/cloudevents-batch+json', 500],
      ['application/cloudevents-batch+json', 2],
      ['application/cloudevents+json', 1],
    ]);
    expect(received.flatMap(({ events: sent }) => sent).slice(0, 1002)).toEqual(events);
  });

  it('tries again with the same id while the product is busy, and tells of a refusal', async () => {
    statuses = [503, 500];
    const [event] = sandbox.module.seed();
    if (!event) throw new Error('The seed is empty');
    await sandbox.module.emit([event]);
    expect(new Set(received.map(({ id }) => id)).size).toBe(1);
    expect(received).toHaveLength(3);
    statuses = [422];
    await expect(sandbox.module.emit([event])).rejects.toMatchObject({ status: 422 } satisfies Partial<EventsRefused>);
  });

  it('seeds De Regenboog: tomorrow evening, three teachers, five slots each, no wish yet', () => {
    const events = sandbox.module.seed();
    expect(events).toHaveLength(15);
    expect(events[0]?.data.timeslot.start).toMatch(/T19:00:00\+0[12]:00$/u);
    expect(new Set(events.map(({ data }) => data.teacher.email)).size).toBe(3);
    expect(new Set(events.map(({ data }) => data.parents[0]?.locale))).toEqual(new Set(['nl', 'tr', 'pl', 'en']));
    expect(events.every(({ data }) => !('conference' in data))).toBe(true);
    const again = sandbox.module.planEvening({ teachers: 3, slotsPerTeacher: 5 });
    expect(again.map(({ data }) => data)).toEqual(events.map(({ data }) => data));
  });

  it('moves, cancels and plans again with a higher version', () => {
    const [first] = sandbox.module.seed();
    const id = first?.data.timeslot.id ?? '';
    const moved = sandbox.module.change(id, { moveMinutes: 10 });
    const cancelled = sandbox.module.change(id, { status: 'cancelled' });
    expect(Date.parse(moved.data.timeslot.start) - Date.parse(first?.data.timeslot.start ?? '')).toBe(600_000);
    expect(cancelled.data.timeslot).toMatchObject({
      version: 3,
      status: 'cancelled',
      start: moved.data.timeslot.start,
    });
    expect(sandbox.module.restated().find(({ subject }) => subject === id)).toEqual(cancelled);
    expect(() => sandbox.module.change('none', {})).toThrow('plan an evening first');
  });

  it('has a page that plans, changes, and signs in with a ticket', async () => {
    const click = (path: string, fields: Record<string, string> = {}) =>
      fetch(`${sandbox.url}/module${path}`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
    sandbox.module.seed();
    expect((await click('/plan')).status).toBe(303);
    expect(received.flatMap(({ events }) => events)).toHaveLength(sandbox.module.slots.size);
    const [slot] = sandbox.module.slots.keys();
    await click(`/slots/${slot}/cancel`);
    expect(received.at(-1)?.events[0]).toMatchObject({ data: { timeslot: { id: slot, status: 'cancelled' } } });
    const page = await (await fetch(`${sandbox.url}/module`)).text();
    expect(page).toContain('Plan again');
    const entered = await click('/sign-in', { person: 'p-t1' });
    const url = new URL(entered.headers.get('location') ?? '');
    expect([entered.status, url.pathname, url.searchParams.get('to')]).toEqual([
      303,
      '/enter',
      `/evenings/${sandbox.module.slots.get(slot ?? '')?.evening.id}`,
    ]);
    expect(url.searchParams.get('ticket')).toMatch(/^ey/u);
    expect((await click('/sign-in', { person: 'nobody' })).status).toBe(404);
  });
});
