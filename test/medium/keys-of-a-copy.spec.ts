import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataKeys, openKeys } from '#libs/database';
import { KeyRing } from '#libs/encryption';
import { keys } from '../../apps/cli/src/keys.js';
import { copyOf, freshDatabase, type TestDatabase } from '../support/database.js';
import { FakeKms, kmsArn } from '../support/fake-kms.js';

// Real: Postgres, copies of databases, the ring's file, the command. Fake: KMS.

const folder = mkdtempSync(join(tmpdir(), 'copies-'));
const open: TestDatabase[] = [];
const opened = (db: TestDatabase) => (open.push(db), db);
const before = { ...process.env };
let said = '';
beforeAll(() => {
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((said += String(text)), true));
});
afterEach(async () => {
  said = '';
  for (const db of open.splice(0)) await db.close();
});
afterAll(() => {
  process.env = before;
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

let count = 0;
const freshRing = () => {
  const path = join(folder, `ring-${++count}.json`);
  KeyRing.writeNew(path);
  return { path, keyRing: `file:${path}` };
};
const run = (db: TestDatabase, keyRing: string, ...args: string[]) =>
  keys({ DATABASE_URL: db.url, KEY_RING: keyRing }, args).catch((error: Error) => error.message);
const context = { table: 'people', column: 'profile_sealed', row: 'p-1', school: 's-1' } as const;

/** A live database with a sealed value, and a copy of it. */
async function liveAndCopy(keyRing: string) {
  const live = opened(await freshDatabase());
  const { wrapper, root } = await openKeys({ keyRing, databaseUrl: live.url });
  const sealer = new DataKeys(wrapper, root);
  const sealed = await live.database.transaction(['s-1'], async (em) => {
    await sealer.load(em, [{ school: 's-1' }]);
    return sealer.seal('Anne', context);
  });
  const copy = opened(await copyOf(live));
  /** A fresh process of the live product. */
  const read = async () => {
    const again = await openKeys({ keyRing, databaseUrl: live.url });
    const reader = new DataKeys(again.wrapper, again.root);
    return live.database.transaction(['s-1'], async (em) => {
      await reader.load(em, [{ school: 's-1' }]);
      return (await reader.open(sealed, context)).reveal();
    });
  };
  return { live, copy, read };
}

describe('P11 keys that the live database needs are not retired from a copy of it', () => {
  it('neither rotated nor retired there, with the same ring file; the live one goes on', async () => {
    const { path, keyRing } = freshRing();
    const { live, copy, read } = await liveAndCopy(keyRing);
    const text = readFileSync(path, 'utf8');
    expect(await run(copy, keyRing, 'rotate')).toMatch(/This database is a copy: it lived at .*keys adopt/);
    expect(await run(copy, keyRing, 'retire', 'w1')).toMatch(/This database is a copy/);
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(await read()).toBe('Anne');
    expect(await run(live, keyRing, 'rotate')).toBe(0);
    expect(await run(live, keyRing, 'retire', 'w1')).toBe(0);
    expect(await read()).toBe('Anne');
  });

  it('a start of the product on the copy does not make it the live one', async () => {
    const { keyRing } = freshRing();
    const { copy } = await liveAndCopy(keyRing);
    await openKeys({ keyRing, databaseUrl: copy.url });
    expect(await run(copy, keyRing, 'retire', 'w1')).toMatch(/This database is a copy/);
  });

  it('a copy made after a rotation that was not finished by retiring is refused as well', async () => {
    const { path, keyRing } = freshRing();
    const { live, read } = await liveAndCopy(keyRing);
    expect(await run(live, keyRing, 'rotate')).toBe(0);
    const copy = opened(await copyOf(live));
    expect(await run(copy, keyRing, 'retire', 'w1')).toMatch(/This database is a copy/);
    expect(Object.keys((JSON.parse(readFileSync(path, 'utf8')) as { keys: object }).keys)).toEqual(['w1', 'w2']);
    expect(await read()).toBe('Anne');
  });

  it('the ring names its home, too: a copy whose own note was changed is refused by the ring', async () => {
    const { keyRing } = freshRing();
    const { live, copy } = await liveAndCopy(keyRing);
    expect(await run(live, keyRing, 'rotate')).toBe(0);
    await copy.query('update key_canary set home = null');
    await openKeys({ keyRing, databaseUrl: copy.url });
    expect(await run(copy, keyRing, 'retire', 'w1')).toMatch(/^KEY_RING belongs to /);
  });

  it('a restored one takes the place of the former when somebody says so, and the former may then retire nothing', async () => {
    const { keyRing } = freshRing();
    const { live, copy } = await liveAndCopy(keyRing);
    expect(await run(copy, keyRing, 'adopt')).toBe(0);
    expect(said).toMatch(/Until now it was .*\nThe keys belong to .*\nNo other copy/);
    expect(await run(copy, keyRing, 'rotate')).toBe(0);
    expect(await run(live, keyRing, 'retire', 'w1')).toMatch(/^KEY_RING belongs to /);
    expect(await run(copy, keyRing, 'retire', 'w1')).toBe(0);
  });

  it('a key in KMS is not called needless by a copy either', async () => {
    const arns = [kmsArn('one'), kmsArn('two')] as const;
    const kms = await FakeKms.start(...arns);
    Object.assign(process.env, kms.environment);
    try {
      const { copy, live, read } = await liveAndCopy(`aws-kms:${arns[0]},${arns[1]}`);
      const next = `aws-kms:${arns[1]},${arns[0]}`;
      expect(await run(copy, next, 'rotate')).toMatch(/This database is a copy/);
      expect(await run(copy, next, 'retire', arns[0])).toMatch(/This database is a copy/);
      expect(said).not.toContain('schedule its deletion');
      expect(await run(live, next, 'rotate')).toBe(0);
      expect(await run(live, next, 'retire', arns[0])).toBe(0);
      expect(said).toContain('schedule its deletion');
      expect(await read()).toBe('Anne');
    } finally {
      await kms.close();
    }
  });
});
