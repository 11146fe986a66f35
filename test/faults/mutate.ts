import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrate, startEmbeddedPostgres } from '#libs/database';
import { QUEUES } from '#libs/messaging';
import { commandOptions, partsOf, whole } from '../support/command-options.js';
import { MUTANTS, type Mutant } from './mutants.js';

// Takes one defence after the other out of a copy of the compiled product and runs histories against it until one fails.
// A mutant that survives means that the harness would not notice if that defence were lost.

const options = commandOptions('npm run faults:mutants -- [--only NAME] [--histories N] [--from SEED]', {
  histories: whole(400, 1),
  only: partsOf(MUTANTS.map(({ name }) => name)),
  from: whole(null, 0),
});
const server = await startEmbeddedPostgres({ durable: false });
await migrate(server.migrationUrl, server.url, QUEUES);
const root = fileURLToPath(new URL('../../..', import.meta.url));

let caught = 0;
const survivors: string[] = [];
const wanted = MUTANTS.filter(
  ({ name }) => options.only.length === 0 || options.only.some((part) => name.includes(part)),
);
for (const mutant of wanted) {
  const verdict = run(mutant);
  if (verdict.caughtBy !== null) caught += 1;
  else survivors.push(mutant.name);
  process.stdout.write(
    `${verdict.caughtBy === null ? 'SURVIVED' : 'caught  '} ${mutant.name}${verdict.caughtBy === null ? '' : `: seed ${verdict.caughtBy}, ${verdict.what}`}\n`,
  );
}
await server.stop();
process.stdout.write(`${JSON.stringify({ mutants: wanted.length, caught, survivors })}\n`);
process.exit(survivors.length === 0 ? 0 : 1);

function run(mutant: Mutant): { caughtBy: number | null; what: string } {
  const home = mkdtempSync(join(tmpdir(), 'conferences-mutant-'));
  try {
    for (const name of ['package.json', 'dist']) cpSync(join(root, name), join(home, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
    for (const edit of [mutant, ...(mutant.also ? [mutant.also] : [])])
      change(mutant.name, join(home, 'dist', edit.file), edit);
    const seed = options.from ?? mutant.seed;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [
        join(home, 'dist/test/faults/main.js'),
        '--stop-at-first',
        ...(mutant.scenario
          ? [`--scenario=${mutant.scenario}`]
          : [`--histories=${options.histories}`, `--seed=${seed}`]),
        `--database=${server.url}`,
      ],
      { cwd: home, encoding: 'utf8' },
    );
    const [, caughtBy] = /^seed (\d+):$/m.exec(stdout) ?? [];
    if (!/"violations":\d+/.test(stdout))
      throw new Error(`The mutant "${mutant.name}" did not run:\n${stdout}${stderr}`);
    return { caughtBy: caughtBy === undefined ? null : Number(caughtBy), what: /^ {2}(.*)$/m.exec(stdout)?.[1] ?? '' };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function change(name: string, file: string, { find, replace }: Pick<Mutant, 'find' | 'replace'>): void {
  const parts = readFileSync(file, 'utf8').split(find);
  if (parts.length !== 2)
    throw new Error(`The mutant "${name}" is out of date: its text stands ${parts.length - 1} times in ${file}.`);
  writeFileSync(file, parts.join(replace));
}
