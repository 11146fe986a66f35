import { beforeAll, describe, expect, it } from '@jest/globals';
import { hasRedis } from '../support/redis.js';
import { build } from '../support/processes.js';
import { findLeaks, type LeakRun } from '../privacy/leak/find-leaks.js';

// Real: API and worker in processes of their own, Postgres, Redis. Fake: the outside. The same: npm run leak.
const withRedis = hasRedis() ? describe : describe.skip;
let run: LeakRun | undefined;
const theRun = async () => (run ??= await findLeaks());

withRedis('P12 no canary is found in any store', () => {
  beforeAll(async () => {
    await build();
    await theRun();
  }, 360_000);

  it('in any form, and every control is found', async () => {
    const { canaries, stores, finds, controls, controlsFound, controlsMissed, faultsSet, faultsFired } = await theRun();
    expect(finds).toEqual([]);
    expect(controlsMissed).toEqual([]);
    expect(controlsFound).toBe(controls);
    expect(canaries).toBeGreaterThanOrEqual(200);
    expect(stores).toBeGreaterThanOrEqual(18);
    expect(faultsFired).toBeGreaterThanOrEqual(faultsSet * 0.9);
  });
});

withRedis('R4 a stolen backup gives no login back', () => {
  it('every key at rest tried on every sealed value opens people and meetings, and no token', async () => {
    const { backup } = await theRun();
    expect(backup.logins).toBe(0);
    expect(backup.personal).toBeGreaterThan(100);
    expect(backup.sealedLeases).toBeGreaterThan(0);
  });
});
