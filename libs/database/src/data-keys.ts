import { randomBytes } from 'node:crypto';
import {
  BlindIndex,
  WrappingFailed,
  erasedPersonIndex,
  kidOf,
  open,
  seal,
  type IndexRoot,
  type KeyWrapper,
  type SealContext,
  type Sealed,
  type Secret,
} from '#libs/encryption';
import { type Em, asJson, rows, sql } from './database.js';

const MAX_CACHED_KEYS = 20_000;
/** A key that another process destroyed is forgotten here after so long, whatever becomes of any message about it. */
const FORGET_AFTER_MS = 5 * 60_000;

interface Cached {
  readonly bytes: Uint8Array;
  readonly ref: string;
  /** Monotonic ms. */
  readonly until: number;
}

/** Whose key: a person of a school, or (without `person`) the school itself. */
export interface KeyOwner {
  readonly school: string;
  readonly person?: string;
}

/** Shared while data keys are made, alone while a wrapping key is retired. */
export const WRAPPING_LOCK = 20261122;

/** What a wrapped key is bound to: that of another person, or of another school, does not open in its place. */
export const ownerWords = (owner: KeyOwner): readonly string[] => ['data-key', owner.school, owner.person ?? ''];

/** So many are wrapped or unwrapped at once: thousands begun in one turn of the event loop hold up everybody else. */
const AT_ONCE = 50;

async function eachOf<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE)
    done.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(work))));
  return done;
}

const cacheKey = (owner: KeyOwner) => JSON.stringify([owner.school, owner.person ?? '']);

/**
 * The data keys that columns are sealed with: one per school and one per person, wrapped by the key ring. Unwrapped keys
 * live in this process's memory only. Destroying a person's row here makes everything sealed for that person unreadable.
 */
export class DataKeys {
  private readonly cache = new Map<string, Cached>();
  /** Keys that a transaction made; until it commits they may yet vanish. */
  private readonly made = new WeakMap<Em, string[]>();

  private readonly index: BlindIndex;
  private sweeping: NodeJS.Timeout | undefined;

  /** @param ticks monotonic ms */
  constructor(
    private readonly wrapper: KeyWrapper,
    root: IndexRoot,
    private readonly ticks: () => number = () => performance.now(),
  ) {
    this.index = new BlindIndex(root);
  }

  /**
   * Makes sure that all these owners have a key and that this process holds it: at most two statements for any number. An
   * erased person is given none: sealing for that person fails.
   */
  async load(em: Em, owners: readonly KeyOwner[]): Promise<void> {
    const missing = new Map(owners.filter((owner) => !this.isHeld(owner)).map((owner) => [cacheKey(owner), owner]));
    if (missing.size === 0) return;
    await this.read(em, missing);
    if (missing.size === 0) return;
    // Until this commits, nobody retires a wrapping key: what is written here can be opened.
    await rows(em, sql`select pg_advisory_xact_lock_shared(${WRAPPING_LOCK})`);
    const fresh = await eachOf([...missing.values()], async (owner) => {
      const wrapped = await this.wrapper.wrap(randomBytes(32), ownerWords(owner));
      return {
        school_id: owner.school,
        person_id: owner.person ?? '',
        person_index: `\\x${erasedPersonIndex(this.index, owner.school, owner.person ?? '').toString('hex')}`,
        wrapped,
        wrapped_by: kidOf(wrapped),
      };
    });
    await rows(
      em,
      sql`insert into data_keys (school_id, person_id, wrapped, wrapped_by)
      select school_id, person_id, wrapped, wrapped_by
      from jsonb_to_recordset(${asJson(fresh)}) as k(school_id text, person_id text, person_index bytea, wrapped text, wrapped_by text)
      where not exists (select from erased_people e where e.school_id = k.school_id and e.person_index = k.person_index)
      order by 1, 2 on conflict do nothing`,
    );
    this.made.set(em, [...(this.made.get(em) ?? []), ...missing.keys()]);
    // Read back rather than remembered: somebody else may have made one first, and this transaction may yet roll back.
    await this.read(em, missing);
    // Erased meanwhile, perhaps by another process.
    for (const key of missing.keys()) this.cache.delete(key);
  }

