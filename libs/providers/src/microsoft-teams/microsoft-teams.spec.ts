import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { inspect } from 'node:util';
import { Secret } from '#libs/encryption';
import type { MeetingWish, ProviderAccess } from '../meeting-provider.js';
import { graphClient } from './graph-client.js';
import { MicrosoftTeams } from './microsoft-teams.js';
import { MEETING_SETTINGS } from './teams-settings.js';

const access: ProviderAccess = { accessToken: new Secret('planted-token'), signal: new AbortController().signal };
const wish: MeetingWish = {
  key: 'a'.repeat(32),
  place: null,
  id: null,
  start: new Date('2026-11-24T18:10:00Z'),
  end: new Date('2026-11-24T18:20:00Z'),
  timeZone: 'Europe/Amsterdam',
  title: 'Parent meeting',
};
const meeting = (more: object = {}) => ({
  id: 'm/1=',
  joinWebUrl: 'https://teams.microsoft.com/l/x',
  startDateTime: '2026-11-24T18:10:00.0000000Z',
  endDateTime: '2026-11-24T18:20:00Z',
  ...more,
});
const calls: { url: string; method: string; headers: Headers; body: unknown; redirect?: string }[] = [];

/** Graph answers these, one after the other; the last one again and again. */
const graphSays = (...answers: unknown[]) =>
  jest.spyOn(globalThis, 'fetch').mockImplementation((input, init) => {
    const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined;
    calls.push({
      url: input as string,
      method: init?.method ?? '',
      headers: new Headers(init?.headers),
      body,
      redirect: init?.redirect,
    });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    return Promise.resolve(answer instanceof Response ? answer.clone() : Response.json(answer));
  });

const teams = new MicrosoftTeams({ graphUrl: 'https://graph.microsoft.com' });
afterEach(() => {
  jest.restoreAllMocks();
  calls.length = 0;
});

describe('P2 what createOrGet made is never forgotten', () => {
  const limited = () => Response.json({ error: { code: 'TooManyRequests' } }, { status: 429 });
  const missing = () => Response.json({ error: { code: 'NotFound' } }, { status: 404 });

  it('whatever the PATCH after it says', async () => {
    for (const [answer, word] of [
      [limited(), 'rate-limited'],
      [Response.json({ error: { code: 'Forbidden' } }, { status: 403 }), 'refused'],
      [missing(), 'unavailable'],
    ] as const) {
      graphSays(meeting(), answer);
      await expect(teams.create(access, wish)).rejects.toMatchObject({ word, details: { outcomeUnknown: true } });
    }
  });

  it('also where it was asked in order to remove', async () => {
    graphSays(meeting(), limited());
    await expect(teams.remove(access, wish)).rejects.toMatchObject({
      word: 'rate-limited',
      details: { outcomeUnknown: true },
    });
  });

  it('a PATCH alone that Graph refuses did nothing', async () => {
    graphSays(limited());
    const known = { ...wish, id: new Secret('m/1=') };
    await expect(teams.update(access, known)).rejects.not.toMatchObject({ details: { outcomeUnknown: true } });
  });
});

describe('P9 the settings of a Teams meeting are verified in the answer', () => {
  it('asks twice, then gives the link to nobody', async () => {
    graphSays(meeting(), meeting({ lobbyBypassSettings: { scope: 'everyone' } }));
    await expect(teams.create(access, wish)).rejects.toMatchObject({ word: 'unavailable', code: 'unknown-answer' });
    expect(calls.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'PATCH']);
  });

  it('is content when they hold at the second asking', async () => {
    graphSays(meeting(), meeting(), meeting(MEETING_SETTINGS));
    expect(await teams.create(access, wish)).toMatchObject({ conference: 'ready' });
  });

  it.each([
    { lobbyBypassSettings: { scope: 'organizer', isDialInBypassEnabled: true } },
    { lobbyBypassSettings: null },
    { allowedPresenters: 'everyone' },
    { recordAutomatically: true },
    { allowRecording: true },
    { allowTranscription: true },
  ])('%j does not hold', async (drift) => {
    graphSays(meeting(), meeting({ ...MEETING_SETTINGS, ...drift }));
    await expect(teams.create(access, wish)).rejects.toMatchObject({ word: 'unavailable' });
  });

  it('asks where an answer is silent, and then takes silence of a lesser setting for agreement', async () => {
    const silent = { ...MEETING_SETTINGS, allowRecording: undefined, allowTranscription: undefined };
    graphSays(meeting(silent), meeting(silent));
    expect(await teams.create(access, wish)).toMatchObject({ conference: 'ready' });
    expect(calls.map(({ method }) => method)).toEqual(['POST', 'PATCH']);
  });

  it('asks no more than needed: what is right already is left alone, times are sent only where they differ', async () => {
    graphSays(meeting(MEETING_SETTINGS));
    await teams.create(access, wish);
    expect(calls).toHaveLength(1);
    graphSays(meeting({ startDateTime: '2026-11-24T17:00:00Z' }), meeting(MEETING_SETTINGS));
    await teams.create(access, wish);
    expect(calls.at(-1)?.body).toMatchObject({ startDateTime: '2026-11-24T18:10:00.000Z' });
    expect(calls.at(-1)?.body).toMatchObject({ endDateTime: '2026-11-24T18:20:00.000Z' });
    graphSays(meeting(), meeting(MEETING_SETTINGS));
    await teams.create(access, wish);
    expect(calls.at(-1)?.body).not.toHaveProperty('startDateTime');
  });
});

