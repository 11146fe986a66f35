import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { Secret } from '#libs/encryption';
import { DeliveryError } from './delivery-error.js';
import { WebhookChannel, type OutgoingEvent } from './webhook-channel.js';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const event: OutgoingEvent = {
  specversion: '1.0',
  id: 'ev-1',
  source: 'https://conf.school.example',
  type: 'videoconferences.conference.ready.v1',
  subject: 't-100',
  time: '2026-11-24T18:10:00Z',
  datacontenttype: 'application/json',
  data: { school: { id: 's-1' }, timeslot: { id: 't-100', version: 3 }, status: 'ready', joinable: true },
};

async function withReceiver(answer: RequestListener, use: (url: string) => Promise<void>) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
const channelTo = (url: string, timeoutMs = 2_000) =>
  new WebhookChannel({ url, secret: new Secret(SECRET), timeoutMs });

describe('events out', () => {
  it('are structured CloudEvents that Standard Webhooks verifies', async () => {
    let seen: { body: string; headers: IncomingHttpHeaders } | undefined;
    await withReceiver(
      (request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.on('end', () => {
          seen = { body, headers: request.headers };
          response.writeHead(204).end();
        });
      },
      async (url) => {
        await channelTo(url).send(event);
        expect(seen?.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
        expect(seen?.headers['webhook-id']).toBe('ev-1');
        expect(new Webhook(SECRET).verify(seen!.body, seen!.headers as Record<string, string>)).toEqual(event);
      },
    );
  });

  it.each([[302], [400], [410], [429], [500], [503]])('%i is no receipt', async (status) => {
    let calls = 0;
    await withReceiver(
      (_request, response) => {
        calls += 1;
        response.writeHead(status, { location: '/elsewhere' }).end('secret words');
      },
      async (url) => {
        await expect(channelTo(url).send(event)).rejects.toEqual(
          new DeliveryError('unavailable', 'no-receipt', status),
        );
        expect(calls).toBe(1);
      },
    );
  });

  it('gives up in time', async () => {
    await withReceiver(
      () => undefined,
      async (url) => {
        await expect(channelTo(url, 100).send(event)).rejects.toMatchObject({ word: 'unavailable', code: 'timeout' });
      },
    );
  });

  it('says unavailable when nobody listens', async () => {
    await expect(channelTo('http://127.0.0.1:1/').send(event)).rejects.toMatchObject({
      word: 'unavailable',
      code: 'network',
    });
  });
});
