import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartupError } from '#libs/platform';
import { ledgerDirFault } from './ledger-dir-fault.js';
import { ledgerFolder } from './ledger-folder.js';

const home = mkdtempSync(join(tmpdir(), 'conferences-folder-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const at = (...parts: string[]) => join(home, ...parts);
const silent = () => undefined;

describe('P11 the folder of the ledger is one that can be written', () => {
  writeFileSync(at('a-file'), '');

  it.each(['a-file', 'a-file/below'])(
    'production does not start with %s, and says which setting and what to do',
    async (place) => {
      const start = ledgerFolder({ ledgerDir: at(place), production: true }, 'db-1', silent);
      const error = await start.then(
        () => null,
        (refusal: unknown) => refusal,
      );
      expect(error).toBeInstanceOf(StartupError);
      expect((error as StartupError).faults).toEqual([expect.stringMatching(/^LEDGER_DIR: .*Make the folder/)]);
    },
  );

  it('makes one for the database, for its own user only', async () => {
    const folder = await ledgerFolder({ ledgerDir: at('new', 'ledger'), production: true }, 'db-1', silent);
    expect(folder).toBe(at('new', 'ledger', 'db-1'));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('a try-out starts, and is told that it would not in production', async () => {
    const said: string[] = [];
    const folder = await ledgerFolder({ ledgerDir: at('a-file'), production: false }, 'db-2', (line) =>
      said.push(line),
    );
    expect(existsSync(folder)).toBe(true);
    expect(said).toEqual([expect.stringMatching(/^LEDGER_DIR: .*production would not start/)]);
    rmSync(folder, { recursive: true });
  });

  it('the doctor finds it first, and makes nothing', async () => {
    expect(await ledgerDirFault(at('a-file'))).toMatch(/^LEDGER_DIR: .* is no folder/);
    expect(await ledgerDirFault(at('a-file', 'below'))).toMatch(/^LEDGER_DIR: .* cannot be reached/);
    expect(await ledgerDirFault(at('not', 'there'))).toBeNull();
    expect(existsSync(at('not'))).toBe(false);
    mkdirSync(at('open'));
    chmodSync(at('open'), 0o777);
    expect(await ledgerDirFault(at('open'))).toMatch(/^LEDGER_DIR: everybody may write .*chmod 700/);
    chmodSync(at('open'), 0o700);
    expect(await ledgerDirFault(at('open'))).toBeNull();
  });

  // Root may write everywhere.
  (process.getuid?.() === 0 ? it.skip : it)('the doctor finds a folder of somebody else', async () => {
    mkdirSync(at('closed'), { mode: 0o500 });
    expect(await ledgerDirFault(at('closed'))).toMatch(/^LEDGER_DIR: this user may not write/);
    expect(await ledgerDirFault(at('closed', 'new'))).toMatch(/^LEDGER_DIR: .*cannot make it/);
  });
});
