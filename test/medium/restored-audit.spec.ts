import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, cpSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CompactSign } from 'jose';
import pg from 'pg';
import { DataKeys, Database, EVERY_SCHOOL, migrate, startEmbeddedPostgres } from '#libs/database';
import { BlindIndex, KeyRing } from '#libs/encryption';
import { Metrics } from '#libs/platform';
import {
  CHECKPOINT_FILE,
  CheckpointWriter,
  auditedSchools,
  chainEntries,
  holdAudit,
  recordAudit,
  signingKeysOf,
  strayCheckpoints,
  verifyAudit,
} from '#libs/privacy';
import { copyOf, freshDatabase, type TestDatabase } from '../support/database.js';

// Real: Postgres, copies of databases, the chain, the ledger's files. Fake: nothing.

const { ring } = KeyRing.generate();
const index = new BlindIndex(ring);
const signing = signingKeysOf(randomBytes(32));
const silent = { warn: () => undefined, error: () => undefined };
let folder: string;
const open: TestDatabase[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
});
afterEach(async () => {
  for (const db of open.splice(0)) await db.close();
  rmSync(folder, { recursive: true });
});

/** One database as a process sees it. */
function aLife(database: Database, query: (text: string) => Promise<unknown>) {
  const keys = new DataKeys(ring, ring);
  const writer = () => new CheckpointWriter({ database, index, folder, signing });
  const all = ['s-1', 's-2', ''];
  return {
    query,
    school: (id: string) =>
      query(
        `insert into schools (id, name_sealed, time_zone, locale, told_at, told_id, account_domains) values ('${id}', '', 'UTC', 'nl', now(), '', '{}')`,
      ),
    /** As the workers do: entries, the chain over them, its end noted. */
    async write(count: number, school = 's-1') {
      const entry = { schoolId: school, action: 'person.looked-at', actor: { kind: 'system' } } as const;
      await database.transaction(all, (em) =>
        recordAudit(
          em,
          { keys, index, now: new Date() },
          Array.from({ length: count }, () => entry),
        ),
      );
      await database.transaction([school], (em) => chainEntries(em, school));
      await writer().noteEnds([school], new Date());
    },
    checkpoint: () => writer().run(new Date()),
    start: () => writer().recordRestores(new Date()),
    /** All that a process does before it opens. */
    async startWhole() {
      const metrics = new Metrics();
      await holdAudit({ checkpoints: writer(), metrics, logger: silent }, new Date());
      return metrics.registry.metrics();
    },
    declare: (reason: string) => writer().recordRestores(new Date(), reason),
    verify: (school = 's-1') =>
      database.transaction([school], (em) => verifyAudit(em, { index, now: new Date() }, school, { folder, signing })),
    stray: async () =>
      strayCheckpoints(index, await database.transaction(EVERY_SCHOOL, auditedSchools), { folder, signing }),
    /** As the owner of the tables, with all triggers off. */
    tamper: (statement: string) =>
      query(
        `alter table audit_entries disable trigger all; ${statement}; alter table audit_entries enable trigger all`,
      ),
  };
}
const lifeOf = (db: TestDatabase) => {
  open.push(db);
  return aLife(db.database, (text) => db.query(text));
};

/** A live database with ten entries, a backup of it, and seven more entries that the ledger knows. */
async function liveAndBackup() {
  const db = await freshDatabase();
  const live = lifeOf(db);
  await live.school('s-1');
  await live.write(10);
  await live.checkpoint();
  const backup = lifeOf(await copyOf(db));
  await live.write(7);
  return { db, live, backup };
}

