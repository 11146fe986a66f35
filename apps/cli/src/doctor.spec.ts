import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { doctor } from './doctor.js';

describe('P16 the doctor looks at the folder of the ledger too', () => {
  const home = mkdtempSync(join(tmpdir(), 'conferences-doctor-'));
  const said: string[] = [];
  beforeEach(() => {
    said.length = 0;
    jest.spyOn(process.stdout, 'write').mockImplementation((line) => said.push(String(line)) > 0);
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it('names LEDGER_DIR among all that is wrong, with its mend, and ends with 1', async () => {
    const file = join(home, 'file');
    writeFileSync(file, '');
    expect(await doctor({ LEDGER_DIR: file }, [])).toBe(1);
    expect(said.join('')).toMatch(/LEDGER_DIR: \S+ is no folder\. Name one/);
    expect(said.join('')).toContain('APP_URL is missing');
  });

  it('names a key ring that cannot be read while Postgres does not answer', async () => {
    await doctor(
      { DATABASE_URL: 'postgres://u:p@127.0.0.1:1/d', KEY_RING: `file:${join(home, 'none', 'x.json')}` },
      [],
    );
    expect(said.join('')).toMatch(/- .*KEY_RING.*x\.json/);
    expect(said.join('')).toMatch(/- DATABASE_URL: Postgres \(ECONNREFUSED\): /);
  });

  it('says a wrong DATABASE_URL once, and asks no Postgres', async () => {
    await doctor({ DATABASE_URL: 'postgres://u:p@127.0.0.1:1/d?host=127.0.0.2' }, []);
    expect(said.join('').match(/DATABASE_URL/g)).toHaveLength(1);
  });

  it('looks beside the key ring where nothing is named', async () => {
    writeFileSync(join(home, 'ledger'), '');
    await doctor({ KEY_RING: `file:${join(home, 'keys.json')}` }, []);
    expect(said.join('')).toContain(`LEDGER_DIR: ${join(home, 'ledger')} is no folder`);
  });
});
