import { describe, expect, it } from '@jest/globals';
import { parseCookieKeys } from './cookie-keys.js';

const key = (byte: number, length = 32) => Buffer.alloc(length, byte).toString('base64url');

describe('R4 the keys of the login cookies', () => {
  it('reads all keys, in order', () => {
    const keys = parseCookieKeys(`k2:${key(2)}, k1:${key(1)}=`);
    expect(keys.map(({ kid }) => kid)).toEqual(['k2', 'k1']);
    expect(keys[0]?.key).toEqual(new Uint8Array(32).fill(2));
  });

  it.each([
    ['', /empty/],
    [' , ', /empty/],
    [`k1:${key(1)},`, /Entry 2 .*empty/],
    ['k1', /Entry 1 .*colon/],
    [`:${key(1)}`, /Entry 1 .*kid/],
    [`k 1:${key(1)}`, /Entry 1 .*kid/],
    [`k1:${key(1, 31)}`, /kid "k1"\) has 31 bytes/],
    [`k1:${key(1)},k2:`, /kid "k2"\) has 0 bytes/],
    [`k1:!!${key(1)}`, /kid "k1"\) is not base64url/],
    [`k1:${key(1)},k1:${key(2)}`, /"k1" twice/],
  ])('says what is wrong with %s', (text, message) => {
    expect(() => parseCookieKeys(text)).toThrow(message);
  });

  it('shows no key in an error', () => {
    const text = `k1:${key(7)},k2:${key(8, 30)}`;
    try {
      parseCookieKeys(text);
    } catch (error) {
      expect(String(error)).not.toContain(key(7));
      expect(String(error)).not.toContain(key(8, 30));
    }
  });
});
