import { afterEach, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { Secret } from '#libs/encryption';
import type { Lease } from './lease.js';
import { LeaseShelf } from './lease-shelf.js';
import { MemoryLeases } from './memory-leases.js';

let now = new Date('2026-11-24T18:00:00Z');
const start = now;
const later = (seconds: number) => (now = new Date(start.getTime() + seconds * 1000));
const aLease = (seconds = 3600, more: Partial<Lease> = {}): Lease => ({
  personId: 'p-7',
  login: 'google',
  account: { subject: '1', email: 'anne@regenboog.example' },
  accessToken: new Secret('planted-access-token'),
  expiresAt: new Date(start.getTime() + seconds * 1000),
  ...more,
});

describe('R4 a lease is a loan of minutes, in memory only', () => {
  const leases = new MemoryLeases(() => now);
  afterEach(() => {
    later(0);
    leases.withdraw('p-7', 'google').catch(() => {});
  });

  it('ends ten minutes after it was lent', async () => {
    await leases.lend(aLease());
    expect(leases.borrow('p-7', 'google')?.expiresAt).toEqual(new Date('2026-11-24T18:10:00Z'));
    later(599);
    expect(leases.borrow('p-7', 'google')?.accessToken.reveal()).toBe('planted-access-token');
    later(600);
    expect(leases.borrow('p-7', 'google')).toBeNull();
  });

  it('ends a minute before the token does', async () => {
    await leases.lend(aLease(120));
    later(59);
    expect(leases.borrow('p-7', 'google')).not.toBeNull();
    later(60);
    expect(leases.borrow('p-7', 'google')).toBeNull();
  });

  it('is not lent at all when the token is as good as over', async () => {
    const heard: unknown[] = [];
    const stop = leases.onLent((lent) => heard.push(lent));
    await leases.lend(aLease(60));
    expect(leases.borrow('p-7', 'google')).toBeNull();
    expect(heard).toEqual([]);
    stop();
  });

  it('is for its person and login alone', async () => {
    await leases.lend(aLease());
    expect(leases.borrow('p-8', 'google')).toBeNull();
    expect(leases.borrow('p-7', 'microsoft')).toBeNull();
  });

  it('is taken back when its person says so', async () => {
    await leases.lend(aLease());
    await leases.withdraw('p-7', 'google');
    expect(leases.borrow('p-7', 'google')).toBeNull();
  });

  it('tells who waits for it, without the token, until they stop listening', async () => {
    const heard: unknown[] = [];
    const stop = leases.onLent((lent) => heard.push(lent));
    await leases.lend(aLease());
    stop();
    await leases.lend(aLease());
    expect(heard).toEqual([{ personId: 'p-7', login: 'google' }]);
  });

  it('is replaced by a newer one', async () => {
    await leases.lend(aLease());
    await leases.lend(aLease(3600, { accessToken: new Secret('newer') }));
    expect(leases.borrow('p-7', 'google')?.accessToken.reveal()).toBe('newer');
  });

  it('shows no token when printed', async () => {
    await leases.lend(aLease());
    const lent = leases.borrow('p-7', 'google');
    expect(inspect([leases, lent], { depth: 9, showHidden: true }) + JSON.stringify(lent)).not.toContain('planted');
    leases.close();
  });
});

describe('R4 no token stays in memory after its loan', () => {
  it('sweeps what nobody asks for', () => {
    const shelf = new LeaseShelf(() => now);
    later(0);
    shelf.put(aLease(10));
    expect(shelf.size).toBe(1);
    later(10);
    shelf.sweep();
    expect(shelf.size).toBe(0);
    shelf.close();
    later(0);
  });
});
