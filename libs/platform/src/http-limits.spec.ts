import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startHealthServer } from './health-server.js';
import { HTTP_LIMITS, limitedServer } from './http-limits.js';
import { Metrics } from './metrics.js';

// Real: a server and sockets. The times are a hundredth of the usual ones.
const LIMITS = { ...HTTP_LIMITS, headersMs: 100, requestMs: 300, checkMs: 20, connections: 2 };

const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));

describe('R10 the metrics port holds the limits of every port', () => {
  let close: (() => Promise<void>) | null = null;
  afterEach(() => close?.());
  const start = async (bind = '127.0.0.1') => {
    const ready = () => Promise.resolve({ ready: true, faults: [] });
    const server = await startHealthServer({ port: 0, bind }, new Metrics(), ready, LIMITS);
    close = server.close;
    return server.port;
  };
  /** Sends this, then a piece every 20 ms, and hears how it ends. */
  const slowly = async (port: number, first: string, piece: string) => {
    const socket = connect(port, '127.0.0.1');
    let heard = '';
    socket.on('data', (chunk) => (heard += chunk.toString()));
    socket.on('error', () => undefined);
    socket.write(first);
    const dripping = piece === '' ? undefined : setInterval(() => socket.write(piece), 20);
    await closed(socket);
    clearInterval(dripping);
    return heard.split('\r\n')[0];
  };

  it.each([
    ['headers that do not end', 'GET /livez HTTP/1.1\r\nhost: x\r\nx-slow: ', 'a'],
    ['a connection on which nothing is sent', '', ''],
  ])('%s are cut off', async (_name, first, piece) => {
    expect(await slowly(await start(), first, piece)).toBe('HTTP/1.1 408 Request Timeout');
  });

  it('a body that does not end is cut off, though it was answered', async () => {
    const first = 'POST /livez HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n';
    expect(await slowly(await start(), first, 'a')).toBe('HTTP/1.1 200 OK');
  });

  it('headers of more than 16 KiB are refused', async () => {
    const first = `GET /livez HTTP/1.1\r\nhost: x\r\nx-large: ${'a'.repeat(17_000)}\r\n\r\n`;
    expect(await slowly(await start(), first, '')).toBe('HTTP/1.1 431 Request Header Fields Too Large');
  });

  it('a connection that does not wait for its answers is cut, before its requests cost anything', async () => {
    let handled = 0;
    const server = limitedServer((_request, response) => {
      handled += 1;
      setImmediate(() => response.end('ok'));
    }, HTTP_LIMITS);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const request = 'GET /livez HTTP/1.1\r\nhost: x\r\n\r\n';
      const flood = connect(port, '127.0.0.1').on('error', () => undefined);
      flood.write(request.repeat(1_900));
      await closed(flood);
      expect(handled).toBe(HTTP_LIMITS.pipelined);
      // One at a time, as browsers and proxies do, there is no end to it.
      const polite = connect(port, '127.0.0.1').on('error', () => undefined);
      for (let n = 0; n < 40; n += 1) {
        polite.write(request);
        await once(polite, 'data');
      }
      polite.destroy();
      expect(handled).toBe(HTTP_LIMITS.pipelined + 40);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('connections beyond the limit are closed', async () => {
    const port = await start();
    const open = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
    await Promise.all(open.map((socket) => once(socket, 'connect')));
    const third = connect(port, '127.0.0.1').on('error', () => undefined);
    await closed(third);
    for (const socket of open) socket.destroy();
  });

  it('listens on the address that it is given, and on no other', async () => {
    const port = await start('127.0.0.1');
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
    await expect(fetch(`http://127.0.0.2:${port}/livez`)).rejects.toThrow();
    await close!();
    const everywhere = await start('0.0.0.0');
    expect((await fetch(`http://127.0.0.2:${everywhere}/livez`)).status).toBe(200);
  });
});