  private async read(em: Em, missing: Map<string, KeyOwner>, isAgain = false): Promise<void> {
    const wanted = [...missing.values()].map((owner) => ({ school_id: owner.school, person_id: owner.person ?? '' }));
    const found = await rows(
      em,
      sql<{ schoolId: string; personId: string; wrapped: string; ref: string }>`
      select d.school_id, d.person_id, d.wrapped, d.ref from data_keys d
      join jsonb_to_recordset(${asJson(wanted)}) as w(school_id text, person_id text) using (school_id, person_id)`,
    );
    let failed: unknown;
    await eachOf(found, async (row) => {
      const owner = { school: row.schoolId, ...(row.personId !== '' && { person: row.personId }) };
      const unwrapped = await this.wrapper.unwrap(row.wrapped, ownerWords(owner)).catch((error: unknown) => {
        failed ??= error;
      });
      if (!unwrapped) return;
      if (this.cache.size >= MAX_CACHED_KEYS) this.cache.delete(this.cache.keys().next().value!);
      this.hold(cacheKey(owner), { bytes: unwrapped, ref: row.ref });
      missing.delete(cacheKey(owner));
    });
    if (failed === undefined) return;
    // Wrapped anew, and the old wrapping key gone, between reading and opening: it is there under the new one.
    if (!isAgain && failed instanceof WrappingFailed && failed.code === 'unknown-key')
      return this.read(em, missing, true);
    throw failed;
  }

  /** The random reference of an owner's key: it dies with the key. The key must be loaded. */
  refOf(owner: KeyOwner): string {
    return this.key(owner).ref;
  }

  /**
   * Reads these owners' keys as they are now and makes none; what was destroyed meanwhile is forgotten here too.
   * @returns is there a key of this owner?
   */
  async loadKnown(em: Em, owners: readonly KeyOwner[]): Promise<(owner: KeyOwner) => boolean> {
    const asked = new Map(owners.map((owner) => [cacheKey(owner), owner]));
    if (asked.size > 0) await this.read(em, asked);
    // What was not found. No sooner: another transaction may be sealing with the others.
    for (const key of asked.keys()) this.cache.delete(key);
    return (owner) => this.cache.has(cacheKey(owner));
  }

  /** Seals for the school, or for the person where the context names one. The key must be loaded. */
  seal(value: string, context: SealContext): Promise<Sealed> {
    return seal(this.key(context).bytes, value, context);
  }

  /** Opens explicitly; every use can be found by its name. The key must be loaded. */
  open(sealed: Sealed, context: SealContext): Promise<Secret> {
    return open(this.key(context).bytes, sealed, context);
  }

  /** This transaction rolled back: the keys that it made are not in the database. Those of others stay loaded. */
  rolledBack(em: Em): void {
    for (const key of this.made.get(em) ?? []) this.cache.delete(key);
    this.made.delete(em);
  }

  /** The owner's key was destroyed by this process. */
  forget(owner: KeyOwner): void {
    this.cache.delete(cacheKey(owner));
  }

  /** Everything is read anew: after a restore, or when keys were destroyed elsewhere. */
  forgetAll(): void {
    this.cache.clear();
  }

  /** A key was loaded for this owner: an erased person has none. */
  isHeld(owner: KeyOwner): boolean {
    const held = this.cache.get(cacheKey(owner));
    return held !== undefined && held.until > this.ticks();
  }

  private hold(name: string, key: Omit<Cached, 'until'>): void {
    this.cache.delete(name);
    this.cache.set(name, { ...key, until: this.ticks() + FORGET_AFTER_MS });
    this.sweeping ??= setTimeout(() => this.sweep(), FORGET_AFTER_MS).unref();
  }

  /** What nobody asked for lately leaves the memory, too. The oldest come first. */
  private sweep(): void {
    this.sweeping = undefined;
    const now = this.ticks();
    // A transaction that loaded a key a moment before its time may still use it.
    for (const [name, { until }] of this.cache) {
      if (until + FORGET_AFTER_MS > now) break;
      this.cache.delete(name);
    }
    if (this.cache.size > 0) this.sweeping = setTimeout(() => this.sweep(), FORGET_AFTER_MS).unref();
  }

  private key(context: KeyOwner): Cached {
    const key = this.cache.get(cacheKey(context));
    if (!key)
      throw new Error(
        `The data key of ${context.person === undefined ? 'a school' : 'a person'} is not loaded; call load() first.`,
      );
    return key;
  }
}
