import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Redis } from 'ioredis';
import { startAll, type RunningProduct } from '../../apps/cli/src/start-all.js';
import { loadSettings } from '#libs/platform';
import { ASchool } from '../support/a-school.js';
import { backends } from '../support/backends.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { installation } from '../support/installation.js';
import { freePort, startRedis, type RunningRedis } from '../support/redis.js';
import { until } from '../support/until.js';

jest.setTimeout(240_000);

const onRedis = backends().includes('redis') ? describe : describe.skip;

// Real: the product in this process with sealed leases, Postgres, two Redis, and a name that leads to one of them.
onRedis('P16 Redis fails over: the name leads to the new primary, open connections stay with the old one', () => {
  let home = '';
  let world: Awaited<ReturnType<typeof installation>>;
  let running: RunningProduct;
  let name: FaultProxy;
  const servers: RunningRedis[] = [];
  const metrics = { port: 0 };
  beforeAll(async () => {
    process.env['LOG_LEVEL'] = 'fatal';
    home = mkdtempSync(join(tmpdir(), 'conferences-failover-'));
    servers.push(await startRedis(), await startRedis());
    await command(servers[1]!, 'REPLICAOF', '127.0.0.1', String(servers[0]!.port));
    name = await FaultProxy.start({ port: servers[0]!.port });
    metrics.port = await freePort();
    world = await installation(home, {
      REDIS_URL: `redis://127.0.0.1:${name.port}`,
      LEASE: 'sealed',
      METRICS_PORT: String(metrics.port),
    });
    running = await startAll(loadSettings(world.env));
  });
  afterAll(async () => {
    await running.close();
    await name.close();
    for (const server of servers) await server.stop();
    await world.product.close();
    rmSync(home, { recursive: true, force: true });
  });

  it('heals within two minutes without a restart: queues, leases and readiness', async () => {
    const { product } = world;
    const school = new ASchool();
    const teacher = await product.teacher(school);
    await product.emit(school.slot(1, { wanting: 'google-meet' }));
    await product.visit(teacher);
    await product.untilReady(school, 1);
    const [old, fresh] = [servers[0]!, servers[1]!];
    name.retarget(fresh.port);
    await command(fresh, 'REPLICAOF', 'NO', 'ONE');
    await command(old, 'REPLICAOF', '127.0.0.1', String(fresh.port));
    const began = performance.now();
    await product.emit(school.slot(2, { wanting: 'google-meet' }));
    await until(
      'the second slot is ready, and the process says that it works',
      async () => {
        await product.visit(teacher);
        const { status } = await fetch(`http://127.0.0.1:${metrics.port}/readyz`);
        return status === 200 && (await product.row(school, 2)).status === 'ready';
      },
      120,
    );
    expect(performance.now() - began).toBeLessThan(120_000);
    // The leases' pub/sub, too: a replica takes what is published there, and nobody hears it.
    await until(
      'nobody listens at the old primary',
      async () => String(await command(old, 'CLIENT', 'LIST', 'TYPE', 'pubsub')).trim() === '',
      60,
    );
  });
});

async function command(server: RunningRedis, ...words: string[]): Promise<unknown> {
  const client = new Redis(server.url, { maxRetriesPerRequest: 1 });
  client.on('error', () => undefined);
  try {
    return await client.call(words[0]!, ...words.slice(1));
  } finally {
    client.disconnect();
  }
}
