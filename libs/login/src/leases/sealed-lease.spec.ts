import { beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import { Secret } from '#libs/encryption';
import type { Lease } from './lease.js';
import { openLease, sealLease } from './sealed-lease.js';
import { openWord, signWord } from './signed-word.js';

const now = new Date('2026-11-24T18:00:00Z');
const lease: Lease = {
  personId: 'p-7',
  login: 'microsoft',
  account: { subject: 't.o', email: 'anne@regenboog.example' },
  accessToken: new Secret('planted-access-token'),
  expiresAt: new Date('2026-11-24T18:10:00Z'),
};
let worker: { id: string; key: JWK; privateKey: CryptoKey };
const aWorker = async (id: string) => {
  const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519' });
  return { id, key: await exportJWK(publicKey), privateKey };
};

describe('R4 a lease on its way is sealed to one worker', () => {
  beforeAll(async () => {
    worker = await aWorker('w-1');
  });

  it('is opened by that worker', async () => {
    const sealed = await sealLease({ kind: 'lent', lease }, worker, now);
    expect(sealed).not.toContain('planted');
    const opened = await openLease(sealed, worker, now);
    expect(opened?.word).toEqual({ kind: 'lent', lease });
    expect(opened?.word.kind === 'lent' && opened.word.lease.accessToken.reveal()).toBe('planted-access-token');
  });

  it('is not opened by another key, by another name, late, or changed', async () => {
    const sealed = await sealLease({ kind: 'lent', lease }, worker, now);
    const other = await aWorker('w-1');
    expect(await openLease(sealed, other, now)).toBeNull();
    expect(await openLease(sealed, { ...worker, id: 'w-2' }, now)).toBeNull();
    expect(await openLease(sealed, worker, new Date('2026-11-24T18:00:36Z'))).toBeNull();
    const middle = Math.floor(sealed.length / 2);
    const changed = sealed.slice(0, middle) + (sealed[middle] === 'A' ? 'B' : 'A') + sealed.slice(middle + 1);
    expect(await openLease(changed, worker, now)).toBeNull();
    expect(await openLease('nonsense', worker, now)).toBeNull();
  });

  it('takes back as well', async () => {
    const word = { kind: 'withdrawn', personId: 'p-7', login: 'google' } as const;
    const opened = await openLease(await sealLease(word, worker, now), worker, now);
    expect(opened?.word).toEqual(word);
  });

  it('has a serial number of its own each time', async () => {
    const open = async () => openLease(await sealLease({ kind: 'lent', lease }, worker, now), worker, now);
    expect((await open())?.jti).not.toBe((await open())?.jti);
  });
});

describe('R4 only our own processes are listened to', () => {
  const [a, b] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  it('any key verifies, no other does', () => {
    const said = signWord({ x: 1 }, a);
    expect(openWord(said, [b, a])).toEqual({ x: 1 });
    expect(openWord(said, [b])).toBeNull();
    expect(openWord(said.replace('"x":1', '"x":2'), [a])).toBeNull();
    for (const nonsense of ['', '.', 'abc', '{"x":1}', `.${JSON.stringify({ x: 1 })}`]) {
      expect(openWord(nonsense, [a])).toBeNull();
    }
    expect(openWord(signWord('text' as never, a), [a])).toBeNull();
  });
});