describe('R12, P11 a restore is told from a cut-off', () => {
  it('the first start on the restored database writes "restored, cut 7" for ever; the rest verifies, and the chain goes on', async () => {
    const { backup } = await liveAndBackup();
    expect(await backup.verify()).toMatchObject({ ok: false, faults: [{ sequence: 17, what: 'cut-off' }] });
    const metrics = await backup.startWhole();
    expect(metrics).toContain('conferences_audit_restores 1');
    expect(metrics).toContain('conferences_audit_restored_away_entries 7');
    const told = { ok: true, entries: 10, faults: [], restores: [{ kept: 10, cut: 7, why: 'other-database' }] };
    expect(await backup.verify()).toMatchObject(told);
    await backup.write(3);
    await backup.checkpoint();
    expect(await backup.verify()).toMatchObject({ ...told, entries: 13 });
    expect((await backup.start()).restored).toEqual([]);
  });

  it('entries that were deleted in the same life are found, start or not, and no record excuses them', async () => {
    const { live } = await liveAndBackup();
    await live.tamper('delete from audit_entries where sequence > 12');
    expect(await live.start()).toEqual({ restored: [], cutOff: 1 });
    expect(await live.startWhole()).toContain('conferences_audit_cut_off_schools 1');
    expect(await live.verify()).toMatchObject({ ok: false, restores: [], faults: [{ sequence: 17, what: 'cut-off' }] });
    await live.write(9);
    await live.checkpoint();
    expect(await live.verify()).toMatchObject({ ok: false, restores: [] });
  });

  it('nor does a table that its owner made anew without the end', async () => {
    const { live } = await liveAndBackup();
    await live.query(`alter table audit_entries rename to old_entries; create table audit_entries as select * from old_entries where sequence <= 10;
      drop table old_entries; grant select, insert, update on audit_entries to conferences`);
    expect(await live.start()).toEqual({ restored: [], cutOff: 1 });
    expect((await live.verify()).ok).toBe(false);
  });

  it('a cut-off after a restore is found, at once, and one before it is not excused by a later start', async () => {
    const { backup } = await liveAndBackup();
    await backup.startWhole();
    await backup.tamper('delete from audit_entries where sequence > 8');
    expect(await backup.start()).toEqual({ restored: [], cutOff: 1 });
    expect(await backup.verify()).toMatchObject({ ok: false, faults: [{ sequence: 10, what: 'cut-off' }] });
  });

  it('who moved home and lost nothing has sworn to all of it there: what goes then was cut off', async () => {
    const db = await freshDatabase();
    const live = lifeOf(db);
    await live.school('s-1');
    await live.write(10);
    await live.checkpoint();
    const moved = lifeOf(await copyOf(db));
    await moved.startWhole();
    expect(await moved.verify()).toMatchObject({ ok: true, restores: [] });
    await moved.tamper('delete from audit_entries where sequence > 8');
    expect(await moved.start()).toEqual({ restored: [], cutOff: 1 });
  });

  it('of processes that start at once, one writes it', async () => {
    const { backup } = await liveAndBackup();
    const held = await Promise.all([backup.start(), backup.start(), backup.start()]);
    expect(held.flatMap(({ restored }) => restored)).toHaveLength(1);
    expect(await backup.verify()).toMatchObject({ ok: true, restores: [{ cut: 7 }] });
  });

  it('a second restore, of the same backup, stands beside the first', async () => {
    const { backup } = await liveAndBackup();
    const again = lifeOf(await copyOf(open.at(-1)!));
    await backup.startWhole();
    await backup.write(4);
    await again.startWhole();
    expect(await again.verify()).toMatchObject({ ok: true, restores: [{ cut: 7 }, { kept: 10, cut: 4 }] });
  });

  it('a backup from before a school’s first entry, and from before the school, keeps nothing of it', async () => {
    const db = await freshDatabase();
    const live = lifeOf(db);
    await live.school('s-1');
    const backup = lifeOf(await copyOf(db));
    await live.write(5);
    await live.school('s-2');
    await live.write(2, 's-2');
    await live.checkpoint();
    expect(await backup.stray()).toBe(1);
    expect((await backup.start()).restored.map(({ sequence, cut }) => `${sequence}, cut ${cut}`).toSorted()).toEqual([
      '0, cut 2',
      '0, cut 5',
    ]);
    expect(await backup.verify()).toMatchObject({ ok: true, entries: 0, restores: [{ kept: 0, cut: 5 }] });
    expect(await backup.stray()).toBe(0);
    // The school is told of again, and its chain begins anew.
    await backup.school('s-2');
    await backup.write(1, 's-2');
    await backup.checkpoint();
    expect(await backup.verify('s-2')).toMatchObject({ ok: true, entries: 1, restores: [{ cut: 2 }] });
  });

  it('where a process had worked on unaware, what ledger and chain agree about is kept', async () => {
    const { backup } = await liveAndBackup();
    await backup.write(12);
    expect((await backup.start()).restored).toMatchObject([{ sequence: 10, cut: 7 }]);
    expect(await backup.verify()).toMatchObject({ ok: true, entries: 22 });
  });

  it('checkpoints of an older version say nothing of the database: then somebody declares it, with a reason', async () => {
    const { backup } = await liveAndBackup();
    const path = join(folder, CHECKPOINT_FILE);
    const { jws } = JSON.parse(readFileSync(path, 'utf8').trim()) as { jws: string };
    const { database: _, ...old } = JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString()) as {
      database: unknown;
    };
    const signed = await new CompactSign(Buffer.from(JSON.stringify(old)))
      .setProtectedHeader({ alg: 'EdDSA' })
      .sign(signing.privateKey);
    writeFileSync(path, `${JSON.stringify({ jws: signed })}\n`);
    expect(await backup.start()).toEqual({ restored: [], cutOff: 1 });
    expect((await backup.declare('the disk died')).restored).toMatchObject([{ cut: 7 }]);
    expect(await backup.verify()).toMatchObject({ ok: true, restores: [{ why: 'declared', reason: 'the disk died' }] });
  });

  it('a record that was taken out of the ledger is missed, and so is one that somebody else signed', async () => {
    const { backup } = await liveAndBackup();
    await backup.startWhole();
    await backup.write(3);
    await new CheckpointWriter({ database: open.at(-1)!.database, index, folder, signing }).run(
      new Date(Date.now() + 3_600_000),
    );
    const path = join(folder, CHECKPOINT_FILE);
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(3);
    writeFileSync(path, `${[lines[0], lines[2]].join('\n')}\n`);
    expect((await backup.verify()).faults).toContainEqual({ sequence: 13, what: 'checkpoint-missing' });
  });
});

