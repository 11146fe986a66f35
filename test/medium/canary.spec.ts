import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkKeys, openKeys } from '#libs/database';
import { BlindIndex, KeyRing } from '#libs/encryption';
import { StartupError } from '#libs/platform';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { FakeKms, kmsArn } from '../support/fake-kms.js';

// Real: Postgres, the ring's file, AWS' client. Fake: KMS.

const folder = mkdtempSync(join(tmpdir(), 'canary-'));
const arns = [kmsArn('one'), kmsArn('two')] as const;
const before = { ...process.env };
let db: TestDatabase;
let kms: FakeKms;
beforeAll(async () => {
  db = await freshDatabase();
  kms = await FakeKms.start(...arns);
  Object.assign(process.env, kms.environment);
});
afterAll(async () => {
  process.env = before;
  await kms.close();
  await db.close();
  rmSync(folder, { recursive: true });
});

let count = 0;
const ring = (text = KeyRing.generate().text) => {
  const path = join(folder, `ring-${++count}.json`);
  writeFileSync(path, text, { mode: 0o600 });
  return { path, setting: `file:${path}`, text };
};
const open = (keyRing: string) => openKeys({ keyRing, databaseUrl: db.url });
const faultOf = (keyRing: string) =>
  open(keyRing).then(
    () => '',
    (error: unknown) => (error instanceof StartupError ? error.message : `no StartupError: ${String(error)}`),
  );

describe('R5 a start with another key ring than the rows were sealed with stops', () => {
  const own = ring();
  beforeAll(() => db.query('delete from key_canary'));

  it('writes the canary at the first start, of several at once too, and takes the same ring ever after', async () => {
    await checkKeys({ keyRing: own.setting, databaseUrl: db.url });
    expect(await db.query('select 1 from key_canary')).toEqual([]);
    await Promise.all([open(own.setting), open(own.setting), open(own.setting)]);
    expect(await db.query('select 1 from key_canary')).toHaveLength(1);
    const { root } = await open(own.setting);
    expect(new BlindIndex(root).of('url', 'a')).toEqual(new BlindIndex(KeyRing.parse(own.text)).of('url', 'a'));
    // The known text is not there in clear, and the root not at all.
    const row = JSON.stringify(await db.query('select * from key_canary'));
    expect(row).not.toMatch(/canary of this/);
  });

  it('names the key that the database expects, and what to do', async () => {
    const other = JSON.parse(own.text) as { active: string; keys: Record<string, string>; index: string };
    const unknown = ring(JSON.stringify({ ...other, active: 'w9', keys: { w9: other.keys['w1'] } }));
    expect(await faultOf(unknown.setting)).toMatch(/sealed with the wrapping key "w1", and the ring has only w9\. Use/);
    expect(await faultOf(ring().setting)).toMatch(/its key "w1" is not the "w1" .*another installation/);
    const index = (JSON.parse(KeyRing.generate().text) as { index: string }).index;
    expect(await faultOf(ring(JSON.stringify({ ...other, index })).setting)).toMatch(/root of its blind indexes/);
    await expect(checkKeys({ keyRing: ring().setting, databaseUrl: db.url })).rejects.toThrow(StartupError);
    expect(await faultOf(own.setting)).toBe('');
    expect(readFileSync(own.path, 'utf8')).toBe(own.text);
  });

  it('and so does a canary that somebody changed', async () => {
    await db.query(`update key_canary set wrapped = left(wrapped, -3) || 'AAA'`);
    expect(await faultOf(own.setting)).toMatch(/KEY_RING/);
    await db.query('delete from key_canary');
  });
});

describe('R5 with keys in AWS KMS nothing at rest here opens anything', () => {
  const setting = `aws-kms:${arns[0]}`;
  beforeAll(() => db.query('delete from key_canary'));

  it('keeps the root of the blind indexes wrapped in the database, the same for all processes', async () => {
    const [a, b] = await Promise.all([open(setting), open(setting)]);
    expect(new BlindIndex(a.root).of('url', 'x')).toEqual(new BlindIndex(b.root).of('url', 'x'));
    const [row] = await db.query<{ index_wrapped: string }>('select index_wrapped from key_canary');
    expect(row!.index_wrapped).toMatch(/^k1\./);
  });

  it('stops the start where the key is not named, disabled, or KMS is not there', async () => {
    expect(await faultOf(`aws-kms:${arns[1]}`)).toMatch(
      /sealed with the wrapping key "arn:aws:kms:.*one".*has only arn.*two/,
    );
    kms.faults.push('DisabledException');
    expect(await faultOf(setting)).toMatch(/KMS refuses .*DisabledException.*enabled/);
    kms.faults.push(500, 500, 500);
    expect(await faultOf(setting)).toMatch(/KMS does not answer/);
    expect(await faultOf(ring().setting)).toMatch(/KEY_RING/);
    expect(await faultOf(setting)).toBe('');
  });
});
