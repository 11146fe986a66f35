import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  RunErasure,
  erasureOf,
  replayLedger,
  requestErasure,
  type ErasureRow,
  type RunErasureDeps,
} from '#libs/conferences';
import { ErasureLedger, signingKeysOf } from '#libs/privacy';
import type { TestDatabase } from './database.js';
import type { World } from './world.js';

/** Erasures in a world: the real steps, a ledger in a folder of its own. */
export class Erasing {
  readonly folder = mkdtempSync(join(tmpdir(), 'conferences-ledger-'));
  readonly signing = signingKeysOf(randomBytes(32));
  readonly ledger = new ErasureLedger(this.folder, this.signing);

  constructor(private readonly world: World) {}

  /** One process; parts of it can be made to fail. */
  worker(parts: Partial<RunErasureDeps> = {}): RunErasure {
    const { world } = this;
    return new RunErasure({
      database: world.db.database,
      keys: world.keys,
      index: world.index,
      clock: world.clock,
      ledger: this.ledger,
      signing: this.signing,
      planNotices: world.notices.plan,
      issuer: 'https://conf.school.example',
      ...parts,
    });
  }

  async ask(personId: string, schoolId = 's-1'): Promise<string> {
    const { world } = this;
    const deps = { keys: world.keys, index: world.index, now: world.clock.now() };
    const asked = await world.in(schoolId, (em) => requestErasure(em, deps, { schoolId, personId }, 'request'));
    if (!asked) throw new Error(`${schoolId} knows no ${personId}.`);
    return asked.erasure.id;
  }

  /** Asks, and does what can be done now. @returns its id */
  async erase(personId: string, schoolId = 's-1'): Promise<string> {
    const id = await this.ask(personId, schoolId);
    await this.worker().process(id);
    return id;
  }

  async row(id: string): Promise<ErasureRow> {
    return (await this.world.in('s-1', (em) => erasureOf(em, id)))!;
  }

  /** What a start does before it opens, on this database or on a restored one. */
  replay(db: TestDatabase = this.world.db): Promise<number> {
    const { world } = this;
    return replayLedger(
      db.database,
      { keys: world.keys, index: world.index, now: () => world.clock.now(), planNotices: world.notices.plan },
      this.ledger,
    );
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** In which tables one of these words stands, as text or as bytes. */
export async function tablesHolding(db: TestDatabase, ...words: string[]): Promise<string[]> {
  const tables = await db.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'bullmq') order by 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    for (const word of words) {
      const [row] = await db.query<{ count: number }>(
        `select count(*)::int as count from ${name} t where t::text ~ $1 or strpos(t::text, $2) > 0`,
        // A short id can stand in the middle of a ciphertext by chance: that is no word.
        [
          `(^|[^A-Za-z0-9_-])${word.replaceAll(/[^\p{L}\p{N} ]/gu, '\\$&')}([^A-Za-z0-9_-]|$)`,
          Buffer.from(word).toString('hex'),
        ],
      );
      if (row!.count > 0) found.push(`${name} holds ${word}`);
    }
  }
  return found;
}
