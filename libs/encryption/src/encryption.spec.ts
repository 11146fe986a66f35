import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, inspect } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import { BlindIndex, KeyRing, Secret, open, seal, type SealContext, type Sealed } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'ring-'));
afterAll(() => rmSync(folder, { recursive: true }));

const key = new Uint8Array(32).fill(7);
const here: SealContext = { table: 'people', column: 'profile_sealed', row: 'p-1', school: 's-1', person: 'p-1' };

describe('R5 a sealed value opens in its own place only', () => {
  it('and there it says what was sealed', async () => {
    for (const text of ['', 'Elif Yılmaz', '😀'.repeat(1000), '\u0000'])
      expect((await open(key, await seal(key, text, here), here)).reveal()).toBe(text);
  });

  it.each<Partial<SealContext>>([
    { table: 'meetings' },
    { column: 'about_sealed' },
    { row: 'p-2' },
    { school: 's-2' },
    { person: 'p-2' },
    { person: undefined },
    { row: 'p-1","s-1', school: '' },
  ])('not at %j', async (other) => {
    await expect(open(key, await seal(key, 'planted', here), { ...here, ...other })).rejects.toThrow(/does not open/);
  });

  it('not with another key, and not when a bit differs', async () => {
    const sealed = await seal(key, 'planted', here);
    await expect(open(new Uint8Array(32).fill(8), sealed, here)).rejects.toThrow(/does not open/);
    const parts = sealed.split('.');
    for (const place of [1, 2, 3]) {
      const bytes = Buffer.from(parts[place]!, 'base64url');
      bytes[0]! ^= 1;
      const changed = parts.with(place, bytes.toString('base64url')).join('.') as Sealed;
      await expect(open(key, changed, here)).rejects.toThrow(/does not open/);
    }
    for (const wrong of ['', 'planted', 's2.a.b.c', 's1.a'])
      await expect(open(key, wrong as Sealed, here)).rejects.toThrow();
  });

  it('never seals alike, and says nothing in an error', async () => {
    const all = await Promise.all(Array.from({ length: 10_000 }, () => seal(key, 'planted', here)));
    expect(new Set(all.map((one) => one.split('.')[1])).size).toBe(10_000);
    const error: unknown = await open(key, all[0]!, { ...here, row: 'x' }).catch((thrown: unknown) => thrown);
    expect(inspect(error)).not.toContain('planted');
  }, 60_000);
});

describe('R4 a secret shows itself to nobody', () => {
  const secret = new Secret('planted');
  it.each<[string, () => string]>([
    ['inspect', () => inspect(secret, { showHidden: true, depth: 9 })],
    ['inspect inside', () => inspect({ deep: [new Map([['k', secret]])] }, { depth: 9 })],
    ['format', () => format('%s %o %j %O', secret, secret, secret, secret)],
    ['JSON', () => JSON.stringify({ secret, list: [secret] })],
    ['template', () => ['', ''].join(secret as unknown as string)],
    ['plus', () => '' + String(secret)],
    ['spread', () => JSON.stringify(Object.assign({}, secret)) + Object.values(secret).join()],
    ['property names', () => Reflect.ownKeys(secret).join()],
    ['cause', () => inspect(new Error('x', { cause: secret }))],
    ['clone', () => inspect(structuredClone({ secret: Object.assign({}, secret) }))],
  ])('%s', (_, show) => {
    expect(show()).not.toContain('planted');
    expect(secret.reveal()).toBe('planted');
  });
});

describe('R5 the key ring', () => {
  const ring = (name: string, text: string, mode = 0o600) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return `file:${path}`;
  };
  const { text } = KeyRing.generate();

  it('is written for its owner only, and never over another', () => {
    const path = join(folder, 'new.json');
    KeyRing.writeNew(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(() => KeyRing.writeNew(path)).toThrow(/EEXIST/);
    expect(KeyRing.fromSetting(`file:${path}`)).toBeInstanceOf(KeyRing);
  });

  it.each([0o644, 0o660, 0o604])('refuses mode %i, which others may read', (mode) => {
    expect(() => KeyRing.fromSetting(ring('open.json', text, mode))).toThrow(/chmod 600/);
  });

  it.each([
    ['{', /not JSON/],
    ['null', /active key|JSON/],
    ['{}', /no active key/],
    ['{"active":"w2","keys":{"w1":"AAAA"}}', /no active key/],
    [JSON.stringify({ ...(JSON.parse(text) as object), index: 'AAAA' }), /"index"/],
    [JSON.stringify({ ...(JSON.parse(text) as object), keys: { w1: 'AAAA' } }), /"w1"/],
  ])('refuses %s', (wrong, reason) => {
    expect(() => KeyRing.fromSetting(ring('wrong.json', wrong))).toThrow(reason);
  });

  it('says how to make one that is missing', () => {
    expect(() => KeyRing.fromSetting(`file:${folder}/none`)).toThrow(/npx conferences keys/);
  });

  it('opens with an older key after a change, and not without it', async () => {
    const old = JSON.parse(text) as { active: string; keys: Record<string, string>; index: string };
    const wrapped = await KeyRing.parse(text).wrap(key, ['x']);
    const keys: Record<string, string> = { ...old.keys, w2: Buffer.alloc(32, 2).toString('base64url') };
    const newer = { ...old, active: 'w2', keys };
    expect(Buffer.from(await KeyRing.parse(JSON.stringify(newer)).unwrap(wrapped, ['x']))).toEqual(Buffer.from(key));
    delete keys['w1'];
    await expect(KeyRing.parse(JSON.stringify(newer)).unwrap(wrapped, ['x'])).rejects.toThrow(/"w1"/);
  });
});

describe('P4 blind indexes', () => {
  const { ring, text } = KeyRing.generate();
  const index = new BlindIndex(ring);
  it('are the same for the same, for ever', () => {
    expect(index.of('url', 'a')).toEqual(new BlindIndex(KeyRing.parse(text)).of('url', 'a'));
    expect(index.of('url', 'a')).toHaveLength(32);
  });
  it('differ by purpose, by part, and by ring', () => {
    const all = [
      index.of('url', 'a'),
      index.of('id', 'a'),
      index.of('url', 'a', ''),
      index.of('url', 'ab', 'c'),
      index.of('url', 'a', 'bc'),
      index.of('url', '1:a'),
      new BlindIndex(KeyRing.generate().ring).of('url', 'a'),
    ];
    expect(new Set(all.map((one) => one.toString('hex'))).size).toBe(all.length);
  });
});
