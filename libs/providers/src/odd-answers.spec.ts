import { inspect } from 'node:util';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { Secret } from '#libs/encryption';
import { GoogleMeet } from './google-meet/google-meet.js';
import type { MeetingProvider, MeetingSeen, MeetingWish, ProviderAccess } from './meeting-provider.js';
import { MicrosoftTeams } from './microsoft-teams/microsoft-teams.js';
import { MEETING_SETTINGS } from './microsoft-teams/teams-settings.js';
import { ProviderError } from './provider-error.js';

const access: ProviderAccess = { accessToken: new Secret('planted-token'), signal: new AbortController().signal };
const wish: MeetingWish = {
  key: 'a'.repeat(32),
  place: new Secret('c1'),
  id: null,
  start: new Date('2026-11-24T18:10:00Z'),
  end: new Date('2026-11-24T18:20:00Z'),
  timeZone: 'Europe/Amsterdam',
  title: 'Parent meeting',
};
const known = { ...wish, id: new Secret('e1') };
const google = new GoogleMeet({
  apiUrl: 'https://www.googleapis.com',
  scope: 'https://www.googleapis.com/auth/calendar.app.created',
});
const teams = new MicrosoftTeams({ graphUrl: 'https://graph.microsoft.com' });
const whole = {
  'google-meet': {
    id: 'e1',
    etag: '"1"',
    status: 'confirmed',
    start: { dateTime: '2026-11-24T19:10:00+01:00', date: null },
    end: { dateTime: '2026-11-24T19:20:00+01:00' },
    hangoutLink: 'https://meet.google.com/abc',
    conferenceData: {
      createRequest: { requestId: 'r', status: { statusCode: 'success' } },
      entryPoints: [{ entryPointType: 'video', uri: 'https://meet.google.com/abc' }],
    },
    conferenceProperties: { allowedConferenceSolutionTypes: ['hangoutsMeet'] },
  },
  'microsoft-teams': {
    id: 'm1',
    joinWebUrl: 'https://teams.microsoft.com/l/x',
    startDateTime: '2026-11-24T18:10:00.0000000Z',
    endDateTime: '2026-11-24T18:20:00Z',
    ...MEETING_SETTINGS,
  },
};
const OPERATIONS = {
  openPlace: (provider: MeetingProvider) => provider.openPlace(access, { title: 'x', timeZone: 'UTC' }),
  create: (provider: MeetingProvider) => provider.create(access, wish),
  read: (provider: MeetingProvider) => provider.read(access, known),
  update: (provider: MeetingProvider) => provider.update(access, known),
  remove: (provider: MeetingProvider) => provider.remove(access, known),
};
const answers = (...given: Response[]) =>
  jest
    .spyOn(globalThis, 'fetch')
    .mockImplementation(() => Promise.resolve((given.length > 1 ? given.shift()! : given[0]!).clone()));
const outcomeOf = async (work: Promise<unknown>): Promise<unknown> => {
  const outcome = await work.catch((thrown: unknown) => thrown);
  expect(inspect(outcome, { depth: 9, showHidden: true })).not.toContain('planted');
  return outcome;
};
afterEach(() => {
  jest.restoreAllMocks();
});

/** An answer as it should be, with anything at all in the place of one of its parts. */
const odd = (answer: unknown): fc.Arbitrary<unknown> => {
  const anything = fc.oneof(
    fc.constantFrom(null, 42, '', {}, [], [null], true, '-100000-01-01T00:00:00Z', '+200000-01-01T00:00:00Z'),
    fc.jsonValue(),
  );
  if (typeof answer !== 'object' || answer === null) return anything;
  const parts = Object.entries(answer).map(([name, part]) =>
    odd(part).map((value) => (Array.isArray(answer) ? [value] : { ...answer, [name]: value })),
  );
  return fc.oneof({ weight: 1, arbitrary: anything }, ...parts.map((arbitrary) => ({ weight: 4, arbitrary })));
};
const isUnderstood = (seen: MeetingSeen) =>
  seen.id.reveal() !== '' &&
  (seen.conference === 'ready') === (seen.url !== null) &&
  (seen.url === null || typeof seen.url.reveal() === 'string') &&
  !Number.isNaN(seen.start.getTime() + seen.end.getTime());

