import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { migrate, startEmbeddedPostgres } from '#libs/database';
import { QUEUES } from '#libs/messaging';
import { planned, schemaOf, type RollingContract } from '../support/rolling.js';

// Writes what this version needs of the schema to test/rolling/contract.json. At a release, on a clean checkout:
//   mkdir /tmp/statements && RECORD_STATEMENTS=/tmp/statements npm test
//   RECORD_STATEMENTS=/tmp/statements npm run statements:record
// Until the next release each migration must leave this contract working.
const folder = process.env['RECORD_STATEMENTS'];
if (!folder) throw new Error('RECORD_STATEMENTS names the folder into which the suites wrote their statements.');
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
  writeFileSync(join(home, 'contract.json'), `${JSON.stringify(contract, null, 2)}\n`);
  process.stderr.write(`${contract.statements.length} statements of the version with ${contract.until}.\n`);
} finally {
  await postgres.stop();
}

/** Lists of any length are one statement. */
function oneSize(text: string): string {
  const lists = /\bin \(\$\d+(?:, \$\d+)+\)/gi;
  return /\$\d+/.test(text.replaceAll(lists, '')) ? text : text.replaceAll(lists, 'in ($1)');
}
