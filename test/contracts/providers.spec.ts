import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Secret } from '#libs/encryption';
import { FakeProvider, GoogleMeet, MicrosoftTeams, PROVIDERS, ProviderError } from '#libs/providers';
import type { MeetingProvider, MeetingWish, ProviderAccess } from '#libs/providers';
import { startSandbox } from '../../apps/sandbox/src/index.js';
import type { FaultName, Sandbox } from '../../apps/sandbox/src/index.js';
import { providerConformance } from './provider-conformance.js';
import type { ProviderWorld, WorldFault } from './provider-conformance.js';

const APP_CREATED = 'https://www.googleapis.com/auth/calendar.app.created';
const OWNED = 'https://www.googleapis.com/auth/calendar.events.owned';
const anne = 'anne@regenboog.example';

/** A real adapter, over HTTP, against the sandbox. */
const sandboxWorld = async (
  side: 'google' | 'microsoft',
  make: (sandbox: Sandbox) => { provider: MeetingProvider; token: string },
): Promise<ProviderWorld & { sandbox: Sandbox }> => {
  const sandbox = await startSandbox();
  const { provider, token } = make(sandbox);
  const creates = side === 'google' ? 'events.insert' : 'onlineMeetings.createOrGet';
  const limit: FaultName = side === 'google' ? '403.userRateLimitExceeded' : '429.TooManyRequests';
  const faults: Record<WorldFault, { fault: FaultName; operation?: string; afterEffect?: boolean }> = {
    'create-answer-lost': { fault: 'reset', operation: creates, afterEffect: true },
    limited: { fault: limit },
    down: { fault: side === 'google' ? '503.backendError' : '503.ServiceUnavailable' },
    html: { fault: 'html.502' },
    silence: { fault: 'silence' },
  };
  return {
    sandbox,
    provider,
    token,
    remembersDeletedKeys: side === 'google',
    fault: (name) => {
      const { operation, ...rule } = faults[name];
      sandbox.faults.set({ id: name, times: 1, match: { provider: side, operation }, ...rule });
    },
    calm: () => sandbox.faults.clear(),
    live: () => sandbox.ledger.live().filter(({ account }) => account === anne).length,
    requests: () => sandbox.ledger.requests.length,
    close: async () => {
      expect(sandbox.ledger.violations).toEqual([]);
      await sandbox.close();
    },
  };
};

const googleWorld = async (scope: string): Promise<ProviderWorld & { sandbox: Sandbox }> => {
  const world = await sandboxWorld('google', (sandbox) => ({
    provider: new GoogleMeet({ apiUrl: sandbox.google.apiUrl, scope }),
    token: sandbox.google.grant({ email: anne, scope: `openid email ${scope}` }).accessToken,
  }));
  if (scope !== APP_CREATED) return world;
  const deletePlace = async (place: Secret) => {
    const headers = { authorization: `Bearer ${world.token}` };
    const url = `${world.sandbox.google.apiUrl}/calendar/v3/calendars/${encodeURIComponent(place.reveal())}`;
    expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(204);
  };
  return { ...world, deletePlace };
};

const teamsWorld = () =>
  sandboxWorld('microsoft', (sandbox) => ({
    provider: new MicrosoftTeams({ graphUrl: sandbox.microsoft.graphUrl }),
    token: sandbox.microsoft.grant({ email: anne }).accessToken,
  }));

const fakeWorld = (name: (typeof PROVIDERS)[number]): ProviderWorld => {
  const provider = new FakeProvider(name);
  return {
    provider,
    token: 'token-of-anne',
    remembersDeletedKeys: name === 'google-meet',
    fault: (fault) => {
      const down = new ProviderError('unavailable', 'server-error', { status: 503 });
      if (fault === 'create-answer-lost') provider.script('create', { kind: 'lost' });
      if (fault === 'limited') {
        const until = new Date(Date.now() + 1_000);
        provider.script('create', { kind: 'error', error: new ProviderError('rate-limited', 'rate-limit', { until }) });
      }
      if (fault === 'down' || fault === 'html') provider.script('read', { kind: 'error', error: down });
      if (fault === 'silence') provider.script('create', { kind: 'silent' });
    },
    calm: () => provider.forgetScript(),
    live: () => provider.liveMeetings().length,
    requests: () => null,
    ...(name === 'google-meet'
      ? {
          deletePlace: (place: Secret) => {
            provider.deletePlace(place.reveal());
            return Promise.resolve();
          },
        }
      : {}),
    close: () => Promise.resolve(),
  };
};

for (const name of PROVIDERS) {
  providerConformance({ name: `fake ${name}`, makeWorld: () => Promise.resolve(fakeWorld(name)) });
}
providerConformance({ name: 'Google Meet in a calendar of our own', makeWorld: () => googleWorld(APP_CREATED) });
providerConformance({ name: 'Google Meet in the primary calendar', makeWorld: () => googleWorld(OWNED) });
providerConformance({ name: 'Microsoft Teams', makeWorld: teamsWorld });

