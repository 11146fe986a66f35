import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeyRing, WrappingFailed, keyWrapperFrom, kidOf, type KeyWrapper } from '#libs/encryption';
import { FakeKms, kmsArn } from '../support/fake-kms.js';

// Real: jose and the ring's file; AWS' official client. Fake: KMS, over the JSON that it speaks.

const folder = mkdtempSync(join(tmpdir(), 'wrappers-'));
const arns = [kmsArn('one'), kmsArn('two')] as const;
let kms: FakeKms;
const before = { ...process.env };
beforeAll(async () => {
  kms = await FakeKms.start(...arns);
  Object.assign(process.env, kms.environment);
});
afterAll(async () => {
  process.env = before;
  await kms.close();
  rmSync(folder, { recursive: true });
});

interface Kind {
  /** A ring with one wrapping key. */
  one(): KeyWrapper;
  /** The same, with a newer one that wraps. */
  rotated(): KeyWrapper;
  /** A ring without the first key. */
  without(): KeyWrapper;
}

const path = join(folder, 'ring.json');
const file: Kind = {
  one: () => {
    rmSync(path, { force: true });
    KeyRing.writeNew(path);
    return KeyRing.fromSetting(`file:${path}`);
  },
  rotated: () => {
    const ring = KeyRing.fromSetting(`file:${path}`);
    ring.activate(ring.waiting() ?? ring.add());
    return ring;
  },
  without: () => {
    const ring = KeyRing.fromSetting(`file:${path}`);
    ring.drop('w1');
    return ring;
  },
};
const aws: Kind = {
  one: () => keyWrapperFrom(`aws-kms:${arns[0]}`),
  rotated: () => keyWrapperFrom(`aws-kms:${arns[1]},${arns[0]}`),
  without: () => keyWrapperFrom(`aws-kms:${arns[1]}`),
};

const owner = ['data-key', 's-1', 'p-1'];
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'opened',
    (error: unknown) => (error instanceof WrappingFailed ? error.code : error),
  );

describe.each<[string, Kind]>([
  ['a key ring’s file', file],
  ['AWS KMS', aws],
])('R5 every key wrapper: %s', (_, kind) => {
  it('opens what it wrapped, under the id of its wrapping key, and never wraps alike', async () => {
    const wrapper = kind.one();
    const key = randomBytes(32);
    const [a, b] = [await wrapper.wrap(key, owner), await wrapper.wrap(key, owner)];
    expect(a).not.toBe(b);
    expect(kidOf(a)).toBe(wrapper.activeKid());
    expect(Buffer.from(await wrapper.unwrap(a, owner))).toEqual(key);
    expect(a).not.toContain(key.toString('base64url'));
  });

  it.each([
    [['data-key', 's-1', 'p-2']],
    [['data-key', 's-2', 'p-1']],
    [['data-key', 's-1', '']],
    [['data-key', 's-1']],
    [['canary', 's-1', 'p-1']],
    [['data-key', 's-1p-1', '']],
  ])('refuses it for another owner: %j', async (other) => {
    const wrapper = kind.one();
    expect(await codeOf(wrapper.unwrap(await wrapper.wrap(randomBytes(32), owner), other))).toBe('refused');
  });

  it('refuses it changed anywhere, and what it never wrapped', async () => {
    const wrapper = kind.one();
    const wrapped = await wrapper.wrap(randomBytes(32), owner);
    const parts = wrapped.split('.');
    for (const place of parts.keys()) {
      if (place < 2) continue;
      const bytes = Buffer.from(parts[place]!, 'base64url');
      bytes[bytes.length - 1]! ^= 1;
      expect(await codeOf(wrapper.unwrap(parts.with(place, bytes.toString('base64url')).join('.'), owner))).toBe(
        'refused',
      );
    }
    for (const wrong of ['', 'x', 'w1.a', 'k1.a', `${wrapped}.more`, `z1.${parts.slice(1).join('.')}`])
      expect(await codeOf(wrapper.unwrap(wrong, owner))).toBe('refused');
  });

  it('after a rotation opens the old and wraps with the new; without the old key it says which is missing', async () => {
    const old = await kind.one().wrap(randomBytes(32), owner);
    const rotated = kind.rotated();
    expect(rotated.activeKid()).not.toBe(kidOf(old));
    expect(await codeOf(rotated.unwrap(old, owner))).toBe('opened');
    expect(kidOf(await rotated.wrap(randomBytes(32), owner))).toBe(rotated.activeKid());
    const error: unknown = await kind
      .without()
      .unwrap(old, owner)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'unknown-key', message: expect.stringContaining(kidOf(old)) as unknown });
  });

  it('says nothing of the key in an error', async () => {
    const wrapper = kind.one();
    const key = randomBytes(32);
    const wrapped = await wrapper.wrap(key, owner);
    const error: unknown = await wrapper.unwrap(wrapped, ['other']).catch((thrown: unknown) => thrown);
    const said = inspect(error, { depth: 9, showHidden: true });
    for (const form of ['base64', 'base64url', 'hex'] as const) expect(said).not.toContain(key.toString(form));
    expect(said).not.toContain('p-1');
  });
});

describe('R5 a key ring’s file, while processes run', () => {
  it('is taken up where it was replaced: a new key opens, and wraps, without a restart', async () => {
    const running = file.one();
    const wrapped = await running.wrap(randomBytes(32), owner);
    const other = file.rotated();
    const newer = await other.wrap(randomBytes(32), owner);
    expect(await codeOf(running.unwrap(newer, owner))).toBe('opened');
    expect(kidOf(await running.wrap(randomBytes(32), owner))).toBe('w2');
    expect(await codeOf(running.unwrap(wrapped, owner))).toBe('opened');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is not taken up where it is the ring of somebody else', async () => {
    const running = file.one();
    const wrapped = await running.wrap(randomBytes(32), owner);
    rmSync(path);
    KeyRing.writeNew(path);
    expect(await codeOf(running.wrap(randomBytes(32), owner))).toBe('refused');
    expect(await codeOf(running.unwrap(wrapped, owner))).toBe('opened');
  });
});

describe('R5 AWS KMS', () => {
  it('is told no name and no id of a person or school', async () => {
    kms.asked.length = 0;
    const wrapper = aws.one();
    await wrapper.unwrap(await wrapper.wrap(randomBytes(32), owner), owner);
    expect(kms.asked.map(({ operation }) => operation)).toEqual(['Encrypt', 'Decrypt']);
    expect(JSON.stringify(kms.asked)).not.toMatch(/s-1|p-1/);
  });

  it.each([
    ['AccessDeniedException', 'denied'],
    ['DisabledException', 'denied'],
    ['KMSInvalidStateException', 'denied'],
    ['NotFoundException', 'denied'],
    ['SomethingNewException', 'unavailable'],
  ])('turns %s into our word %s, with no second try', async (fault, word) => {
    kms.asked.length = 0;
    kms.faults.push(fault);
    expect(await codeOf(aws.one().wrap(randomBytes(32), owner))).toBe(word);
    expect(kms.asked).toHaveLength(1);
  });

  it('is asked three times at most where it is busy or down', async () => {
    kms.asked.length = 0;
    kms.faults.push('ThrottlingException', 500);
    expect(await codeOf(aws.one().wrap(randomBytes(32), owner))).toBe('opened');
    kms.faults.push(500, 503, 500, 500);
    expect(await codeOf(aws.one().wrap(randomBytes(32), owner))).toBe('unavailable');
    expect(kms.asked).toHaveLength(6);
    kms.faults.length = 0;
  });
});
