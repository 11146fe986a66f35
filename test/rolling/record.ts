import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate, startEmbeddedPostgres } from '#libs/database';
import { QUEUES } from '#libs/messaging';
import { planned, schemaOf, type RollingContract } from '../support/rolling.js';

// npm run statements:record: runs the suites that work on Postgres, and writes what this version needs of the schema to
// test/rolling/contract.json. Run at a release; until the next one each migration must leave it working.
const SUITES = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'statements-'));
const ran = spawnSync(
  'npm',
  [
    'run',
    'jest',
    '--',
    '--selectProjects',
    'medium',
    'e2e',
    ...(SUITES.length > 0 ? ['--testPathPatterns', ...SUITES] : []),
  ],
  { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, RECORD_STATEMENTS: folder, LOG_LEVEL: 'fatal' } },
);
process.stderr.write(`The suites ended with ${ran.status}.\n`);
const postgres = await startEmbeddedPostgres({ durable: false });
try {
  const { applied } = await migrate(postgres.migrationUrl, postgres.url, QUEUES);
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  const statements: string[] = [];
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'utf8');
    // What tests do to the tables themselves is not planned for the application's role.
    if (/^\s*(with|select|insert|update|delete)\b/i.test(text) && (await planned(client, text)) === null)
      statements.push(text);
  }
  const contract: RollingContract = {
    until: applied.at(-1)!,
    statements: [...new Set(statements.map(oneSize))].toSorted((one, other) => (one < other ? -1 : 1)),
    ...(await schemaOf(client)),
  };
  await client.end();
  const home = join(process.cwd(), 'test/rolling');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'contract.json'), `${JSON.stringify(contract, null, 2)}\n`);
  process.stderr.write(`${contract.statements.length} statements of the version with ${contract.until}.\n`);
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true });
}

/** Lists of any length are one statement. */
function oneSize(text: string): string {
  const lists = /\bin \(\$\d+(?:, \$\d+)+\)/gi;
  return /\$\d+/.test(text.replaceAll(lists, '')) ? text : text.replaceAll(lists, 'in ($1)');
}
