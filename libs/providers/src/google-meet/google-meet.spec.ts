import { inspect } from 'node:util';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Secret } from '#libs/encryption';
import type { MeetingWish, ProviderAccess } from '../meeting-provider.js';
import { GoogleMeet } from './google-meet.js';

const APP_CREATED = 'https://www.googleapis.com/auth/calendar.app.created';
const access: ProviderAccess = { accessToken: new Secret('planted-token'), signal: new AbortController().signal };
const wish: MeetingWish = {
  key: 'a'.repeat(32),
  place: new Secret('planted-calendar'),
  id: null,
  start: new Date('2026-11-24T18:10:00Z'),
  end: new Date('2026-11-24T18:20:00Z'),
  timeZone: 'Europe/Amsterdam',
  title: 'Parent meeting',
};
const event = (more: object = {}) => ({
  id: wish.key,
  etag: '"1"',
  status: 'confirmed',
  start: { dateTime: '2026-11-24T19:10:00+01:00' },
  end: { dateTime: '2026-11-24T19:20:00+01:00' },
  hangoutLink: 'https://meet.google.com/abc',
  ...more,
});
const failing = event({
  hangoutLink: undefined,
  conferenceData: { createRequest: { status: { statusCode: 'failure' } } },
});
const refusal = (status: number, reason = 'x') =>
  Response.json({ error: { code: status, message: 'planted-text', errors: [{ reason }] } }, { status });
const noContent = () => new Response(null, { status: 204 });
const calls: { url: URL; method: string; headers: Headers; body: Record<string, unknown> }[] = [];

/** Google answers these, one after the other; the last one again and again. */
const googleSays = (...answers: unknown[]) =>
  jest.spyOn(globalThis, 'fetch').mockImplementation((input, init) => {
    calls.push({
      url: new URL(input instanceof Request ? input.url : input),
      method: init?.method ?? 'GET',
      headers: new Headers(init?.headers),
      body: typeof init?.body === 'string' ? (JSON.parse(init.body) as Record<string, unknown>) : {},
    });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    return Promise.resolve(answer instanceof Response ? answer.clone() : Response.json(answer));
  });

const meet = new GoogleMeet({ apiUrl: 'https://www.googleapis.com/', scope: APP_CREATED });
const methods = () => calls.map(({ method }) => method);
const errorOf = async (work: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await work.then(
    () => new Error('A refusal was expected'),
    (thrown: unknown) => thrown,
  );
  expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)).not.toContain('planted');
  return error;
};
afterEach(() => {
  jest.restoreAllMocks();
  calls.length = 0;
});

describe('R1 one event in one account', () => {
  it('asks Google for a conference, tells nobody, and takes little back', async () => {
    googleSays(event());
    await meet.create(access, wish);
    expect(methods()).toEqual(['POST']);
    const { url, headers, body } = calls[0] ?? { url: new URL('x:'), headers: new Headers(), body: {} };
    expect(url.origin + url.pathname).toBe('https://www.googleapis.com/calendar/v3/calendars/planted-calendar/events');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ conferenceDataVersion: '1', sendUpdates: 'none' });
    expect(url.searchParams.get('fields')).not.toMatch(/attendees|creator|organizer|description/u);
    expect(headers.get('authorization')).toBe('Bearer planted-token');
    expect(body).toMatchObject({ id: wish.key, start: { dateTime: '2026-11-24T18:10:00.000Z' } });
    expect(body).not.toHaveProperty('attendees');
  });

  it('under a scope for owned calendars the meetings go to the primary one, unasked', async () => {
    googleSays(event());
    const owned = new GoogleMeet({ apiUrl: 'https://www.googleapis.com', scope: 'calendar.events.owned' });
    expect((await owned.openPlace(access, { title: 'x', timeZone: 'UTC' })).reveal()).toBe('primary');
    expect(calls).toEqual([]);
    await owned.create(access, { ...wish, place: null });
    expect(calls[0]?.url.pathname).toBe('/calendar/v3/calendars/primary/events');
  });

  it('makes a calendar of our own, and asks whether it can have Meet links', async () => {
    googleSays({ id: 'c1', conferenceProperties: { allowedConferenceSolutionTypes: ['hangoutsMeet'] } });
    expect((await meet.openPlace(access, { title: 'Parent meetings', timeZone: 'UTC' })).reveal()).toBe('c1');
    expect(calls[0]?.body).toEqual({ summary: 'Parent meetings', timeZone: 'UTC' });
    googleSays({ id: 'c2' });
    expect((await meet.openPlace(access, { title: 'x', timeZone: 'UTC' })).reveal()).toBe('c2');
  });

  it('an account without Meet is refused, also where the useless calendar cannot be deleted', async () => {
    googleSays({ id: 'c1', conferenceProperties: { allowedConferenceSolutionTypes: ['addOn'] } }, refusal(500));
    const opening = meet.openPlace(access, { title: 'x', timeZone: 'UTC' });
    expect(await errorOf(opening)).toMatchObject({ word: 'refused', code: 'no-conferences' });
    expect(methods()).toEqual(['POST', 'DELETE']);
  });

  it('a calendar without an id is no calendar', async () => {
    googleSays({});
    const opening = meet.openPlace(access, { title: 'x', timeZone: 'UTC' });
    expect(await errorOf(opening)).toMatchObject({ word: 'unavailable', details: { outcomeUnknown: true } });
  });
});