describe('R8 Microsoft learns nothing about parents or children', () => {
  it('a new meeting has a key, a neutral title and times', async () => {
    graphSays(meeting(MEETING_SETTINGS));
    await teams.create(access, wish);
    expect(calls[0]?.body).toEqual({
      externalId: wish.key,
      subject: 'Parent meeting',
      startDateTime: '2026-11-24T18:10:00.000Z',
      endDateTime: '2026-11-24T18:20:00.000Z',
    });
  });
});

describe('R4 the token goes to Graph and nowhere else', () => {
  it('with every request, beside a request id of its own, and follows no redirect', async () => {
    graphSays(meeting(), meeting(MEETING_SETTINGS));
    await teams.create(access, wish);
    expect(calls.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer planted-token',
      'Bearer planted-token',
    ]);
    expect(new Set(calls.map(({ headers }) => headers.get('client-request-id'))).size).toBe(2);
    expect(calls.every(({ redirect }) => redirect === 'error')).toBe(true);
    expect(calls[1]?.url).toBe('https://graph.microsoft.com/v1.0/me/onlineMeetings/m%2F1%3D');
  });

  it('not to another origin', async () => {
    graphSays({});
    await graphClient('https://graph.microsoft.com/', access).api('https://evil.example/v1.0/x').get();
    expect(calls[0]?.headers.get('authorization')).toBeNull();
  });

  it('and not into an error', async () => {
    const echo = Response.json({ error: { code: 'X', message: 'planted-token', innerError: {} } }, { status: 500 });
    graphSays(echo);
    const error: unknown = await teams.create(access, wish).catch((thrown: unknown) => thrown);
    expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)).not.toContain('planted');
  });
});

describe('P3 a removed Teams meeting is locked, deleted and asked for again', () => {
  const at = { ...wish, id: new Secret('m1') };
  const status = (code: number, error = 'X') =>
    code === 204 ? new Response(null, { status: 204 }) : Response.json({ error: { code: error } }, { status: code });

  it('in this order', async () => {
    graphSays(meeting(), status(204), status(404));
    await teams.remove(access, at);
    expect(calls.map(({ method }) => method)).toEqual(['PATCH', 'DELETE', 'GET']);
    expect(calls[0]?.body).toEqual(MEETING_SETTINGS);
  });

  it('is deleted also where it may not be changed', async () => {
    graphSays(status(403, 'Forbidden'), status(204), status(404));
    await teams.remove(access, at);
    expect(calls).toHaveLength(3);
  });

  it('is not gone while it can be read', async () => {
    graphSays(meeting(), status(204), meeting());
    await expect(teams.remove(access, at)).rejects.toMatchObject({ word: 'unavailable' });
  });

  it('an answer that is no meeting is none', async () => {
    for (const odd of [{}, [], 'text', meeting({ id: 7 }), meeting({ startDateTime: 'soon' })]) {
      graphSays(odd);
      await expect(teams.read(access, at)).rejects.toMatchObject({ word: 'unavailable', code: 'unknown-answer' });
    }
    graphSays(meeting({ joinWebUrl: null }));
    expect(await teams.read(access, at)).toMatchObject({ conference: 'pending', url: null });
  });
});
