import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Canary } from './canaries.js';
import { drive } from './drive.js';
import { WRITTEN } from './forms.js';
import { LeakWorld } from './leak-world.js';
import { Scanner } from './scanner.js';
import { stolenBackup, type StolenBackup } from './stolen-backup.js';
import { readStores, type Store } from './stores.js';

export interface LeakRun {
  readonly canaries: number;
  readonly kinds: Record<string, number>;
  readonly stores: number;
  readonly megabytes: number;
  /** Canaries in places that are not theirs: which, where, in which form. */
  readonly finds: readonly string[];
  /** A word in each form, in a copy of each store; and words that went in by the front door. */
  readonly controls: number;
  readonly controlsFound: number;
  readonly controlsMissed: readonly string[];
  /** Canaries in the places that are permitted, which shows that the scan sees them. */
  readonly permitted: Record<string, number>;
  readonly faultsSet: number;
  readonly faultsFired: number;
  readonly statuses: Record<string, number>;
  readonly table: readonly { store: string; bytes: number; found: number; controls: string }[];
  readonly backup: StolenBackup;
  readonly seconds: number;
}

/** Drives the product, reads every store, and looks for what must not be there; then tries to use a stolen backup. */
export async function findLeaks(say: (line: string) => void = () => undefined): Promise<LeakRun> {
  const began = performance.now();
  const world = await LeakWorld.start();
  try {
    const driven = await drive(world, say);
    const front = await byTheFrontDoor(world);
    await world.tap.settled();
    const stores = await readStores(world, driven);
    say('the stores are read; scanning');
    // What the reading itself used is among the canaries, too.
    const scanner = new Scanner(world.canaries.all);
    const finds = new Set<string>();
    const permitted: Record<string, number> = {};
    const table: LeakRun['table'][number][] = [];
    const missed: string[] = [];
    let controls = 0;
    for (const store of stores) {
      const found = scanner.scan(store.data);
      const wrong = found.filter(({ canary }) => !store.permitted?.[canary.kind]);
      for (const { canary, form, offset } of wrong)
        finds.add(
          `${store.name}: ${canary.what} (${canary.kind}, ${form})${process.env['LEAK_SHOW'] ? `: ${store.data.subarray(Math.max(0, offset - 150), offset + 60).toString('latin1')}` : ''}`,
        );
      for (const { canary } of found)
        if (store.permitted?.[canary.kind]) permitted[canary.kind] = (permitted[canary.kind] ?? 0) + 1;
      const planted = controlsOf(store);
      controls += planted.asked;
      missed.push(...planted.missed);
      table.push({
        store: store.name,
        bytes: store.data.length,
        found: new Set(wrong.map(({ canary }) => canary.value)).size,
        controls: `${planted.asked - planted.missed.length}/${planted.asked}`,
      });
    }
    const door = new Scanner([front.canary]);
    for (const name of front.stores) {
      controls += 1;
      const store = stores.find((one) => one.name === name);
      if (!store || door.scan(store.data).length === 0) missed.push(`${name}: what went in by the front door`);
    }
    say('with a stolen backup, and every key that lies anywhere');
    const backup = await stolenBackup(world, stores);
    return {
      canaries: world.canaries.all.length,
      kinds: world.canaries.counts(),
      stores: stores.length,
      megabytes: Math.round(stores.reduce((sum, { data }) => sum + data.length, 0) / 1e6),
      finds: [...finds],
      controls,
      controlsFound: controls - missed.length,
      controlsMissed: missed,
      permitted,
      faultsSet: driven.faultsSet,
      faultsFired: driven.faultsFired,
      statuses: world.tap.statuses,
      table,
      backup,
      seconds: Math.round((performance.now() - began) / 1000),
    };
  } finally {
    await world.close();
  }
}

/** Puts a word of its own into a copy of the store, in each form, at a place in its middle. */
function controlsOf(store: Store): { asked: number; missed: string[] } {
  const missed: string[] = [];
  const words = Object.entries(WRITTEN).map(([form, write]) => {
    const word = `Kontrölle ${randomBytes(8).toString('hex')}/+?`;
    return { form, word, bytes: write(Buffer.from(word)) };
  });
  const middle = Math.floor(store.data.length / 2);
  const gap = Buffer.from(' ; ');
  const copy = Buffer.concat([
    store.data.subarray(0, middle),
    ...words.flatMap(({ bytes }) => [gap, bytes, gap]),
    store.data.subarray(middle),
  ]);
  const canaries = words.map(({ form, word }): Canary => ({ kind: 'key', what: form, value: word }));
  const found = new Set(new Scanner(canaries).scan(copy).map(({ canary }) => canary.what));
  for (const { form } of words) if (!found.has(form)) missed.push(`${store.name}: ${form}`);
  return { asked: words.length, missed };
}

/** A word goes where a leak would: as a row, as a Redis value. It must then be in all stores behind. */
async function byTheFrontDoor(world: LeakWorld): Promise<{ canary: Canary; stores: string[] }> {
  const word = `kontrole-${randomBytes(8).toString('hex')}`;
  await world.db.query('create table leak_control (word text)');
  await world.db.query(`insert into leak_control values ('${word}')`);
  const application = new pg.Client({ connectionString: world.db.url });
  await application.connect();
  await application.query('select $1::text', [word]);
  await application.end();
  const redis = new Redis(world.redis.url);
  await redis.set('leak-control', word);
  await redis.hset('leak-control-job', 'data', JSON.stringify({ word }));
  redis.disconnect();
  await fetch(`${world.product.appUrl}/livez`);
  return {
    canary: { kind: 'key', what: 'the control', value: word },
    stores: [
      'Postgres: every row of every table, as a dump has it',
      'Postgres: data directory',
      'Postgres: write-ahead log',
      'Postgres: log of all statements with their values',
      'Redis: dump, without compression',
      'Redis: append-only file',
      'Redis: MONITOR, every command of the run',
      'queues: the fields of every job',
      'Redis: every other key',
    ],
  };
}
