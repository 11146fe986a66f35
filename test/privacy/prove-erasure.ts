import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { profilesOf, replayLedger } from '#libs/conferences';
import { DataKeys } from '#libs/database';
import { BlindIndex, KeyRing } from '#libs/encryption';
import { ErasureLedger, LEDGER_FILE, signingKeysOf } from '#libs/privacy';
import { makeKeys } from '../../apps/cli/src/make-keys.js';
import { ASchool } from '../support/a-school.js';
import type { Backend } from '../support/backends.js';
import { Product, joinLinkOf } from '../support/product.js';
import type { TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { recoverable, wordsIn } from './carve.js';
import { backUp, restore } from './logical-backup.js';

/** Counts of persons, or of their words (ids, names, addresses), by where they were looked for. */
export interface Proof {
  readonly people: number;
  /** Before: the method finds everybody, or the zeros below would mean nothing. */
  readonly control: { readonly opened: number; readonly carvedFromFiles: number; readonly openedInBackup: number };
  /** After: persons whose name can be read. */
  readonly after: {
    readonly opened: number;
    readonly wordsInTables: number;
    readonly wordsInRedis: number | null;
    readonly namesInFiles: number;
    readonly wordsInLedger: number;
    readonly openedInBackupAfterReplay: number;
    readonly wordsInBackupTables: number;
    readonly receipts: number;
  };
  /** Of Postgres' own files, after its rewriting of the key table: ids in old log, and names for who has all wrapping keys. */
  readonly files: {
    readonly idsLeft: number;
    readonly carvedWithKeys: number;
    readonly carvedWithoutWrappingKey: number;
  };
  readonly seconds: number;
}

/**
 * Plants people through the intake, lets mails, join links and reveals happen, erases all, and looks for them everywhere:
 * with the key ring at hand, and with a backup from before.
 */
export async function proveErasure(options: {
  people: number;
  backend: Backend;
  say?: (line: string) => void;
}): Promise<Proof> {
  const say = options.say ?? (() => undefined);
  const began = performance.now();
  const home = mkdtempSync(join(tmpdir(), 'conferences-proof-'));
  const settings = { ...makeKeys(join(home, 'ring.json')), LEDGER_DIR: join(home, 'ledger') };
  const product = await Product.start({ backend: options.backend, settings });
  try {
    const teachers = Math.max(1, Math.floor(options.people / 10));
    const canaries = Array.from({ length: options.people }, () => {
      const word = randomBytes(6).toString('hex');
      return { id: `p-${word}`, name: `Kanarie ${word}`, email: `${word}@kanarie.example`, locale: 'nl' };
    });
    const [staff, parents] = [canaries.slice(0, teachers), canaries.slice(teachers)];
    const words = canaries.flatMap(({ id, name, email }) => [id, name, email]);
    const names = canaries.flatMap(({ name, email }) => [name, email]);
    const ring = KeyRing.fromSetting(settings.KEY_RING);
    const school = new ASchool();
    say(`Planting ${teachers} teachers and ${parents.length} parents …`);
    await product.emit(
      school.changed({
        revealMinutes: null,
        contacts: staff.slice(0, 2).map((one) => ({ ...one, role: 'admin' as const })),
      }),
    );
    const slots = parents.map((parent, n) =>
      school.slot(n + 1, {
        start: new Date(
          Math.ceil(Date.now() / 60_000) * 60_000 + 86_400_000 + Math.floor(n / teachers) * 600_000,
        ).toISOString(),
        teacher: staff[n % teachers]!,
        parents: [{ ...parent, about: `Kind ${parent.name}` }],
        wanting: 'google-meet',
      }),
    );
    for (let from = 0; from < slots.length; from += 100) await product.emit(...slots.slice(from, from + 100));
    const browsers = [];
    for (const teacher of staff) {
      const browser = await product.browser('teacher', school, teacher);
      await product.connect(browser, 'google', teacher.email);
      await product.visit(browser);
      browsers.push(browser);
    }
    await product.untilProgress(school, ({ ready, working }) => ready === parents.length && working === 0, 180);
    say('Every parent opens the own link …');
    for (const parent of parents) {
      const mail = await product.mailTo(parent);
      const opened = await fetch(joinLinkOf(mail), { method: 'POST', redirect: 'manual' });
      if (opened.status !== 303) throw new Error(`A join link answered ${opened.status}.`);
    }
    const files = await dataFolder(product.db);
    const owners = canaries.map(({ id }) => ({ school: school.id, person: id }));
    const opened = (db: TestDatabase) =>
      openedIn(
        db,
        ring,
        school.id,
        canaries.map(({ id }) => id),
      );
    await product.db.query('checkpoint');
    const control = {
      opened: await opened(product.db),
      carvedFromFiles: (
        await recoverable(
          files,
          ring,
          owners,
          canaries.map(({ email }) => email),
        )
      ).size,
      openedInBackup: 0,
    };
    const backup = await backUp(product.db);

    say('Erasing them …');
    const privacy = await product.bearer('privacy', school, { id: `p-officer-${school.id}` });
    const ids: string[] = [];
    for (const { id } of canaries) {
      const answer = await product.call(privacy, 'POST', `/v1/people/${id}/erasure`);
      if (answer.status !== 202) throw new Error(`An erasure answered ${answer.status}.`);
      ids.push(((await answer.json()) as { id: string }).id);
    }
    await until(
      'every erasure has looked at its meetings',
      async () => (await open(product.db)) === 0 || (await open(product.db, `erased_at is null`)) === 0,
      120,
    );
    // The sessions ended with the data of their people.
    for (const [place, browser] of browsers.entries()) {
      await product.enter(browser, 'teacher', school, staff[place]!);
      await product.visit(browser);
    }
    await until('every erasure is done', async () => (await open(product.db)) === 0, 60 + 2 * canaries.length);

    say('Looking everywhere …');
    const restored = await restore(backup);
    try {
      const openedInBackup = await opened(restored);
      const signing = signingKeysOf(Buffer.from(settings.SIGNING_KEY, 'base64url'));
      // One folder for each database; there is one here.
      const folder = join(settings.LEDGER_DIR, readdirSync(settings.LEDGER_DIR)[0]!);
      const ledger = new ErasureLedger(folder, signing);
      const keys = new DataKeys(ring, ring);
      const deps = { keys, index: new BlindIndex(ring), now: () => new Date(), planNotices: () => Promise.resolve() };
      await replayLedger(restored.database, deps, ledger);
      const receipts = await product.db.query('select 1 from erasures where receipt is not null');
      const wordsInRedis = options.backend === 'redis' ? await inRedis(words) : null;
      const after = {
        opened: await opened(product.db),
        wordsInTables: await inTables(product.db, words),
        wordsInRedis,
        wordsInLedger: words.filter((word) => readFileSync(join(folder, LEDGER_FILE), 'utf8').includes(word)).length,
        openedInBackupAfterReplay: await opened(restored),
        wordsInBackupTables: await inTables(restored, words),
        receipts: receipts.length,
      };
      await product.db.query('vacuum full data_keys');
      await product.db.query('checkpoint');
      const emails = canaries.map(({ email }) => email);
      return {
        people: options.people,
        control: { ...control, openedInBackup },
        after: { ...after, namesInFiles: wordsIn(files, names).size },
        files: {
          idsLeft: wordsIn(
            files,
            canaries.map(({ id }) => id),
          ).size,
          carvedWithKeys: (await recoverable(files, ring, owners, emails)).size,
          // The month is over: the wrapping key was replaced and destroyed (P11).
          carvedWithoutWrappingKey: (await recoverable(files, KeyRing.generate().ring, owners, emails)).size,
        },
        seconds: Math.round((performance.now() - began) / 1000),
      };
    } finally {
      await restored.close();
    }
  } finally {
    await product.close();
    rmSync(home, { recursive: true, force: true });
  }
}

async function open(db: TestDatabase, which = 'true'): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `select count(*)::int as count from erasures where done_at is null and ${which}`,
  );
  return row!.count;
}

