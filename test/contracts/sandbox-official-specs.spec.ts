import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startSandbox, type FaultName, type Sandbox } from '../../apps/sandbox/src/index.js';
import { anEvent, withMeet } from './support/google-client.js';
import {
  discovery,
  googleValidator,
  graphSpec,
  graphValidator,
  meetingProperties,
  readSpec,
  specsAreHere,
  whySkipped,
} from './support/official-specs.js';

const anne = 'anne@regenboog.example';
const times = { startDateTime: '2026-11-24T18:10:00Z', endDateTime: '2026-11-24T18:20:00Z' };
type Body = Record<string, unknown>;

// The documents are not ours to copy: where they are not, the sandbox's own types and the conformance suite are all there is.
if (!specsAreHere) console.log(`Left out: ${whySkipped}`);

(specsAreHere ? describe : describe.skip)('Every answer of the sandbox fits the providers’ own documents', () => {
  let sandbox: Sandbox;
  const call = async (url: string, token: string, method = 'GET', body?: object) => {
    const answer = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: (text === '' ? {} : JSON.parse(text)) as Body };
  };
  const google = (path: string, method?: string, body?: object) =>
    call(
      `${sandbox.google.apiUrl}/calendar/v3/${path}`,
      sandbox.google.grant({ email: anne }).accessToken,
      method,
      body,
    );
  const graph = (path: string, method?: string, body?: object) =>
    call(
      `${sandbox.microsoft.graphUrl}/v1.0${path}`,
      sandbox.microsoft.grant({ email: anne }).accessToken,
      method,
      body,
    );
  const token = async (url: string, id = '', secret = '') => {
    const form = { grant_type: 'refresh_token', refresh_token: 'x', client_id: id, client_secret: secret };
    const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
    return { status: answer.status, body: (await answer.json()) as Body };
  };
  const fail = (fault: string) => sandbox.faults.set({ id: 'f', fault: fault as FaultName });

  beforeAll(async () => {
    sandbox = await startSandbox({ meetUrls: 'https' });
  });
  afterEach(() => sandbox.faults.clear());
  afterAll(() => sandbox.close());

  it('Google: calendars and events, pending, done, failed, changed and cancelled', async () => {
    const validate = googleValidator();
    const [calendar, event, events] = [validate('Calendar'), validate('Event'), validate('Events')];
    const made = (await google('calendars', 'POST', { summary: 'x', timeZone: 'Europe/Amsterdam' })).body;
    const base = `calendars/${encodeURIComponent(String(made.id))}`;
    sandbox.google.pendingReads(anne, 1);
    const query = 'conferenceDataVersion=1&sendUpdates=none';
    const answers = [
      (await google(`${base}/events?${query}`, 'POST', withMeet('r', { id: 'slot00001' }))).body,
      (await google(`${base}/events/slot00001`)).body,
      (await google(`${base}/events/slot00001?${query}`, 'PATCH', { summary: 'y' })).body,
      (await google(`${base}/events/slot00001?${query}`, 'PUT', anEvent({ summary: 'z' }))).body,
    ];
    sandbox.google.conferenceFailure(anne);
    answers.push((await google(`${base}/events?${query}`, 'POST', withMeet('r2', { id: 'slot00002' }))).body);
    answers.push((await google(`${base}/events/slot00002`)).body);
    await google(`${base}/events/slot00002`, 'DELETE');
    answers.push((await google(`${base}/events/slot00002`)).body);
    const found = [made, (await google(base)).body].map((body) => [calendar(body), calendar.errors]);
    expect(found).toEqual([
      [true, null],
      [true, null],
    ]);
    for (const body of answers) expect([event(body), event.errors, body.kind]).toEqual([true, null, 'calendar#event']);
    const listed = (await google(`${base}/events`)).body;
    expect([events(listed), events.errors]).toEqual([true, null]);
    expect(event({ ...answers[0], start: { dateTime: 'no date' } })).toBe(false);
    expect(event({ ...answers[0], unknownProperty: 1 })).toBe(false);
    await google(base, 'DELETE');
  });

  it('Google: each operation that was used is one of the document, by its own method and path', () => {
    const { resources } = discovery();
    const used = sandbox.ledger.requests.filter(
      ({ provider, operation }) => provider === 'google' && !operation.startsWith('token'),
    );
    const operations = new Map(used.map(({ operation, method, route }) => [operation, { method, route }]));
    expect([...operations.keys()].toSorted()).toEqual([
      'calendars.delete',
      'calendars.get',
      'calendars.insert',
      'events.delete',
      'events.get',
      'events.insert',
      'events.list',
      'events.patch',
      'events.update',
    ]);
    for (const [operation, { method, route }] of operations) {
      const [resource = '', name = ''] = operation.split('.');
      const official = resources[resource]?.methods[name];
      const path = route.replace('/calendar/v3/', '').replaceAll(/:(\w+)/gu, '{$1}');
      expect([operation, method, path]).toEqual([operation, official?.httpMethod, official?.path]);
    }
    const { parameters = {} } = resources.events?.methods.insert ?? {};
    expect(Object.keys(parameters)).toEqual(
      expect.arrayContaining(['conferenceDataVersion', 'sendUpdates', 'calendarId']),
    );
  });

  it('Google: each error of the table, body and status', async () => {
    const { 'x-notes': _notes, ...table } = readSpec<Record<string, Body>>('google-calendar-errors.json');
    expect(Object.keys(table).length).toBeGreaterThan(15);
    for (const [name, body] of Object.entries(table)) {
      fail(name);
      const answer = name.startsWith('oauth.')
        ? await token(`${sandbox.google.issuer}/token`)
        : await google('calendars/x');
      expect([name, answer.status]).toEqual([name, Number(/\d{3}/u.exec(name)?.[0])]);
      expect(answer.body).toEqual(body);
    }
  });

  it('Graph: online meetings, new, again, changed, read and found', async () => {
    const meeting = graphValidator()('onlineMeeting');
    const known = meetingProperties();
    const made = await graph('/me/onlineMeetings/createOrGet', 'POST', { externalId: 'slot:1', ...times });
    const id = String(made.body.id);
    const found = await graph(
      `/me/onlineMeetings?$filter=${encodeURIComponent(`JoinWebUrl eq '${String(made.body.joinWebUrl)}'`)}`,
    );
    const answers = [
      made.body,
      (await graph('/me/onlineMeetings/createOrGet', 'POST', { externalId: 'slot:1' })).body,
      (await graph('/me/onlineMeetings', 'POST', { ...times, subject: 'x' })).body,
      (await graph(`/me/onlineMeetings/${id}`, 'PATCH', { lobbyBypassSettings: { scope: 'organizer' } })).body,
      (await graph(`/me/onlineMeetings/${id}`)).body,
      ...(found.body.value as Body[]),
    ];
    expect(answers).toHaveLength(6);
    for (const body of answers) {
      expect([meeting(body), meeting.errors]).toEqual([true, null]);
      expect(Object.keys(body).filter((name) => name !== '@odata.context' && !known.has(name))).toEqual([]);
    }
    expect(meeting({ ...made.body, allowedPresenters: 'nobody' })).toBe(false);
    expect((await graph(`/me/onlineMeetings/${id}`, 'DELETE')).status).toBe(204);
  });

  it('Graph: each path and status that was used is in the document', () => {
    const { paths } = graphSpec();
    const used = sandbox.ledger.requests.filter(({ operation }) => operation.startsWith('onlineMeetings'));
    expect(used.length).toBeGreaterThan(6);
    for (const { route, method, status } of used) {
      const path = route.replace('/v1.0', '').replace(':id', '{onlineMeeting-id}');
      expect([route, Object.keys(paths[path]?.[method.toLowerCase()]?.responses ?? {})]).toEqual([
        route,
        expect.arrayContaining([String(status)]),
      ]);
    }
  });

  it('Microsoft: each error of the table, by its code, message and members', async () => {
    type Row = { body: Body; headers?: Record<string, string> };
    const table = readSpec<Record<string, Row>>('msgraph-errors.json');
    const graphError = graphValidator()('ODataErrors.ODataError');
    expect(Object.keys(table).length).toBeGreaterThan(8);
    const { MICROSOFT_CLIENT_ID, MICROSOFT_CLIENT_SECRET } = sandbox.settings;
    for (const [name, { body, headers = {} }] of Object.entries(table)) {
      fail(name);
      if (name.startsWith('oauth.')) {
        const url = `${sandbox.url}/microsoft/organizations/oauth2/v2.0/token`;
        const answer = await token(url, MICROSOFT_CLIENT_ID, MICROSOFT_CLIENT_SECRET);
        const { error, error_codes, suberror } = body;
        expect(answer).toMatchObject({ status: 400, body: { error, error_codes, ...(suberror ? { suberror } : {}) } });
        expect(Object.keys(answer.body).toSorted()).toEqual(Object.keys(body).toSorted());
        continue;
      }
      const answer = await graph('/me/onlineMeetings/x');
      const official = body.error as Body;
      expect([name, answer.status]).toEqual([name, Number(name.slice(0, 3))]);
      expect([graphError(answer.body), graphError.errors]).toEqual([true, null]);
      expect(answer.body.error).toMatchObject({ code: official.code, message: official.message });
      for (const [header, value] of Object.entries(headers)) expect(answer.headers.get(header)).toBe(value);
      const inner = (answer.body.error as { innerError: Body }).innerError;
      expect(
        Object.keys(official.innerError as Body).filter(
          (member) => inner[member] === undefined || inner[member] === '',
        ),
      ).toEqual([]);
    }
  });

  it('both sign-ins: metadata with members of the real documents only, and the same methods', async () => {
    for (const [file, issuer] of [
      ['google-openid-configuration.json', sandbox.google.issuer],
      ['microsoft-openid-configuration.organizations.json', sandbox.microsoft.issuer],
    ] as const) {
      const official = readSpec<Body>(file);
      const ours = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as Body;
      expect(Object.keys(ours).filter((member) => !(member in official))).toEqual([]);
      for (const [member, value] of Object.entries(ours)) {
        const extra = Array.isArray(value)
          ? value.filter((item) => !(official[member] as unknown[]).includes(item))
          : [];
        // oid is a claim of every id_token though the document leaves it out (access-tokens reference).
        expect([member, extra.filter((item) => item !== 'oid')]).toEqual([member, []]);
      }
    }
  });
});
