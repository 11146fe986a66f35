import { createDecipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownerWords } from '#libs/database';
import { KeyRing } from '#libs/encryption';
import type { LeakWorld } from './leak-world.js';
import { Scanner } from './scanner.js';
import type { Store } from './stores.js';

export interface StolenBackup {
  /** Data keys that the key ring opened. */
  readonly dataKeys: number;
  /** Sealed values, by how they look, that stood in any store. */
  readonly sealed: number;
  readonly sealedLeases: number;
  /** Every key at hand: wrapping keys, data keys, cookie keys, signing key. */
  readonly keysTried: number;
  readonly opened: number;
  /** Control: people and meetings can be read by who has everything. */
  readonly personal: number;
  /** Tokens, codes and cookies in what was opened, or in any store as it is. */
  readonly logins: number;
}

const LOGIN = new Set(['token', 'code', 'transaction', 'cookie']);

/**
 * Who has the dump, the raw files of Postgres and Redis, and all keys at rest, tries every key on every sealed value,
 * without asking whether they belong together. No process is asked: the memory of workers is not part of a backup.
 */
export async function stolenBackup(world: LeakWorld, stores: readonly Store[]): Promise<StolenBackup> {
  const isAtRest = ({ name }: Store) => /^(Postgres|Redis|queues|ledger|API: log|worker: log)/.test(name);
  await Promise.all([world.api.stop('SIGKILL'), world.worker.stop('SIGKILL')]);
  const atRest = stores.filter(isAtRest);
  const ring = KeyRing.fromSetting(world.keys.KEY_RING);
  const rows = await world.db.query<{ school: string; person: string; wrapped: string }>(
    'select school_id as school, person_id as person, wrapped from data_keys',
  );
  const dataKeys = await Promise.all(
    rows.map(({ school, person, wrapped }) => ring.unwrap(wrapped, ownerWords({ school, ...(person && { person }) }))),
  );
  const file = JSON.parse(readFileSync(join(world.home, 'ring.json'), 'utf8')) as {
    keys: Record<string, string>;
    index: string;
  };
  const keys = [
    ...dataKeys,
    ...[...Object.values(file.keys), file.index, world.keys.SIGNING_KEY, world.keys.COOKIE_KEYS.split(':')[1]!].map(
      (text) => Buffer.from(text, 'base64url'),
    ),
  ];
  const sealed = new Set<string>();
  const leases = new Set<string>();
  for (const { data } of atRest) {
    const text = data.toString('latin1');
    for (const [, iv, body] of text.matchAll(/s1\.([\w-]{16})\.([\w-]{1,4000})\.[\w-]{22}/g))
      sealed.add(`${iv}.${body}`);
    for (const [jwe, key, iv, body] of text.matchAll(
      /eyJ[\w-]{10,600}\.([\w-]*)\.([\w-]{16})\.([\w-]{1,8000})\.[\w-]{22}/g,
    )) {
      if (jwe.includes('..') || key === '') sealed.add(`${iv}.${body}`);
      leases.add(jwe);
      sealed.add(`${iv}.${body}`);
    }
  }
  const scanner = new Scanner(world.canaries.all);
  const opened: Buffer[] = [];
  for (const value of sealed) {
    const [iv, body] = value.split('.').map((part) => Buffer.from(part, 'base64url'));
    const counter = Buffer.concat([iv!, Buffer.from([0, 0, 0, 2])]);
    for (const key of keys) {
      // The counter mode below GCM: no tag is asked, so nothing need fit.
      const plain = createDecipheriv('aes-256-ctr', key, counter).update(body!);
      if (isText(plain)) opened.push(plain, Buffer.from('\n'));
    }
  }
  const found = scanner.scan(Buffer.concat(opened));
  const asTheyAre = atRest.flatMap(({ data }) => scanner.scan(data));
  const count = (isIt: (kind: string) => boolean, finds: typeof found) =>
    new Set(finds.filter(({ canary }) => isIt(canary.kind)).map(({ canary }) => canary.value)).size;
  return {
    dataKeys: dataKeys.length,
    sealed: sealed.size,
    sealedLeases: leases.size,
    keysTried: keys.length,
    opened: opened.length / 2,
    personal: count((kind) => !LOGIN.has(kind), found),
    logins: count((kind) => LOGIN.has(kind), [...found, ...asTheyAre]),
  };
}

/** Wrong keys give noise. */
const isText = (plain: Buffer): boolean => {
  for (const byte of plain.subarray(0, 12)) if (byte < 0x20 || byte === 0x7f) return false;
  return plain.length > 0;
};