describe('R12, P11 the data folder itself is put back', () => {
  it('stands at an earlier position of its log: restored, cut 40', async () => {
    const home = mkdtempSync(join(tmpdir(), 'conferences-cold-'));
    const start = () => startEmbeddedPostgres({ folder: home, durable: false });
    let postgres = await start();
    const connect = async () => {
      const database = await Database.connect(postgres.url, 3);
      const owner = new pg.Client({ connectionString: postgres.migrationUrl });
      await owner.connect();
      const close = async () => (await owner.end(), await database.close());
      return { life: aLife(database, (text) => owner.query(text)), owner, close };
    };
    try {
      await migrate(postgres.migrationUrl, postgres.url);
      let at = await connect();
      await at.life.school('s-1');
      await at.life.write(10);
      await at.life.checkpoint();
      const { rows } = await at.owner.query<{ data_directory: string }>('show data_directory');
      const data = rows[0]!.data_directory;
      await at.close();
      await postgres.stop();
      cpSync(data, `${data}.cold`, { recursive: true });
      postgres = await start();
      at = await connect();
      // An hour's work writes more of a log than a start does.
      await at.owner.query('create table work as select n, md5(n::text) from generate_series(1, 40000) n');
      for (let round = 0; round < 4; round += 1) await at.life.write(10);
      await at.close();
      await postgres.stop();
      const { uid, gid } = statSync(data);
      rmSync(data, { recursive: true });
      renameSync(`${data}.cold`, data);
      chmodSync(data, 0o700);
      execFileSync('chown', ['-R', `${uid}:${gid}`, data]);
      postgres = await start();
      at = await connect();
      await at.life.startWhole();
      expect(await at.life.verify()).toMatchObject({
        ok: true,
        entries: 10,
        restores: [{ kept: 10, cut: 40, why: 'older-position' }],
      });
      await at.close();
    } finally {
      await postgres.stop();
      rmSync(home, { recursive: true, force: true });
    }
  }, 60_000);
});
