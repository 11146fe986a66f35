import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { rotateUnderTraffic } from '../privacy/rotate-under-traffic.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { build } from '../support/processes.js';

// Real: the command in processes that are killed, Postgres, the ring's file. The full size: npm run rotation.

let db: TestDatabase;
beforeAll(async () => {
  await build();
  db = await freshDatabase();
}, 200_000);
afterAll(() => db.close());

describe('P11 wrapping keys are replaced under traffic, and destroyed', () => {
  it('with kills at any point it goes on; nobody’s read fails; then the old key is gone and every row opens', async () => {
    const run = await rotateUnderTraffic({
      databaseUrl: db.url,
      cli: fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url)),
      rows: 3_000,
      kills: 2,
    });
    expect(run).toMatchObject({ kills: 2, failedReads: 0, failedWrites: 0, left: 0, unreadable: 0 });
    expect(run.reads).toBeGreaterThan(100);
    expect(run.writes).toBeGreaterThan(10);
  }, 180_000);
});