const aWish = (more: Partial<MeetingWish> = {}): MeetingWish => ({
  key: 'a'.repeat(32),
  place: null,
  id: null,
  start: new Date('2026-11-24T18:10:00Z'),
  end: new Date('2026-11-24T18:20:00Z'),
  timeZone: 'Europe/Amsterdam',
  title: 'Parent meeting',
  ...more,
});
const accessOf = (token: string): ProviderAccess => ({
  accessToken: new Secret(token),
  signal: new AbortController().signal,
});

describe('R1 Google Meet, in what is its own', () => {
  let world: Awaited<ReturnType<typeof googleWorld>>;
  let access: ProviderAccess;
  let place: Secret | null;
  beforeAll(async () => {
    world = await googleWorld(APP_CREATED);
    access = accessOf(world.token);
    place = await world.provider.openPlace(access, { title: 'Parent meetings', timeZone: 'Europe/Amsterdam' });
  });
  afterAll(() => world.close());

  it('waits for a conference that is still being made', async () => {
    world.sandbox.google.pendingReads(anne, 1);
    const wish = aWish({ key: 'b'.repeat(32), place });
    const seen = await world.provider.create(access, wish);
    expect(seen).toMatchObject({ conference: 'pending', url: null });
    world.sandbox.google.pendingReads(anne, 0);
    await world.provider.read(access, { ...wish, id: seen.id });
    expect(await world.provider.read(access, { ...wish, id: seen.id })).toMatchObject({ conference: 'ready' });
  });

  it('asks anew where the conference could not be made, in the same event', async () => {
    world.sandbox.google.conferenceFailure(anne);
    const wish = aWish({ key: 'c'.repeat(32), place });
    const seen = await world.provider.create(access, wish);
    expect(seen).toMatchObject({ conference: 'failed', url: null });
    world.sandbox.google.conferenceFailure(anne, false);
    const again = await world.provider.update(access, { ...wish, id: seen.id });
    expect(again.conference).toBe('ready');
    expect(again.id.reveal()).toBe(seen.id.reveal());
  });

  it('says at once that an account cannot make Meet links, and leaves no calendar behind', async () => {
    const email = 'nomeet@regenboog.example';
    world.sandbox.google.meetDisabled(email);
    const { accessToken } = world.sandbox.google.grant({ email });
    const opening = world.provider.openPlace(accessOf(accessToken), { title: 'x', timeZone: 'Europe/Amsterdam' });
    await expect(opening).rejects.toMatchObject({ word: 'refused', code: 'no-conferences' });
    const calendars = world.sandbox.ledger.entries.filter(
      ({ account, kind }) => account === email && kind === 'calendar',
    );
    expect(calendars.filter(({ deletedAt }) => deletedAt === undefined)).toEqual([]);
  });

  it('R8 blanks an event before it goes, since Google shows it for a while', async () => {
    const wish = aWish({ key: 'd'.repeat(32), place });
    const { id } = await world.provider.create(access, wish);
    await world.provider.remove(access, { ...wish, id });
    const headers = { authorization: `Bearer ${world.token}` };
    const url = `${world.sandbox.google.apiUrl}/calendar/v3/calendars/${encodeURIComponent(place?.reveal() ?? '')}/events/${id.reveal()}`;
    const left = (await (await fetch(url, { headers })).json()) as { status: string; summary?: string };
    expect([left.status, left.summary ?? '']).toEqual(['cancelled', '']);
  });
});

describe('P9 Teams, in what is its own', () => {
  let world: Awaited<ReturnType<typeof teamsWorld>>;
  let access: ProviderAccess;
  const url = (id: Secret) => `${world.sandbox.microsoft.graphUrl}/v1.0/me/onlineMeetings/${id.reveal()}`;
  const settingsOf = async (id: Secret) =>
    (await (await fetch(url(id), { headers: { authorization: `Bearer ${world.token}` } })).json()) as object;
  const locked = {
    lobbyBypassSettings: { scope: 'organizer', isDialInBypassEnabled: false },
    allowedPresenters: 'organizer',
    recordAutomatically: false,
    allowRecording: false,
    allowTranscription: false,
  };
  beforeAll(async () => {
    world = await teamsWorld();
    access = accessOf(world.token);
  });
  afterAll(() => world.close());

  it('everybody but the organizer waits in the lobby, nothing is recorded', async () => {
    const { id } = await world.provider.create(access, aWish());
    expect(await settingsOf(id)).toMatchObject(locked);
  });

  it('repairs what somebody changed', async () => {
    const { id } = await world.provider.create(access, aWish());
    await fetch(url(id), {
      method: 'PATCH',
      headers: { authorization: `Bearer ${world.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ lobbyBypassSettings: { scope: 'everyone' }, allowRecording: true }),
    });
    await world.provider.update(access, aWish({ id }));
    expect(await settingsOf(id)).toMatchObject(locked);
  });

  it('an account without a licence is told so', async () => {
    const email = 'guest@regenboog.example';
    world.sandbox.microsoft.noLicence(email);
    const { accessToken } = world.sandbox.microsoft.grant({ email });
    await expect(world.provider.create(accessOf(accessToken), aWish())).rejects.toMatchObject({
      word: 'refused',
      code: 'no-licence',
    });
  });

  it('cannot be read without an id, and does not pretend that there is nothing', async () => {
    await expect(world.provider.read(access, aWish())).rejects.toMatchObject({ word: 'refused' });
  });
});
