import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { calendar_v3 } from '@googleapis/calendar';
import { startSandbox, type Sandbox } from '../../apps/sandbox/src/index.js';
import { anEvent, googleCalendar, googleRefusal, withMeet } from './support/google-client.js';

const anne = 'anne@regenboog.example';
const WIDE = 'openid email https://www.googleapis.com/auth/calendar.events.owned';

describe('The sandbox answers the real Google Calendar client as Google does', () => {
  let sandbox: Sandbox;
  let client: calendar_v3.Calendar;
  let calendarId: string;
  const clientOf = (email: string, scope?: string) =>
    googleCalendar(sandbox.google.apiUrl, sandbox.google.grant({ email, scope }).accessToken);
  const insert = (requestBody: calendar_v3.Schema$Event, conferenceDataVersion = 1) =>
    client.events.insert({ calendarId, conferenceDataVersion, sendUpdates: 'none', requestBody });

  beforeAll(async () => {
    sandbox = await startSandbox({ seed: 7 });
    client = clientOf(anne);
    const made = await client.calendars.insert({
      requestBody: { summary: 'Oudergesprekken', timeZone: 'Europe/Amsterdam' },
    });
    calendarId = made.data.id ?? '';
  });
  afterAll(() => sandbox.close());

  it('makes a calendar that says who owns it and that it can hold Meet links', async () => {
    const { data } = await client.calendars.get({ calendarId });
    expect(data).toMatchObject({
      kind: 'calendar#calendar',
      id: calendarId,
      dataOwner: anne,
      conferenceProperties: { allowedConferenceSolutionTypes: ['hangoutsMeet'] },
    });
  });

  it('makes an event with its Meet link at once', async () => {
    const { status, data } = await insert(withMeet('r1', { id: 'slot00001' }));
    expect(status).toBe(200);
    expect(data.conferenceData?.createRequest?.status?.statusCode).toBe('success');
    expect(data.hangoutLink).toMatch(/\/meet\/[a-z]{3}-[a-z]{4}-[a-z]{3}$/u);
    expect(data.conferenceData?.entryPoints).toEqual([
      expect.objectContaining({ entryPointType: 'video', uri: data.hangoutLink }),
    ]);
    expect((await fetch(data.hangoutLink ?? '')).status).toBe(200);
  });

  it('ignores conference data silently without conferenceDataVersion=1', async () => {
    const { data } = await insert(withMeet('r2', { id: 'slot00002' }), 0);
    expect(data.hangoutLink).toBeUndefined();
    expect(data.conferenceData).toBeUndefined();
  });

  it('refuses an id outside base32hex, a used one, and the id of a deleted event', async () => {
    expect(await googleRefusal(insert(anEvent({ id: 'slot-1' })))).toEqual({ status: 400, reason: 'invalid' });
    expect(await googleRefusal(insert(anEvent({ id: 'slotxyz' })))).toEqual({ status: 400, reason: 'invalid' });
    await insert(anEvent({ id: 'slot00003' }));
    expect(await googleRefusal(insert(anEvent({ id: 'slot00003' })))).toEqual({ status: 409, reason: 'duplicate' });
    await client.events.delete({ calendarId, eventId: 'slot00003' });
    expect(await googleRefusal(insert(anEvent({ id: 'slot00003' })))).toEqual({ status: 409, reason: 'duplicate' });
  });

  it('refuses an event without times, with an empty time range, and with a bad conference type', async () => {
    expect(await googleRefusal(insert({ summary: 'x' }))).toEqual({ status: 400, reason: 'required' });
    const { start } = anEvent();
    expect(await googleRefusal(insert(anEvent({ end: start })))).toEqual({ status: 400, reason: 'timeRangeEmpty' });
    const odd = { createRequest: { requestId: 'r', conferenceSolutionKey: { type: 'eventHangout' } } };
    expect(await googleRefusal(insert(anEvent({ id: 'slot00004', conferenceData: odd })))).toEqual({
      status: 400,
      reason: 'invalid',
    });
    expect(await googleRefusal(client.events.get({ calendarId, eventId: 'slot00004' }))).toMatchObject({ status: 404 });
  });

  it('moves an event: same link, new etag, next sequence; an old etag is refused', async () => {
    const made = (await insert(withMeet('r5', { id: 'slot00005' }))).data;
    const later = { dateTime: '2026-11-24T19:40:00+01:00', timeZone: 'Europe/Amsterdam' };
    const end = { dateTime: '2026-11-24T19:50:00+01:00', timeZone: 'Europe/Amsterdam' };
    const patch = (etag: string) =>
      client.events.patch(
        { calendarId, eventId: 'slot00005', conferenceDataVersion: 1, requestBody: { start: later, end } },
        { headers: { 'If-Match': etag } },
      );
    const { data } = await patch(made.etag ?? '');
    expect(data).toMatchObject({ hangoutLink: made.hangoutLink, sequence: 1, start: later, summary: 'Ten minutes' });
    expect(data.etag).not.toBe(made.etag);
    expect(await googleRefusal(patch(made.etag ?? ''))).toEqual({ status: 412, reason: 'conditionNotMet' });
  });

  it('keeps the conference for the same requestId, makes another for a new one, drops it for null', async () => {
    const made = (await insert(withMeet('r6', { id: 'slot00006' }))).data;
    const ask = async (conferenceData: calendar_v3.Schema$ConferenceData | null) =>
      (
        await client.events.patch({
          calendarId,
          eventId: 'slot00006',
          conferenceDataVersion: 1,
          requestBody: { conferenceData: conferenceData as calendar_v3.Schema$ConferenceData },
        })
      ).data;
    expect((await ask(withMeet('r6').conferenceData ?? null)).hangoutLink).toBe(made.hangoutLink);
    const other = (await ask(withMeet('r6-2').conferenceData ?? null)).hangoutLink;
    expect(other).toBeDefined();
    expect(other).not.toBe(made.hangoutLink);
    expect((await ask(null)).hangoutLink).toBeUndefined();
  });

  it('replaces the whole event on update', async () => {
    await insert(anEvent({ id: 'slot00007', description: 'to be gone' }));
    const { data } = await client.events.update({
      calendarId,
      eventId: 'slot00007',
      requestBody: anEvent({ summary: 'New' }),
    });
    expect(data).toMatchObject({ id: 'slot00007', summary: 'New', status: 'confirmed', sequence: 0 });
    expect(data.description).toBeUndefined();
  });

  it('deletes once with 204, then says 410; a deleted event reads as cancelled', async () => {
    await insert(anEvent({ id: 'slot00008' }));
    const remove = () => client.events.delete({ calendarId, eventId: 'slot00008', sendUpdates: 'none' });
    expect((await remove()).status).toBe(204);
    expect(await googleRefusal(remove())).toEqual({ status: 410, reason: 'deleted' });
    expect((await client.events.get({ calendarId, eventId: 'slot00008' })).data.status).toBe('cancelled');
  });

  it('shows a conference as pending until it was read often enough', async () => {
    sandbox.google.pendingReads(anne, 2);
    const made = (await insert(withMeet('r9', { id: 'slot00009' }))).data;
    sandbox.google.pendingReads(anne, 0);
    expect(made.conferenceData?.createRequest?.status?.statusCode).toBe('pending');
    expect(made.hangoutLink).toBeUndefined();
    const read = async () => (await client.events.get({ calendarId, eventId: 'slot00009' })).data;
    expect((await read()).hangoutLink).toBeUndefined();
    const done = await read();
    expect(done.conferenceData?.createRequest?.status?.statusCode).toBe('success');
    expect(done.hangoutLink).toBeDefined();
    expect(done.etag).not.toBe(made.etag);
  });

  it('can fail to make the conference, and can have Meet switched off', async () => {
    const berta = 'berta@regenboog.example';
    const hers = clientOf(berta);
    const own = (await hers.calendars.insert({ requestBody: { summary: 'x' } })).data.id ?? '';
    const ask = (id: string) =>
      hers.events.insert({ calendarId: own, conferenceDataVersion: 1, requestBody: withMeet(id, { id }) });
    sandbox.google.conferenceFailure(berta);
    const { data } = await ask('slot00010');
    expect(data.conferenceData?.createRequest?.status?.statusCode).toBe('failure');
    expect(data.conferenceData?.entryPoints).toBeUndefined();
    sandbox.google.meetDisabled(berta);
    expect(await googleRefusal(ask('slot00011'))).toEqual({ status: 400, reason: 'invalid' });
    const { data: calendar } = await hers.calendars.get({ calendarId: own });
    expect(calendar.conferenceProperties?.allowedConferenceSolutionTypes).toEqual([]);
  });

  it('answers only the fields that were asked for', async () => {
    const { data } = await client.events.get({
      calendarId,
      eventId: 'slot00001',
      fields: 'id,etag,conferenceData(conferenceId,entryPoints(uri)),start/dateTime',
    });
    expect(Object.keys(data).toSorted()).toEqual(['conferenceData', 'etag', 'id', 'start']);
    expect(data.start).toEqual({ dateTime: '2026-11-24T19:10:00+01:00' });
    expect(Object.keys(data.conferenceData?.entryPoints?.[0] ?? {})).toEqual(['uri']);
  });

  it('hides what the app did not make under calendar.app.created, and records the reach', async () => {
    const before = sandbox.ledger.violations.length;
    expect(await googleRefusal(client.events.get({ calendarId: 'primary', eventId: 'private0item' }))).toMatchObject({
      status: 404,
    });
    const cem = clientOf('cem@regenboog.example');
    expect(await googleRefusal(cem.events.get({ calendarId, eventId: 'slot00001' }))).toMatchObject({ status: 404 });
    expect(sandbox.ledger.violations.slice(before).map(({ kind, account }) => [kind, account])).toEqual([
      ['foreign-item', anne],
      ['foreign-item', 'cem@regenboog.example'],
    ]);
  });

  it('lets calendar.events.owned use the primary calendar, and refuses it new calendars', async () => {
    const wide = clientOf(anne, WIDE);
    const { data } = await wide.events.insert({ calendarId: 'primary', requestBody: anEvent({ id: 'slot00012' }) });
    expect(data.id).toBe('slot00012');
    expect(await googleRefusal(wide.calendars.insert({ requestBody: { summary: 'x' } }))).toEqual({
      status: 403,
      reason: 'insufficientPermissions',
    });
    const signInOnly = clientOf(anne, 'openid email');
    expect(await googleRefusal(signInOnly.events.get({ calendarId, eventId: 'slot00001' }))).toMatchObject({
      status: 403,
    });
  });

  it('answers a list and records it as a violation', async () => {
    const { data } = await client.events.list({ calendarId });
    expect(data.items?.some(({ id }) => id === 'slot00001')).toBe(true);
    expect(sandbox.ledger.violations.at(-1)).toMatchObject({
      kind: 'list-or-search',
      operation: 'events.list',
      account: anne,
    });
  });

  it('refuses in turn with 403 and 429 when a minute is full', async () => {
    sandbox.google.limitRequests(0);
    const read = () => googleRefusal(client.events.get({ calendarId, eventId: 'slot00001' }));
    const answers = [await read(), await read()];
    sandbox.google.limitRequests(600);
    expect(answers.map(({ status }) => status)).toEqual([403, 429]);
    expect(await client.events.get({ calendarId, eventId: 'slot00001' })).toMatchObject({ status: 200 });
  });

  it('says authError once the access token is over', async () => {
    const dirk = 'dirk@regenboog.example';
    const his = clientOf(dirk);
    sandbox.google.expireAccessTokens(dirk);
    expect(await googleRefusal(his.calendars.insert({ requestBody: { summary: 'x' } }))).toEqual({
      status: 401,
      reason: 'authError',
    });
  });

  it('deletes a calendar with everything in it', async () => {
    const eva = clientOf('eva@regenboog.example');
    const own = (await eva.calendars.insert({ requestBody: { summary: 'x' } })).data.id ?? '';
    await eva.events.insert({ calendarId: own, requestBody: anEvent({ id: 'slot00013' }) });
    expect(sandbox.ledger.live().some(({ id }) => id === 'slot00013')).toBe(true);
    expect((await eva.calendars.delete({ calendarId: own })).status).toBe(204);
    expect(sandbox.ledger.live().some(({ id }) => id === 'slot00013')).toBe(false);
    expect(await googleRefusal(eva.calendars.get({ calendarId: own }))).toMatchObject({ status: 404 });
  });
});
