import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { until } from '../support/until.js';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

// Real: sockets on this computer. The server answers each piece with the same bytes.
describe('the fault proxy', () => {
  let server: Server;
  let proxy: FaultProxy;
  const heard: string[] = [];

  beforeEach(async () => {
    heard.length = 0;
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        heard.push(chunk.toString());
        socket.write(chunk);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    proxy = await FaultProxy.start({ port: (server.address() as AddressInfo).port });
  });
  afterEach(async () => {
    await proxy.close();
    await new Promise((resolve) => server.close(resolve));
  });

  const client = async () => {
    const socket: Socket = connect(proxy.port, '127.0.0.1');
    const said: string[] = [];
    const seen = { text: () => said.join(''), closed: false };
    socket.on('data', (chunk) => said.push(chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => (seen.closed = true));
    await new Promise((resolve) => socket.once('connect', resolve));
    return { socket, seen };
  };

  it('passes bytes both ways and knows who waits', async () => {
    const { socket, seen } = await client();
    socket.write('hello');
    await until('the echo', () => seen.text() === 'hello');
    expect(proxy.awaiting).toBe(0);
    proxy.stall('to-client');
    socket.write('again');
    await until('somebody waits', () => proxy.awaiting === 1);
  });

  it('cuts what is open, and refuses what comes', async () => {
    const { seen } = await client();
    await until('it is linked', () => proxy.connections === 1);
    proxy.refuse();
    await until('it is cut', () => seen.closed);
    const next = await client();
    await until('it is refused', () => next.seen.closed);
    expect(proxy.done).toMatchObject({ cut: 1, refused: 1 });
  });

  it('holds either way, and lets go of what it held', async () => {
    const { socket, seen } = await client();
    await until('it is linked', () => proxy.connections === 1);
    proxy.stall('to-server');
    socket.write('a');
    await pause(60);
    expect(heard).toEqual([]);
    proxy.pass();
    await until('it arrived', () => seen.text() === 'a');
    proxy.stall('to-client');
    socket.write('b');
    await until('the server has it', () => heard.length === 2);
    await pause(60);
    expect(seen.text()).toBe('a');
    proxy.pass();
    await until('the answer came', () => seen.text() === 'ab');
    proxy.stall();
    const late = await client();
    late.socket.write('c');
    await pause(60);
    expect(heard).toHaveLength(2);
    proxy.pass();
    await until('the new one is served', () => late.seen.text() === 'c');
  });

  it('delays, and ends a connection in the middle of an answer', async () => {
    const { socket, seen } = await client();
    await until('it is linked', () => proxy.connections === 1);
    proxy.delay(50);
    const started = performance.now();
    socket.write('slow');
    await until('it came', () => seen.text() === 'slow');
    expect(performance.now() - started).toBeGreaterThan(90);
    proxy.pass();
    proxy.dropRepliesAfter(3);
    socket.write('answer');
    await until('it ended', () => seen.closed);
    expect(seen.text()).toBe('slowans');
    expect(proxy.done.repliesDropped).toBe(1);
  });
});

// Real: Postgres.
describe('the fault proxy before Postgres', () => {
  let db: TestDatabase;
  let proxy: FaultProxy;
  beforeEach(async () => {
    db = await freshDatabase();
    proxy = await FaultProxy.start({ port: Number(new URL(db.url).port) });
  });
  afterEach(async () => {
    await proxy.close();
    await db.close();
  });

  it.each(['commit', 'COMMIT;', { text: 'commit', values: [], name: 'prepared' }])(
    'the reply to %j is lost, and the transaction happened',
    async (commit) => {
      const client = new pg.Client({ connectionString: proxy.through(db.migrationUrl) });
      client.on('error', () => undefined);
      await client.connect();
      await client.query('begin');
      await client.query(`insert into spent_tokens values ('\\x01', now())`);
      proxy.loseCommitReplies(1);
      await client.query(`insert into spent_tokens values ('\\x02', now()) -- not a commit of anything`);
      await expect(client.query(commit as string)).rejects.toThrow();
      expect(await db.query('select 1 from spent_tokens')).toHaveLength(2);
      expect(proxy.done.commitRepliesLost).toBe(1);
    },
  );
});
