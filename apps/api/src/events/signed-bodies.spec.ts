import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { Problem } from '../http/problem.js';
import { SignedBodies } from './signed-bodies.js';

const SECRETS = [1, 2].map((byte) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`);
const STRANGER = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

function headersFor(body: string, secrets: readonly string[], at = new Date()): Record<string, string> {
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign('msg_1', at, body)).join(' '),
  };
}

/** A request whose body comes when the test says so; whether anybody asked for it is counted. */
class Request extends Readable {
  asked = 0;

  constructor(readonly headers: Record<string, string>) {
    super();
  }

  override _read(): void {
    this.asked += 1;
  }

  come(...pieces: readonly string[]): this {
    for (const piece of pieces) this.push(Buffer.from(piece));
    return this;
  }

  end(): this {
    this.push(null);
    return this;
  }
}

const read = (bodies: SignedBodies, request: Request) => bodies.read(request as unknown as IncomingMessage);
const statusOf = (reading: Promise<Buffer>) =>
  reading.then(
    () => 202,
    (error: unknown) => (error as Problem).getStatus(),
  );

describe('P13 nothing that costs happens before the signature', () => {
  const bodies = new SignedBodies(SECRETS);
  const body = '{"name":"Elif Yılmaz"}';

  it('verifies with any live secret, any of several signatures, and in any pieces', async () => {
    for (const secrets of [[SECRETS[0]!], [SECRETS[1]!], [STRANGER, SECRETS[1]!]]) {
      const request = new Request(headersFor(body, secrets)).come(body.slice(0, 3), body.slice(3)).end();
      expect((await read(bodies, request)).toString()).toBe(body);
    }
  });

  it('is over the bytes that came: what is no UTF-8 is not read as something else', async () => {
    const replaced = new Request(headersFor('\ufffd', [SECRETS[0]!]));
    replaced.push(Buffer.from([0xff]));
    expect(await statusOf(read(bodies, replaced.end()))).toBe(401);
  });

  it.each<[string, Record<string, string>]>([
    ['no signature', { 'webhook-signature': '' }],
    ['a signature of another scheme', { 'webhook-signature': `v1a,${Buffer.alloc(32).toString('base64')}` }],
    ['a signature that is too short', { 'webhook-signature': 'v1,AAAA' }],
    ['only signatures beyond the tenth', { 'webhook-signature': `${'v0,x '.repeat(10)}v1,${'A'.repeat(43)}=` }],
    ['no id', { 'webhook-id': '' }],
    ['no time', { 'webhook-timestamp': '' }],
    ['a time that is none', { 'webhook-timestamp': '1e9' }],
    ['a time of yesterday', { 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 86_400) }],
    ['a time of tomorrow', { 'webhook-timestamp': String(Math.floor(Date.now() / 1000) + 86_400) }],
  ])('%s is refused before a byte of the body is read', async (_name, headers) => {
    const request = new Request({ ...headersFor(body, [SECRETS[0]!]), ...headers });
    expect(await statusOf(read(bodies, request))).toBe(401);
    expect(request.asked).toBe(0);
  });

  it('refuses what says that it is too long before it is read, and what is without saying so', async () => {
    const said = new Request({ ...headersFor(body, [STRANGER]), 'content-length': String(2 * 1024 * 1024 + 1) });
    expect(await statusOf(read(bodies, said))).toBe(413);
    expect(said.asked).toBe(0);
    const unsaid = new Request(headersFor(body, [STRANGER])).come(...Array<string>(33).fill('x'.repeat(64 * 1024)));
    expect(await statusOf(read(bodies, unsaid))).toBe(413);
  });

  it('holds a bounded number of bytes: the slowest makes room, whoever comes later is let through', async () => {
    const small = new SignedBodies(SECRETS, 1_000);
    const slow = new Request(headersFor(body, [STRANGER])).come('x'.repeat(900));
    const slowest = statusOf(read(small, slow));
    const other = new Request(headersFor(body, [STRANGER])).come('x'.repeat(90));
    const second = statusOf(read(small, other));
    const signed = new Request(headersFor(body, [SECRETS[0]!])).come(body).end();
    expect(await statusOf(read(small, signed))).toBe(202);
    expect(await slowest).toBe(503);
    other.end();
    expect(await second).toBe(401);
  });

  it('gives back what it held of a sender that went away', async () => {
    const small = new SignedBodies(SECRETS, 1_000);
    const gone = new Request(headersFor(body, [STRANGER])).come('x'.repeat(900));
    const reading = statusOf(read(small, gone));
    await new Promise(setImmediate);
    gone.destroy();
    expect(await reading).toBe(400);
    const stays = new Request(headersFor('y'.repeat(900), [SECRETS[0]!])).come('y'.repeat(900)).end();
    expect(await statusOf(read(small, stays))).toBe(202);
  });
});
