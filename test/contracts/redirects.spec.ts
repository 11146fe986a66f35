import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret } from '#libs/encryption';
import { loginFlowsFrom } from '#libs/login';
import { WebhookChannel } from '#libs/notifications';
import { GoogleMeet, MicrosoftTeams } from '#libs/providers';

// Real: HTTP, the adapters and their clients. Whoever is asked answers with a redirect to somebody else.

const APP_CREATED = 'https://www.googleapis.com/auth/calendar.app.created';
const access = { accessToken: new Secret('planted-token'), signal: new AbortController().signal };
const wish = {
  key: 'a'.repeat(32),
  place: new Secret('c1'),
  id: null,
  start: new Date('2026-11-24T18:10:00Z'),
  end: new Date('2026-11-24T18:20:00Z'),
  timeZone: 'Europe/Amsterdam',
  title: 'Parent meeting',
};

describe.each([301, 302, 303, 307, 308])('R11 a redirect leads nowhere', (status) => {
  const servers: Server[] = [];
  let asked = 0;
  let elsewhere = 0;
  let url: string;
  const listen = (server: Server) =>
    new Promise<string>((resolve) => {
      servers.push(server);
      server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
    });
  beforeAll(async () => {
    const other = await listen(
      createServer((_request, response) => {
        elsewhere += 1;
        response.setHeader('content-type', 'application/json').end('{}');
      }),
    );
    url = await listen(
      createServer((request, response) => {
        asked += 1;
        request.resume();
        response.writeHead(status, { location: `${other}${request.url ?? ''}` }).end();
      }),
    );
  });
  beforeEach(() => {
    asked = elsewhere = 0;
  });
  afterAll(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });
  const expectRefused = async (work: Promise<unknown>, meaning: object) => {
    await expect(work).rejects.toMatchObject(meaning);
    expect({ asked, elsewhere }).toEqual({ asked: 1, elsewhere: 0 });
  };

  it(`${status}: Google's create may have happened, its read tells nothing`, async () => {
    const google = new GoogleMeet({ apiUrl: url, scope: APP_CREATED });
    const details = { status, outcomeUnknown: true };
    await expectRefused(google.create(access, wish), { name: 'ProviderError', word: 'unavailable', details });
    asked = 0;
    await expectRefused(google.read(access, wish), { word: 'unavailable', details: { outcomeUnknown: false } });
  });

  it(`${status}: Microsoft's create may have happened`, async () => {
    const teams = new MicrosoftTeams({ graphUrl: url });
    await expectRefused(teams.create(access, wish), { word: 'unavailable', details: { outcomeUnknown: true } });
  });

  it(`${status}: a sign-in service that moved is not there`, async () => {
    const shared = { clientId: 'c', clientSecret: 's', redirectUri: 'https://app.example/back', allowHttp: true };
    const flows = loginFlowsFrom(
      { google: { ...shared, issuer: url, scope: 'openid' }, microsoft: { ...shared, issuer: url } },
      () => new Date(),
    );
    await expectRefused(flows.google.start({ personId: 'p-7', to: '/' }), { reason: 'unavailable' });
  });

  it(`${status}: an event is no receipt`, async () => {
    const webhook = new WebhookChannel({ url, secret: new Secret(`whsec_${'a'.repeat(32)}`) });
    const event = {
      specversion: '1.0',
      id: 'e-1',
      source: '/x',
      type: 't',
      subject: 's',
      time: '2026-11-24T18:00:00Z',
      datacontenttype: 'application/json',
      data: {},
    } as const;
    await expectRefused(webhook.send(event), { word: 'unavailable', status });
  });
});