async function dataFolder(db: TestDatabase): Promise<string> {
  const [row] = await db.query<{ folder: string }>(`select current_setting('data_directory') as folder`);
  return row!.folder;
}

/** How many people's profiles open with the key ring, by a process that has nothing in memory. */
async function openedIn(db: TestDatabase, ring: KeyRing, schoolId: string, ids: readonly string[]): Promise<number> {
  return (await db.database.transaction([schoolId], (em) => profilesOf(em, new DataKeys(ring, ring), schoolId, ids)))
    .size;
}

/** How many of the words stand in any row of any table, as text or in bytes. */
async function inTables(db: TestDatabase, words: readonly string[]): Promise<number> {
  const tables = await db.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'bullmq')`,
  );
  let text = '';
  for (const { name } of tables)
    for (const { row } of await db.query<{ row: string }>(`select t::text as row from ${name} t`)) text += `${row}\n`;
  return words.filter((word) => text.includes(word) || text.includes(Buffer.from(word).toString('hex'))).length;
}

/** Every key and value of Redis, as a dump of it holds them, without compression. */
async function inRedis(words: readonly string[]): Promise<number> {
  const redis = new Redis(process.env['TEST_REDIS_URL']!);
  try {
    await redis.config('SET', 'rdbcompression', 'no');
    let text = '';
    for await (const keys of redis.scanStream() as AsyncIterable<string[]>)
      for (const key of keys) text += `${key}\n${(await redis.dumpBuffer(key))?.toString('latin1') ?? ''}\n`;
    return words.filter((word) => text.includes(word)).length;
  } finally {
    redis.disconnect();
  }
}
