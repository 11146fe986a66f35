// What `npm test` runs: every suite that this machine can run, then a plain summary of what ran and what was left out.
// Further arguments go to Jest. REQUIRE_ALL=1 (CI) makes a missing program a failure.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const PROJECTS = ['unit', 'contracts', 'medium', 'e2e', 'browser'];

const isInPath = (program) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

const redis = isInPath('redis-server');
const pgbouncer = isInPath('pgbouncer');
const chromium = ['chromium', 'chromium-browser', 'google-chrome'].some(isInPath);
const leftOut = [];
if (!redis) leftOut.push('everything over Redis: redis-server is not installed (the queues were tested on Postgres)');
if (!pgbouncer) leftOut.push('everything behind a pooler: pgbouncer is not installed');
if (!chromium) leftOut.push('browser: Chromium is not installed');
if (!isInPath('nginx')) leftOut.push('the proxy of deploy/nginx: nginx is not installed');

const folder = mkdtempSync(join(tmpdir(), 'conferences-tests-'));
const outputFile = join(folder, 'results.json');
const jest = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
    '--selectProjects',
    ...PROJECTS.filter((project) => project !== 'browser' || chromium),
    // Most of the time is spent waiting for servers and timers: on two cores two suites side by side.
    '--maxWorkers=2',
    '--passWithNoTests',
    '--json',
    `--outputFile=${outputFile}`,
    ...process.argv.slice(2),
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TEST_BACKENDS: redis ? 'postgres,redis' : 'postgres' },
  },
);

const { passed, failed, skipped, brokenFiles, counts } = summary();
rmSync(folder, { recursive: true, force: true });

const missing = process.env.REQUIRE_ALL === '1' && leftOut.length > 0;
const lines = ['', 'What ran:'];
for (const [project, count] of counts)
  lines.push(`  ${project}: ${count.passed} passed, ${count.failed} failed, in ${count.files} files`);
for (const file of brokenFiles) lines.push(`  could not run at all: ${file}`);
if (leftOut.length > 0) lines.push('Left out:', ...leftOut.map((what) => `  ${what}`));
if (skipped > 0) lines.push(`  ${skipped} tests said themselves that they cannot run here`);
if (leftOut.length === 0 && skipped === 0) lines.push('Left out: nothing.');
if (missing) lines.push('REQUIRE_ALL=1, so what is left out counts as a failure.');
const failures = failed + brokenFiles.length + (missing ? leftOut.length : 0);
console.log(lines.join('\n'));
console.log(`${passed} passed, ${failures} failed`);
process.exitCode = failures === 0 && jest.status === 0 ? 0 : 1;

function summary() {
  let results;
  try {
    results = JSON.parse(readFileSync(outputFile, 'utf8'));
  } catch {
    return { passed: 0, failed: 0, skipped: 0, brokenFiles: ['jest itself (see above)'], counts: new Map() };
  }
  const counts = new Map();
  const brokenFiles = [];
  for (const file of results.testResults) {
    const path = relative(root, file.name);
    const project = /^test\/(\w+)\//.exec(path)?.[1] ?? 'unit';
    const count = counts.get(project) ?? { files: 0, passed: 0, failed: 0 };
    counts.set(project, count);
    count.files += 1;
    for (const { status } of file.assertionResults) {
      if (status === 'passed') count.passed += 1;
      if (status === 'failed') count.failed += 1;
    }
    // A file that does not load has no tests to count.
    if (file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'))
      brokenFiles.push(path);
  }
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = results;
  return { passed, failed, skipped, brokenFiles, counts };
}
