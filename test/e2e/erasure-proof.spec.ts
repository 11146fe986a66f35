import { describe, expect, it } from '@jest/globals';
import { backends } from '../support/backends.js';
import { proveErasure } from '../privacy/prove-erasure.js';

describe('P11 R14 erased people cannot be read anywhere', () => {
  // The whole share, 200 people: npm run erasure:proof
  it('20 of them: everybody before, nobody after, also in a backup once the ledger was replayed', async () => {
    const people = 20;
    const proof = await proveErasure({ people, backend: backends().at(-1)! });
    expect(proof.control).toEqual({ opened: people, carvedFromFiles: people, openedInBackup: people });
    expect(proof.after).toEqual({
      opened: 0,
      wordsInTables: 0,
      wordsInRedis: backends().includes('redis') ? 0 : null,
      namesInFiles: 0,
      wordsInLedger: 0,
      openedInBackupAfterReplay: 0,
      wordsInBackupTables: 0,
      receipts: people,
    });
    expect(proof.files.carvedWithoutWrappingKey).toBe(0);
  }, 300_000);
});
