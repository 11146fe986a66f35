import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataKeys } from '#libs/database';
import { BlindIndex, KeyRing } from '#libs/encryption';
import { recordAudit, type AuditEntry } from '#libs/privacy';
import { freshDatabase, type TestDatabase } from '../support/database.js';

// Real: Postgres, both roles, the seals.

let db: TestDatabase;
const { ring } = KeyRing.generate();
const keys = new DataKeys(ring, ring);
const deps = () => ({ keys, index: new BlindIndex(ring), now: new Date() });
const record = (entries: AuditEntry[]) => db.database.transaction(['s-1'], (em) => recordAudit(em, deps(), entries));

beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

describe('R12 what is written down stays', () => {
  const looked: AuditEntry = {
    schoolId: 's-1',
    action: 'person.looked-at',
    actor: { kind: 'person', id: 'p-privacy-officer', role: 'privacy' },
    subjectId: 'p-parent-31',
    reason: 'asked by phone',
    detail: { kind: 'data' },
  };

  it('is one statement for any number, in the transaction of what it tells', async () => {
    await record(Array.from({ length: 300 }, () => looked));
    expect(await db.query(`select 1 from audit_entries where school_id = 's-1'`)).toHaveLength(300);
    await expect(
      db.database.transaction(['s-2'], async (em) => {
        await recordAudit(em, deps(), [{ ...looked, schoolId: 's-2' }]);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    keys.forgetAll();
    expect(await db.query(`select 1 from audit_entries where school_id = 's-2'`)).toEqual([]);
  });

  it('holds no id, reason or role in clear', async () => {
    await record([looked]);
    const text = JSON.stringify(await db.query(`select * from audit_entries`));
    for (const word of ['p-privacy-officer', 'p-parent-31', 'asked by phone']) expect(text).not.toContain(word);
  });

  it.each([
    `update audit_entries set action = 'person.exported'`,
    `update audit_entries set actor_sealed = null`,
    'delete from audit_entries',
    'truncate audit_entries',
    `update audit_entries set sequence = 1`,
  ])('refuses the owner of the tables too: %s', async (statement) => {
    await expect(db.query(statement)).rejects.toMatchObject({ code: '42501' });
  });
});