describe('P3 an event that exists is adopted, never doubled', () => {
  it('409: read by its id and left alone where it agrees', async () => {
    googleSays(refusal(409, 'duplicate'), event());
    await meet.create(access, wish);
    expect(methods()).toEqual(['POST', 'GET']);
    expect(calls[1]?.url.pathname).toMatch(new RegExp(`/events/${wish.key}$`, 'u'));
  });

  it('409: moved where it differs', async () => {
    googleSays(refusal(409, 'duplicate'), event({ start: { dateTime: '2026-11-24T10:00:00Z' } }), event());
    await meet.create(access, wish);
    expect(methods()).toEqual(['POST', 'GET', 'PATCH']);
  });

  it('409 of a deleted event: not-found, so that a new generation is made', async () => {
    googleSays(refusal(409, 'duplicate'), event({ status: 'cancelled' }));
    expect(await errorOf(meet.create(access, wish))).toMatchObject({ word: 'not-found', code: 'not-found' });
  });

  it('404 at an insert is the calendar, where that is not found either', async () => {
    googleSays(refusal(404, 'notFound'), refusal(404, 'notFound'));
    expect(await errorOf(meet.create(access, wish))).toMatchObject({ word: 'not-found', code: 'place-not-found' });
    expect(methods()).toEqual(['POST', 'GET']);
    expect(calls[1]?.url.pathname).toMatch(/\/calendars\/[^/]+$/u);
  });

  it('404 at an insert into a calendar that is there is a mistake of a moment', async () => {
    googleSays(refusal(404, 'notFound'), { id: 'calendar' });
    expect(await errorOf(meet.create(access, wish))).toMatchObject({ word: 'unavailable', code: 'unknown-answer' });
  });

  it('404 at an insert, and nobody tells about the calendar: what that answer was counts', async () => {
    googleSays(refusal(404, 'notFound'), refusal(403, 'rateLimitExceeded'));
    expect(await errorOf(meet.create(access, wish))).toMatchObject({ word: 'rate-limited' });
  });

  it('404 at an insert into the account’s own calendar: that cannot be gone, and is not asked for', async () => {
    googleSays(refusal(404, 'notFound'));
    const own = meet.create(access, { ...wish, place: new Secret('primary') });
    expect(await errorOf(own)).toMatchObject({ word: 'unavailable' });
    expect(methods()).toEqual(['POST']);
  });

  it('a failed conference is asked for anew, under an id that Google has not seen', async () => {
    googleSays(failing, event());
    expect(await meet.update(access, wish)).toMatchObject({ conference: 'ready' });
    const request = calls[1]?.body as { conferenceData: { createRequest: { requestId: string } } };
    expect(request.conferenceData.createRequest.requestId).not.toBe(wish.key);
    expect(request.conferenceData.createRequest.requestId).toMatch(/^a{32}-[0-9a-f]{12}$/u);
    expect(calls[0]?.body).not.toHaveProperty('conferenceData');
  });
});

describe('P3 a removed event is blanked, deleted and read', () => {
  const blank = { summary: '', description: '', location: '' };

  it('in this order', async () => {
    googleSays(event(), noContent(), event({ status: 'cancelled' }));
    await meet.remove(access, wish);
    expect(methods()).toEqual(['PATCH', 'DELETE', 'GET']);
    expect(calls[0]?.body).toEqual(blank);
  });

  it.each([404, 410])('is gone already: %i', async (status) => {
    googleSays(refusal(status));
    await meet.remove(access, wish);
    googleSays(event(), refusal(status));
    await meet.remove(access, wish);
    googleSays(event(), noContent(), refusal(status));
    await meet.remove(access, wish);
  });

  it('is deleted also where it may not be changed', async () => {
    googleSays(refusal(403, 'forbiddenForNonOrganizer'), noContent(), refusal(404));
    await meet.remove(access, wish);
    expect(methods()).toEqual(['PATCH', 'DELETE', 'GET']);
  });

  it('is not gone while Google shows it, nor when it could not be asked', async () => {
    googleSays(event(), noContent(), event());
    expect(await errorOf(meet.remove(access, wish))).toMatchObject({ word: 'unavailable' });
    googleSays(refusal(503));
    expect(await errorOf(meet.remove(access, wish))).toMatchObject({ word: 'unavailable', code: 'server-error' });
    googleSays(event(), refusal(401, 'authError'));
    expect(await errorOf(meet.remove(access, wish))).toMatchObject({ word: 'login-required' });
  });
});

describe('P10 the queue owns retries', () => {
  it.each([429, 500, 503])('%i is asked once', async (status) => {
    googleSays(refusal(status));
    await errorOf(meet.read(access, wish));
    expect(calls).toHaveLength(1);
  });

  it('an answer that is no event is none', async () => {
    for (const odd of [
      {},
      { id: 'x' },
      new Response('<html>planted</html>', { headers: { 'content-type': 'text/html' } }),
    ]) {
      googleSays(odd);
      expect(await errorOf(meet.read(access, wish))).toMatchObject({ word: 'unavailable', code: 'unknown-answer' });
    }
  });
});
