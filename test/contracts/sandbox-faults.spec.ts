import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { calendar_v3 } from '@googleapis/calendar';
import { startSandbox, type FaultRule, type Sandbox } from '../../apps/sandbox/src/index.js';
import { anEvent, googleCalendar, googleRefusal } from './support/google-client.js';
import { graphClient, graphRefusal } from './support/graph-client.js';

const anne = 'anne@regenboog.example';
const times = { startDateTime: '2026-11-24T18:10:00Z', endDateTime: '2026-11-24T18:20:00Z' };

describe('The sandbox fails on demand, and keeps count', () => {
  let sandbox: Sandbox;
  let google: calendar_v3.Calendar;
  let graph: ReturnType<typeof graphClient>;
  let calendarId: string;
  let made = 0;
  const insert = (id = `slot${String((made += 1)).padStart(5, '0')}`) =>
    google.events.insert({ calendarId, requestBody: anEvent({ id }) });
  const createOrGet = (externalId: string) =>
    graph.api('/me/onlineMeetings/createOrGet').post({ externalId, ...times });
  const liveIds = () => sandbox.ledger.live().map(({ id, externalId }) => externalId ?? id);

  beforeAll(async () => {
    sandbox = await startSandbox({ seed: 11 });
    google = googleCalendar(sandbox.google.apiUrl, sandbox.google.grant({ email: anne }).accessToken);
    graph = graphClient(sandbox.microsoft.graphUrl, sandbox.microsoft.grant({ email: anne }).accessToken);
    calendarId = (await google.calendars.insert({ requestBody: { summary: 'x' } })).data.id ?? '';
  });
  afterEach(() => sandbox.faults.clear());
  afterAll(() => sandbox.close());

  it('fails the named operation as often as asked, and only for the named account', async () => {
    sandbox.faults.set({
      id: 'q',
      match: { operation: 'events.insert', account: anne },
      fault: '403.quotaExceeded',
      times: 2,
    });
    expect(await googleRefusal(insert())).toEqual({ status: 403, reason: 'quotaExceeded' });
    expect(await googleRefusal(insert())).toEqual({ status: 403, reason: 'quotaExceeded' });
    expect((await insert()).status).toBe(200);
    sandbox.faults.set({ id: 'other', match: { account: 'bo@regenboog.example' }, fault: '401.authError' });
    expect((await insert()).status).toBe(200);
    expect(sandbox.faults.fired()).toEqual({ q: 2, other: 0 });
  });

  it('sends the error of one provider from that provider only', async () => {
    sandbox.faults.set({ id: 'g', fault: '429.rateLimitExceeded' });
    expect(await googleRefusal(insert())).toMatchObject({ status: 429 });
    expect(await createOrGet('slot:g')).toMatchObject({ externalId: 'slot:g' });
  });

  it('sends Retry-After in seconds, in fractions, and as a date', async () => {
    const retryAfters: (string | number)[] = [7, 1.5, 'Wed, 25 Nov 2026 08:00:00 GMT'];
    for (const retryAfter of retryAfters) {
      sandbox.faults.set({ id: 'r', fault: '503.ServiceUnavailable', retryAfter });
      expect(await graphRefusal(createOrGet('slot:r'))).toMatchObject({
        statusCode: 503,
        retryAfter: String(retryAfter),
      });
    }
    sandbox.faults.set({ id: 'r', fault: '429.TooManyRequests' });
    expect(await graphRefusal(createOrGet('slot:r'))).toMatchObject({ code: 'TooManyRequests', retryAfter: '2.128' });
  });

  it('loses the answer after the effect: the meeting is there, the client hears nothing good', async () => {
    sandbox.faults.set({ id: 'cut', match: { operation: 'events.insert' }, fault: 'reset', afterEffect: true });
    await expect(insert('slotcut01')).rejects.toThrow();
    sandbox.faults.set({
      id: 'cut',
      match: { operation: 'onlineMeetings' },
      fault: '504.GatewayTimeout',
      afterEffect: true,
    });
    expect(await graphRefusal(createOrGet('slot:lost'))).toMatchObject({ statusCode: 504 });
    expect(liveIds()).toEqual(expect.arrayContaining(['slotcut01', 'slot:lost']));
  });

  it('has no effect when the fault comes before it', async () => {
    sandbox.faults.set({ id: 'cut', fault: 'reset' });
    await expect(insert('slotcut02')).rejects.toThrow();
    sandbox.faults.set({ id: 'cut', fault: 'html.503' });
    expect(await graphRefusal(createOrGet('slot:html'))).toMatchObject({ statusCode: 503, code: null });
    expect(liveIds()).not.toEqual(expect.arrayContaining(['slotcut02']));
    expect(liveIds()).not.toEqual(expect.arrayContaining(['slot:html']));
  });

  it('stays silent until the client gives up', async () => {
    sandbox.faults.set({ id: 'silent', fault: 'silence' });
    const call = google.events.insert({ calendarId, requestBody: anEvent({ id: 'slotsilent' }) }, { timeout: 50 });
    await expect(call).rejects.toMatchObject({ message: expect.stringMatching(/abort|time/iu) });
  });

  it('is only slow when asked to be slow', async () => {
    sandbox.faults.set({ id: 'slow', match: { operation: 'events.get' }, fault: 'slow', latencyMs: 60 });
    await insert('slotslo01');
    const before = performance.now();
    expect((await google.events.get({ calendarId, eventId: 'slotslo01' })).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThanOrEqual(55);
  });

  it('repeats its luck with the same seed, and not with another', async () => {
    const luck = async (seed: number) => {
      const other = await startSandbox({ seed });
      other.faults.set({ id: 'half', match: { operation: 'calendars.get' }, fault: '500.backendError', rate: 0.5 });
      const client = googleCalendar(other.google.apiUrl, other.google.grant({ email: anne }).accessToken);
      const statuses: (number | undefined)[] = [];
      for (let n = 0; n < 24; n += 1) {
        statuses.push((await googleRefusal(client.calendars.get({ calendarId: 'none' }))).status);
      }
      await other.close();
      return statuses.join(' ');
    };
    const [first, second, different] = [await luck(5), await luck(5), await luck(6)];
    expect(first).toContain('500');
    expect(first).toContain('404');
    expect(second).toBe(first);
    expect(different).not.toBe(first);
  });

  it('takes the same rules over HTTP, and refuses a fault that it does not know', async () => {
    const put = (rules: object[]) =>
      fetch(`${sandbox.url}/control/faults`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(rules),
      });
    const rule: FaultRule = { id: 'h', match: { provider: 'google' }, fault: '500.backendError', times: 1 };
    expect((await put([rule])).status).toBe(200);
    expect(await googleRefusal(insert())).toMatchObject({ status: 500 });
    const listed = (await (await fetch(`${sandbox.url}/control/faults`)).json()) as object[];
    expect(listed).toEqual([{ ...rule, fired: 1 }]);
    expect((await put([{ id: 'x', fault: 'no such' }])).status).toBe(400);
    expect((await fetch(`${sandbox.url}/control/faults`, { method: 'DELETE' })).status).toBe(204);
    expect(sandbox.faults.list()).toEqual([]);
  });

  it('keeps a token fault to the token endpoint', async () => {
    sandbox.faults.set({ id: 't', fault: 'oauth.400.invalid_grant' });
    expect((await insert()).status).toBe(200);
    const { refreshToken } = sandbox.google.grant({ email: anne });
    const { GOOGLE_CLIENT_ID = '', GOOGLE_CLIENT_SECRET = '', GOOGLE_ISSUER = '' } = sandbox.settings;
    const answer = await fetch(`${GOOGLE_ISSUER}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: GOOGLE_CLIENT_ID,
        client_secret: GOOGLE_CLIENT_SECRET,
      }),
    });
    expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([400, 'invalid_grant']);
    expect(sandbox.ledger.requests.at(-1)).toMatchObject({
      operation: 'token.refresh_token',
      account: anne,
      fault: 'oauth.400.invalid_grant',
    });
  });
});

describe('The ledger knows everything that ever lived here', () => {
  it('tells what lives, who asked what how often, and a family name that got out', async () => {
    const sandbox = await startSandbox();
    try {
      const [slot] = sandbox.module.seed();
      const graph = graphClient(sandbox.microsoft.graphUrl, sandbox.microsoft.grant({ email: anne }).accessToken);
      const create = (subject: string, externalId: string) =>
        graph.api('/me/onlineMeetings/createOrGet').post({ externalId, subject, ...times }) as Promise<{
          id: string;
          joinWebUrl: string;
        }>;
      const meeting = await create('Ten minutes', 'slot:1:1');
      expect(sandbox.ledger.violations).toEqual([]);
      expect(sandbox.ledger.live()).toEqual([
        expect.objectContaining({
          account: anne,
          externalId: 'slot:1:1',
          url: meeting.joinWebUrl,
          start: '2026-11-24T18:10:00.000Z',
        }),
      ]);
      const surname = slot?.data.parents[0]?.name.split(' ').at(-1) ?? '';
      await create(`Gesprek met ${surname}`, 'slot:1:2');
      expect(sandbox.ledger.violations).toEqual([expect.objectContaining({ kind: 'family-name', detail: surname })]);
      await graph.api(`/me/onlineMeetings/${meeting.id}`).delete();
      const ledger = (await (await fetch(`${sandbox.url}/control/ledger`)).json()) as ReturnType<
        Sandbox['ledger']['snapshot']
      >;
      expect(ledger.live.map(({ externalId }) => externalId)).toEqual(['slot:1:2']);
      expect(ledger.entries).toHaveLength(2);
      expect(ledger.entries[0]?.deletedAt).toBeDefined();
      expect(ledger.counts[anne]).toEqual({ 'onlineMeetings.createOrGet': 2, 'onlineMeetings.delete': 1 });
      expect(JSON.stringify(ledger.requests)).not.toContain(meeting.id);
    } finally {
      await sandbox.close();
    }
  });
});
