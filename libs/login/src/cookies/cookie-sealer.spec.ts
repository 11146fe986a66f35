import { describe, expect, it } from '@jest/globals';
import { CompactEncrypt, EncryptJWT } from 'jose';
import { CookieSealer } from './cookie-sealer.js';

const k1 = { kid: 'k1', key: new Uint8Array(32).fill(1) };
const k2 = { kid: 'k2', key: new Uint8Array(32).fill(2) };
let now = new Date('2026-11-24T18:00:00Z');
const sealer = (...keys: (typeof k1)[]) => new CookieSealer(keys, () => now);
const at = (text: string) => (now = new Date(text));

describe('R4 what a browser keeps for us, only we can read', () => {
  it('comes back as it was', async () => {
    const value = await sealer(k1).seal('p', { token: 'planted-token', n: 1 }, 60);
    expect(await sealer(k1).open('p', value)).toEqual({ token: 'planted-token', n: 1 });
    expect(value).not.toContain('planted-token');
    expect(value.split('.')[1]).toBe('');
  });

  it('is sealed anew each time', async () => {
    expect(await sealer(k1).seal('p', {}, 60)).not.toBe(await sealer(k1).seal('p', {}, 60));
  });

  it('is opened by any key we have, sealed by the first', async () => {
    const old = await sealer(k1).seal('p', { a: 1 }, 60);
    expect(await sealer(k2, k1).open('p', old)).toEqual({ a: 1 });
    const fresh = await sealer(k2, k1).seal('p', { a: 1 }, 60);
    expect(JSON.parse(Buffer.from(fresh.split('.')[0] ?? '', 'base64url').toString())).toEqual({
      alg: 'dir',
      enc: 'A256GCM',
      kid: 'k2',
    });
    expect(await sealer(k1).open('p', fresh)).toBeNull();
  });

  it('is not opened under the name of another key', async () => {
    const value = await sealer({ ...k1, kid: 'k2' }).seal('p', {}, 60);
    expect(await sealer(k1, k2).open('p', value)).toBeNull();
  });

  it('is for one purpose', async () => {
    expect(await sealer(k1).open('q', await sealer(k1).seal('p', {}, 60))).toBeNull();
  });

  it('ends', async () => {
    at('2026-11-24T18:00:00Z');
    const value = await sealer(k1).seal('p', {}, 60);
    at('2026-11-24T18:00:59Z');
    expect(await sealer(k1).open('p', value)).not.toBeNull();
    at('2026-11-24T18:01:00Z');
    expect(await sealer(k1).open('p', value)).toBeNull();
    at('2026-11-24T17:55:00Z');
    expect(await sealer(k1).open('p', value)).toBeNull();
    at('2026-11-24T18:00:00Z');
  });

  it('is worth nothing with any one character changed, cut off or added', async () => {
    const value = await sealer(k1).seal('p', { token: 'x' }, 60);
    const open = (changed: string) => sealer(k1).open('p', changed);
    for (let index = 0; index < value.length; index += 1) {
      const old = value[index];
      for (const other of [old === 'A' ? 'B' : 'A', old === '_' ? '-' : '_', '.']) {
        if (other === old) continue;
        expect(await open(value.slice(0, index) + other + value.slice(index + 1))).toBeNull();
      }
      expect(await open(value.slice(0, index) + value.slice(index + 1))).toBeNull();
    }
    expect(await open(`${value}A`)).toBeNull();
    expect(await open(`${value}=`)).toBeNull();
    expect(await open(` ${value}`)).toBeNull();
  });

  it('takes no other algorithm, no time without an end, and no nonsense', async () => {
    const plain = new TextEncoder().encode('{"data":{},"aud":"p"}');
    const noTimes = await new CompactEncrypt(plain)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'k1' })
      .encrypt(k1.key);
    const wrapped = await new EncryptJWT({ data: {} })
      .setProtectedHeader({ alg: 'A256GCMKW', enc: 'A256GCM', kid: 'k1' })
      .setAudience('p')
      .setIssuedAt(1)
      .setExpirationTime('9y')
      .encrypt(k1.key);
    for (const value of [noTimes, wrapped, '', '.', '....', 'abc', '\u0000', 'a.b.c.d.e', 'é']) {
      expect(await sealer(k1).open('p', value)).toBeNull();
    }
  });

  it('needs a key', () => expect(() => sealer()).toThrow(/at least one key/));
});