describe.each([google, teams])('P2 whatever stands in an answer of $name', (provider) => {
  const good = whole[provider.name];

  it.each(Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[])(
    '%s understands it or says so in our own words',
    async (operation) => {
      const given = fc.tuple(odd(good), fc.option(odd(good), { nil: good }), fc.constantFrom(200, 200, 401, 429));
      await fc.assert(
        fc.asyncProperty(given, async ([first, second, status]) => {
          answers(Response.json(first, { status }), Response.json(second));
          const outcome = await outcomeOf(OPERATIONS[operation](provider));
          jest.restoreAllMocks();
          if (outcome instanceof ProviderError) return;
          if (operation === 'remove') expect(outcome).toBeUndefined();
          else if (operation === 'openPlace') expect(outcome === null || outcome instanceof Secret).toBe(true);
          else expect(isUnderstood(outcome as MeetingSeen)).toBe(true);
        }),
        { numRuns: 100 },
      );
    },
  );

  it.each(['create', 'update'] as const)(
    '%s that was answered and not understood may have happened',
    async (operation) => {
      const link = provider === google ? { hangoutLink: 42, conferenceData: null } : { joinWebUrl: 42 };
      for (const answer of [
        null,
        42,
        'x',
        [],
        [1],
        {},
        { ...good, ...link },
        { ...good, id: {} },
        { ...good, id: '' },
      ]) {
        answers(Response.json(answer));
        expect(await outcomeOf(OPERATIONS[operation](provider))).toMatchObject({
          name: 'ProviderError',
          word: 'unavailable',
          code: 'unknown-answer',
          details: { outcomeUnknown: true },
        });
      }
    },
  );

  it.each([
    [401, 'login-required'],
    [404, 'not-found'],
    [429, 'rate-limited'],
    [503, 'unavailable'],
  ])('a refusal means what its status %i says, though its body cannot be read', async (status, word) => {
    const until = new Date('2026-11-24T18:30:00Z');
    const headers = { 'content-type': 'application/json', 'retry-after': until.toUTCString() };
    const evil = { toString: 1, valueOf: 1 };
    const lists = [{ errors: [null] }, { errors: 42 }, { details: [null] }, { errors: [{ reason: {} }] }];
    const inner = [{ innerError: null }, { innerError: 42 }, { innerError: { date: evil } }];
    const errors = [null, 42, 'x', [], {}, { message: evil }, { code: evil }, ...lists, ...inner];
    const bodies = ['null', '42', '{"error":', '', ...errors.map((error) => JSON.stringify({ error }))];
    for (const body of bodies) {
      answers(new Response(body, { status, headers }));
      expect(await outcomeOf(OPERATIONS.read(provider))).toMatchObject({ word, details: { status } });
    }
  });
});

describe('R1 a link that is no text is no link, and no sign that there is none', () => {
  it.each([
    { hangoutLink: 42, conferenceData: undefined },
    { conferenceData: { entryPoints: [null] } },
    { conferenceData: { entryPoints: {} } },
    { conferenceData: { entryPoints: [{ entryPointType: 'video', uri: {} }] } },
  ])('%j', async (more) => {
    answers(Response.json({ ...whole['google-meet'], ...more }));
    expect(await outcomeOf(OPERATIONS.read(google))).toMatchObject({ word: 'unavailable', code: 'unknown-answer' });
  });

  it('a list of conference types that is none says nothing: no second calendar is made for it', async () => {
    answers(Response.json({ id: 'c1', conferenceProperties: { allowedConferenceSolutionTypes: 42 } }));
    expect(await OPERATIONS.openPlace(google)).toBeInstanceOf(Secret);
  });
});

describe('P9 only what is said to be off is off', () => {
  it.each([
    { allowRecording: 'true' },
    { allowTranscription: 1 },
    { lobbyBypassSettings: 42 },
    { recordAutomatically: {} },
  ])('%j does not hold', async (more) => {
    answers(Response.json({ ...whole['microsoft-teams'], ...more }));
    expect(await teams.read(access, known)).toMatchObject({ settingsHold: false });
  });
});
