import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { Secret } from '#libs/encryption';
import { SealedLeaseBook, SealedLender } from '#libs/login';
import type { Lease, LeaseWireSettings } from '#libs/login';
import { FaultProxy } from '../support/fault-proxy.js';
import { hasRedis, startRedis } from '../support/redis.js';
import type { RunningRedis } from '../support/redis.js';

// Real: Redis, the pub/sub wire, the keys. Fake: nothing.
// Left out where there is no Redis (`npm test` says so): it is the wire.
const describeWithRedis = hasRedis() ? describe : describe.skip;

describeWithRedis('R4 leases cross Redis sealed, and nothing of them stays there', () => {
  let redis: RunningRedis;
  let watcher: Redis;
  const heard: string[] = [];
  const open: { close(): void }[] = [];
  const keys = [new Uint8Array(32).fill(1)];
  const settings = (more: Partial<LeaseWireSettings> = {}): LeaseWireSettings => ({
    redisUrl: redis.url,
    prefix: 'test',
    wireKeys: keys,
    ...more,
  });
  const lender = (more?: Partial<LeaseWireSettings>) => {
    const made = new SealedLender(settings(more));
    open.push(made);
    return made;
  };
  const worker = async (more?: Partial<LeaseWireSettings>) => {
    const made = await SealedLeaseBook.open(settings(more));
    open.push(made);
    return made;
  };
  const aLease = (more: Partial<Lease> = {}): Lease => ({
    personId: 'p-7',
    login: 'google',
    account: { subject: '1122', email: 'planted@regenboog.example' },
    accessToken: new Secret('planted-access-token'),
    expiresAt: new Date(Date.now() + 3_600_000),
    ...more,
  });
  const until = async (true_: () => boolean, seconds = 5) => {
    const end = Date.now() + seconds * 1000;
    while (!true_() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
    return true_();
  };
  const timed = async (work: Promise<void>) => {
    const start = performance.now();
    await work;
    return performance.now() - start;
  };

  beforeAll(async () => {
    redis = await startRedis();
    watcher = new Redis(redis.url);
    watcher.on('error', () => {});
    watcher.on('pmessage', (_pattern, channel: string, message: string) => heard.push(`${channel} ${message}`));
    await watcher.psubscribe('*');
  });
  afterEach(() => {
    for (const one of open.splice(0)) one.close();
    heard.length = 0;
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => watcher.once('end', resolve));
    watcher.disconnect();
    await redis.stop();
    await ended;
  });

  it('reaches every worker that lives, and tells those who wait', async () => {
    const [a, b, from] = [await worker(), await worker(), lender()];
    const lent: unknown[] = [];
    a.onLent((lease) => lent.push(lease));
    // Both have announced themselves once a first lease reached them.
    await until(() => new Set(heard.filter((one) => one.includes('workers')).map((one) => one.slice(-250))).size >= 2);
    await from.lend(aLease());
    await from.lend(aLease());
    expect(await until(() => a.borrow('p-7', 'google') !== null && b.borrow('p-7', 'google') !== null)).toBe(true);
    expect(a.borrow('p-7', 'google')).toMatchObject({ account: { subject: '1122' } });
    expect(a.borrow('p-7', 'google')?.accessToken.reveal()).toBe('planted-access-token');
    expect(a.borrow('p-7', 'google')?.expiresAt.getTime()).toBeLessThanOrEqual(Date.now() + 600_000);
    expect(a.borrow('p-8', 'google')).toBeNull();
    expect(lent[0]).toEqual({ personId: 'p-7', login: 'google' });
  });

  it('asks who is there when it knows nobody, so that the first visit after a start is not in vain', async () => {
    const to = await worker();
    await until(() => heard.length > 0);
    const from = lender();
    await until(() => heard.some((one) => one.startsWith('test:leases:ask')));
    await from.lend(aLease());
    expect(await until(() => to.borrow('p-7', 'google') !== null)).toBe(true);
  });

  it('shows nobody on the wire a token, an address or an id, and writes no key', async () => {
    const [to, from] = [await worker(), lender()];
    await until(() => heard.some((one) => one.startsWith('test:leases:workers')));
    await from.lend(aLease());
    expect(await until(() => to.borrow('p-7', 'google') !== null)).toBe(true);
    expect(heard.some((one) => one.startsWith('test:leases:lent'))).toBe(true);
    for (const secret of ['planted', '1122', 'p-7']) expect(heard.join('\n')).not.toContain(secret);
    const look = new Redis(redis.url);
    expect(await look.keys('*')).toEqual([]);
    look.disconnect();
  });

  it('takes a message once: a replay does not bring a lease back that was withdrawn', async () => {
    const [to, from] = [await worker(), lender()];
    await until(() => heard.some((one) => one.startsWith('test:leases:workers')));
    await from.lend(aLease());
    expect(await until(() => to.borrow('p-7', 'google') !== null)).toBe(true);
    await from.withdraw('p-7', 'google');
    expect(await until(() => to.borrow('p-7', 'google') === null)).toBe(true);
    const [channel = '', message = ''] =
      heard.find((one) => one.startsWith('test:leases:lent'))?.split(/ (.*)/su) ?? [];
    const again = new Redis(redis.url);
    expect(await again.publish(channel, message)).toBeGreaterThan(0);
    await again.publish(channel, 'nonsense');
    again.disconnect();
    expect(await until(() => to.borrow('p-7', 'google') !== null, 0.3)).toBe(false);
  });

  it('a worker that started again cannot open what was sealed to the one before', async () => {
    const [before, from] = [await worker(), lender()];
    await until(() => heard.some((one) => one.startsWith('test:leases:workers')));
    await from.lend(aLease());
    expect(await until(() => before.borrow('p-7', 'google') !== null)).toBe(true);
    before.close();
    const after = await worker();
    expect(after.id).not.toBe(before.id);
    expect(after.borrow('p-7', 'google')).toBeNull();
    expect(before.borrow('p-7', 'google')).toBeNull();
  });

  it('listens to nobody without our key, neither workers nor lenders', async () => {
    const stranger = { wireKeys: [new Uint8Array(32).fill(9)] };
    const [thief, forger] = [await worker(stranger), lender(stranger)];
    const [ours, from] = [await worker(), lender()];
    await until(() => heard.filter((one) => one.startsWith('test:leases:workers')).length >= 2);
    await from.lend(aLease());
    expect(await until(() => ours.borrow('p-7', 'google') !== null)).toBe(true);
    expect(thief.borrow('p-7', 'google')).toBeNull();
    await forger.lend(aLease({ personId: 'p-9' }));
    expect(await until(() => ours.borrow('p-9', 'google') !== null, 0.3)).toBe(false);
  });

  it('keeps installations on one Redis apart', async () => {
    const [theirs, from] = [await worker({ prefix: 'other' }), lender()];
    expect(await timed(from.lend(aLease()))).toBeLessThan(1_300);
    expect(theirs.borrow('p-7', 'google')).toBeNull();
  });

  it('no visit hangs: without a worker, or without Redis, lending ends within a second', async () => {
    expect(await timed(lender().lend(aLease()))).toBeLessThan(1_300);
    expect(await timed(lender({ redisUrl: 'redis://127.0.0.1:1' }).lend(aLease()))).toBeLessThan(1_300);
  });

  it('a connection that hangs without a word is given up, also by who only listens', async () => {
    const wire = await FaultProxy.start({ port: redis.port });
    try {
      const book = await worker({ redisUrl: wire.through(redis.url), silentMs: 400 });
      const api = lender();
      await api.lend(aLease());
      expect(await until(() => book.borrow('p-7', 'google') !== null)).toBe(true);
      wire.forget();
      expect(
        await until(() => {
          void api.lend(aLease({ personId: 'p-8' }));
          return book.borrow('p-8', 'google') !== null;
        }),
      ).toBe(true);
    } finally {
      await wire.close();
    }
  });

  it('comes back by itself when Redis does', async () => {
    let own = await startRedis();
    const [to, from] = [await worker({ redisUrl: own.url }), lender({ redisUrl: own.url })];
    await from.lend(aLease());
    expect(await until(() => to.borrow('p-7', 'google') !== null)).toBe(true);
    await own.stop();
    to.withdraw('p-7', 'google');
    expect(await timed(from.lend(aLease()))).toBeLessThan(1_300);
    expect(to.borrow('p-7', 'google')).toBeNull();
    own = await startRedis({ port: own.port });
    const end = Date.now() + 8_000;
    while (!to.borrow('p-7', 'google') && Date.now() < end) {
      await from.lend(aLease());
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(to.borrow('p-7', 'google')).not.toBeNull();
    await own.stop();
  });
});
