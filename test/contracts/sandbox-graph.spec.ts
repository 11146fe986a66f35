import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OnlineMeeting } from '@microsoft/microsoft-graph-types';
import { startSandbox, type Sandbox } from '../../apps/sandbox/src/index.js';
import { graphClient, graphRefusal } from './support/graph-client.js';

const anne = 'anne@regenboog.example';
const times = { startDateTime: '2026-11-24T18:10:00Z', endDateTime: '2026-11-24T18:20:00Z' };

describe('The sandbox answers the real Graph client as Graph does', () => {
  let sandbox: Sandbox;
  let client: ReturnType<typeof graphClient>;
  const clientOf = (email: string) =>
    graphClient(sandbox.microsoft.graphUrl, sandbox.microsoft.grant({ email }).accessToken);
  const createOrGet = (body: object, by = client): Promise<OnlineMeeting & { expiryDateTime: string }> =>
    by.api('/me/onlineMeetings/createOrGet').post(body) as Promise<OnlineMeeting & { expiryDateTime: string }>;
  const one = (id?: string) => client.api(`/me/onlineMeetings/${id ?? ''}`);
  const raw = (body: object) =>
    fetch(`${sandbox.microsoft.graphUrl}/v1.0/me/onlineMeetings/createOrGet`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${sandbox.microsoft.grant({ email: anne }).accessToken}`,
        'content-type': 'application/json',
        'client-request-id': '11111111-2222-4333-8444-555555555555',
      },
      body: JSON.stringify(body),
    });

  beforeAll(async () => {
    sandbox = await startSandbox({ seed: 3 });
    client = clientOf(anne);
  });
  afterAll(() => sandbox.close());

  it('makes one meeting per externalId: 201, then 200 with the same, unchanged', async () => {
    const first = await raw({ externalId: 'slot:1:1', subject: 'Ten minutes', ...times });
    const again = await raw({ externalId: 'slot:1:1', subject: 'Other', startDateTime: '2027-01-01T00:00:00Z' });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(first.headers.get('client-request-id')).toBe('11111111-2222-4333-8444-555555555555');
    expect(first.headers.get('request-id')).toMatch(/^[0-9a-f-]{36}$/u);
    const made = (await first.json()) as OnlineMeeting;
    expect(await again.json()).toEqual(made);
    expect(made.subject).toBe('Ten minutes');
    expect((await fetch(made.joinWebUrl ?? '')).status).toBe(200);
  });

  it('gives another account of the tenant another meeting for the same externalId', async () => {
    const hers = await createOrGet({ externalId: 'slot:2:1', ...times });
    const his = await createOrGet({ externalId: 'slot:2:1', ...times }, clientOf('bo@regenboog.example'));
    expect(his.joinWebUrl).not.toBe(hers.joinWebUrl);
  });

  it('ends the link sixty days after the meeting, and moves that with the meeting', async () => {
    const made = await createOrGet({ externalId: 'slot:3:1', ...times });
    expect(Date.parse(made.expiryDateTime)).toBe(Date.parse(times.endDateTime) + 60 * 86_400_000);
    const moved = (await one(made.id).patch({
      startDateTime: '2026-11-25T18:10:00Z',
      endDateTime: '2026-11-25T18:20:00Z',
    })) as typeof made;
    expect(moved.joinWebUrl).toBe(made.joinWebUrl);
    expect(Date.parse(moved.expiryDateTime)).toBe(Date.parse('2026-11-25T18:20:00Z') + 60 * 86_400_000);
  });

  it('defaults to an hour from now, and refuses an end without a start and an end before it', async () => {
    const made = await createOrGet({ externalId: 'slot:4:1' });
    expect(Date.parse(made.endDateTime ?? '') - Date.parse(made.startDateTime ?? '')).toBe(3_600_000);
    const { endDateTime } = times;
    expect(await graphRefusal(createOrGet({ externalId: 'slot:4:2', endDateTime }))).toMatchObject({ statusCode: 400 });
    const reversed = { startDateTime: times.endDateTime, endDateTime: times.startDateTime };
    expect(await graphRefusal(createOrGet({ externalId: 'slot:4:3', ...reversed }))).toMatchObject({ statusCode: 400 });
    expect(await graphRefusal(createOrGet({ ...times }))).toMatchObject({ statusCode: 400, code: 'BadRequest' });
  });

  it('ignores settings in createOrGet and takes them by PATCH', async () => {
    const lobbyBypassSettings = { scope: 'organizer', isDialInBypassEnabled: false };
    const made = await createOrGet({ externalId: 'slot:5:1', ...times, lobbyBypassSettings });
    expect(made.lobbyBypassSettings?.scope).toBe('organization');
    const patched = (await one(made.id).patch({
      lobbyBypassSettings,
      allowedPresenters: 'organizer',
    })) as OnlineMeeting;
    expect(patched).toMatchObject({ lobbyBypassSettings, allowedPresenters: 'organizer', ...withMilliseconds() });
  });

  it('refuses a PATCH of one time only, of what cannot change, and of an unknown word', async () => {
    const { id } = await createOrGet({ externalId: 'slot:6:1', ...times });
    for (const body of [
      { startDateTime: times.startDateTime },
      { joinWebUrl: 'https://elsewhere.example' },
      { joinMeetingIdSettings: { isPasscodeRequired: false } },
      { allowedPresenters: 'nobody' },
      { lobbyBypassSettings: { scope: 'nobody' } },
    ]) {
      expect(await graphRefusal(one(id).patch(body))).toMatchObject({ statusCode: 400, code: 'BadRequest' });
    }
  });

  it('makes a meeting by POST, but not with an externalId', async () => {
    const made = (await client
      .api('/me/onlineMeetings')
      .post({ ...times, allowMeetingChat: 'disabled' })) as OnlineMeeting;
    expect(made.allowMeetingChat).toBe('disabled');
    const refused = client.api('/me/onlineMeetings').post({ ...times, externalId: 'slot:7:1' });
    expect(await graphRefusal(refused)).toMatchObject({ statusCode: 400 });
  });

  it('deletes with 204, then 404; the externalId is free again', async () => {
    const made = await createOrGet({ externalId: 'slot:8:1', ...times });
    await one(made.id).delete();
    expect(await graphRefusal(one(made.id).delete())).toMatchObject({ statusCode: 404 });
    expect(await graphRefusal(one(made.id).get())).toMatchObject({ statusCode: 404, code: 'NotFound' });
    expect((await fetch(made.joinWebUrl ?? '')).status).toBe(404);
    expect((await createOrGet({ externalId: 'slot:8:1', ...times })).joinWebUrl).not.toBe(made.joinWebUrl);
  });

  it('finds by join URL for the organizer only, and records the search', async () => {
    const made = await createOrGet({ externalId: 'slot:9:1', ...times });
    const search = (by: typeof client, url = made.joinWebUrl ?? '') =>
      by
        .api('/me/onlineMeetings')
        .query(`$filter=JoinWebUrl eq '${encodeURIComponent(url)}'`)
        .get() as Promise<{ value: OnlineMeeting[] }>;
    expect((await search(client)).value.map(({ id }) => id)).toEqual([made.id]);
    expect(sandbox.ledger.violations.at(-1)).toMatchObject({ kind: 'list-or-search', account: anne });
    expect(await graphRefusal(search(clientOf('bo@regenboog.example')))).toMatchObject({
      statusCode: 403,
      message: expect.stringMatching(/^3003/u),
    });
    expect(await graphRefusal(search(client, 'https://teams.microsoft.com/x'))).toMatchObject({
      statusCode: 404,
      message: expect.stringMatching(/^3004/u),
    });
    expect(await graphRefusal(client.api('/me/onlineMeetings').get())).toMatchObject({ statusCode: 400 });
  });

  it('hides the meetings of others, and everything beside online meetings', async () => {
    const { id } = await createOrGet({ externalId: 'slot:10:1', ...times });
    const bo = clientOf('bo@regenboog.example');
    expect(await graphRefusal(bo.api(`/me/onlineMeetings/${id}`).get())).toMatchObject({ statusCode: 404 });
    expect(sandbox.ledger.violations.at(-1)).toMatchObject({ kind: 'foreign-item', account: 'bo@regenboog.example' });
    expect(await graphRefusal(bo.api('/me/events').get())).toMatchObject({ statusCode: 403 });
    expect(sandbox.ledger.violations.at(-1)).toMatchObject({ kind: 'list-or-search', operation: 'other' });
  });

  it('refuses without a licence with an empty message, and with an old token by its own code', async () => {
    const carl = clientOf('carl@regenboog.example');
    sandbox.microsoft.noLicence('carl@regenboog.example');
    expect(await graphRefusal(createOrGet({ externalId: 'x', ...times }, carl))).toMatchObject({
      statusCode: 403,
      code: 'Forbidden',
      message: '',
    });
    sandbox.microsoft.expireAccessTokens('carl@regenboog.example');
    expect(await graphRefusal(createOrGet({ externalId: 'x', ...times }, carl))).toMatchObject({
      statusCode: 401,
      code: 'InvalidAuthenticationToken',
    });
  });

  const withMilliseconds = () => ({
    startDateTime: '2026-11-24T18:10:00.000Z',
    endDateTime: '2026-11-24T18:20:00.000Z',
  });
});
