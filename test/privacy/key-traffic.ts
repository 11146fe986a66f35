import { DataKeys, openKeys, type Database } from '#libs/database';
import type { Sealed } from '#libs/encryption';

export const SCHOOLS = Array.from({ length: 20 }, (_, n) => `s-${n}`);
export const READERS = 4;

interface SealedValue {
  readonly school: string;
  readonly person: string;
  readonly value: Sealed;
}

const contextOf = ({ school, person }: { school: string; person: string }) => ({
  table: 'people',
  column: 'profile_sealed',
  row: person,
  school,
  person,
});
const textOf = (person: string) => `Name of ${person}`;

/** Who opens sealed values, and makes new people, all along. Nothing is kept open: each read unwraps its key anew. */
export class KeyTraffic {
  readonly counts = { reads: 0, failedReads: 0, writes: 0, failedWrites: 0 };
  private readonly sealed: SealedValue[] = [];
  private running: Promise<void>[] = [];
  private isOver = false;

  constructor(
    private readonly database: Database,
    private readonly settings: { keyRing: string; databaseUrl: string },
  ) {}

  /** As many people with a key of their own each. */
  async fill(count: number): Promise<void> {
    const keys = await this.process();
    for (let n = 0; n < count; n += 500)
      await this.make(
        keys,
        SCHOOLS[(n / 500) % SCHOOLS.length]!,
        Array.from({ length: Math.min(500, count - n) }, (_, m) => `p-${n + m}`),
      );
  }

  async start(): Promise<void> {
    const all: DataKeys[] = [];
    for (let n = 0; n < READERS; n += 1) all.push(await this.process());
    this.running = all.map((keys, n) => (n === 0 ? this.write(keys) : this.read(keys, n)));
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.running);
  }

  /** @returns how many values do not open for a process that starts now */
  async openAll(): Promise<number> {
    const keys = await this.process();
    let failed = 0;
    for (const school of SCHOOLS) {
      const own = this.sealed.filter((one) => one.school === school);
      for (let n = 0; n < own.length; n += 500)
        failed += (await this.open(keys, school, own.slice(n, n + 500)).catch(() => [false])).filter(
          (ok) => !ok,
        ).length;
    }
    return failed;
  }

  /** A process of its own, as far as keys go: it looks at the ring's file by itself. */
  private async process(): Promise<DataKeys> {
    const { wrapper, root } = await openKeys(this.settings);
    return new DataKeys(wrapper, root);
  }

  private async read(keys: DataKeys, seed: number): Promise<void> {
    for (let n = seed; !this.isOver; n += 7_919) {
      const one = this.sealed[n % this.sealed.length]!;
      keys.forgetAll();
      const [isRight] = await this.open(keys, one.school, [one]).catch(() => [false]);
      this.counts.reads += 1;
      if (!isRight) this.counts.failedReads += 1;
    }
  }

  private async write(keys: DataKeys): Promise<void> {
    for (let n = 0; !this.isOver; n += 1) {
      const school = SCHOOLS[n % SCHOOLS.length]!;
      await this.make(keys, school, [`new-${n}`]).then(
        () => (this.counts.writes += 1),
        () => (this.counts.failedWrites += 1),
      );
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  private async make(keys: DataKeys, school: string, people: readonly string[]): Promise<void> {
    const owners = people.map((person) => ({ school, person }));
    const values = await this.database.transaction([school], async (em) => {
      await keys.load(em, owners);
      return Promise.all(
        owners.map(async (owner) => ({ ...owner, value: await keys.seal(textOf(owner.person), contextOf(owner)) })),
      );
    });
    this.sealed.push(...values);
  }

  private async open(keys: DataKeys, school: string, values: readonly SealedValue[]): Promise<boolean[]> {
    await this.database.transaction([school], (em) => keys.load(em, values));
    return Promise.all(
      values.map(async (one) => (await keys.open(one.value, contextOf(one))).reveal() === textOf(one.person)),
    );
  }
}
