import { beforeAll, describe, expect, it } from '@jest/globals';
import type { LeakRun } from '../privacy/leak/find-leaks.js';
import { hasRedis } from '../support/redis.js';
import { ChildProduct, build } from '../support/processes.js';

// Real: API and worker in processes of their own, Postgres, Redis. Fake: the outside. It is `npm run leak` itself: the
// search through all forms of all canaries takes four times as long inside Jest.
// Left out where there is no Redis: a third of the stores is Redis's own.
const withRedis = hasRedis() ? describe : describe.skip;
type Told = Omit<LeakRun, 'table' | 'finds' | 'controlsMissed'> & { found: number };
let said = '';
let run: Told;

withRedis('npm run leak', () => {
  beforeAll(async () => {
    await build();
    const leak = new ChildProduct('leak', [], {});
    await leak.ended;
    said = leak.output;
    run = JSON.parse(said.trimEnd().split('\n').at(-1)!) as Told;
  }, 360_000);

  const linesOf = (word: string) => said.split('\n').filter((line) => line.startsWith(word));

  it('P12 no canary is found in any store', () => {
    // In any form; and every control is.
    expect(linesOf('FOUND')).toEqual([]);
    expect(linesOf('CONTROL NOT FOUND')).toEqual([]);
    expect(run.found).toBe(0);
    expect(run.controlsFound).toBe(run.controls);
    expect(run.canaries).toBeGreaterThanOrEqual(200);
    expect(run.stores).toBeGreaterThanOrEqual(18);
    expect(run.faultsFired).toBeGreaterThanOrEqual(run.faultsSet * 0.9);
  });

  it('R4 a stolen backup gives no login back', () => {
    // Every key at rest is tried on every sealed value.
    expect(run.backup.logins).toBe(0);
    expect(run.backup.personal).toBeGreaterThan(100);
    expect(run.backup.sealedLeases).toBeGreaterThan(0);
  });
});
