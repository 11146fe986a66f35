import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Proof } from '../privacy/prove-erasure.js';
import { hasRedis } from '../support/redis.js';
import { ChildProduct, build } from '../support/processes.js';

// Real: everything but the outside. It is `npm run erasure:proof` itself, on a Postgres of its own: the files of the one
// that all suites share hold so much of theirs that cutting out and trying each sealed value takes minutes.

describe('P11 R14 erased people cannot be read anywhere', () => {
  beforeAll(build, 240_000);

  // The whole share, 200 people: npm run erasure:proof
  it('20 of them: everybody before, nobody after, also in a backup once the ledger was replayed', async () => {
    const people = 20;
    const child = new ChildProduct('erasureProof', ['--people', String(people)], {});
    const code = await child.ended;
    const place = child.output.indexOf('{\n');
    if (place < 0) throw new Error(`The proof did not come to its end: ${child.output.slice(-1_000)}`);
    const proof = JSON.parse(child.output.slice(place)) as Proof;
    expect(proof.control).toEqual({ opened: people, carvedFromFiles: people, openedInBackup: people });
    expect(proof.after).toEqual({
      opened: 0,
      wordsInTables: 0,
      wordsInRedis: hasRedis() ? 0 : null,
      namesInFiles: 0,
      wordsInLedger: 0,
      openedInBackupAfterReplay: 0,
      wordsInBackupTables: 0,
      receipts: people,
    });
    expect(proof.files.carvedWithoutWrappingKey).toBe(0);
    expect(code).toBe(0);
  }, 300_000);
});
