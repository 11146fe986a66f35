import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { rollingFaults, type RollingContract } from '../support/rolling.js';

// Real: Postgres, the migrations, the statements that the released version was seen to issue.

const contract = JSON.parse(readFileSync(join(process.cwd(), 'test/rolling/contract.json'), 'utf8')) as RollingContract;

let db: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  db = await freshDatabase();
  client = new pg.Client({ connectionString: db.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await db.close();
});

/** What would break under a migration that is thrown away: in a database of its own. */
async function after(migration: string): Promise<string[]> {
  const own = await freshDatabase();
  const asking = new pg.Client({ connectionString: own.url });
  await asking.connect();
  try {
    await own.query(migration);
    return await rollingFaults(asking, contract);
  } finally {
    await asking.end();
    await own.close();
  }
}

describe('P2 the version that runs goes on beside the next one: migrations expand, then contract', () => {
  it('every statement of the released version is planned on the schema of now, as the application’s role', async () => {
    expect(contract.statements.length).toBeGreaterThan(150);
    expect(await rollingFaults(client, contract)).toEqual([]);
  });

  it.each([
    ['a column renamed', 'alter table meetings rename column state to phase', /meetings\.state is gone/],
    ['a column dropped', 'alter table timeslots drop column end_at', /timeslots\.end_at is gone/],
    ['a column that must be filled', 'alter table people add column nick text not null', /people\.nick is new/],
    ['another type', 'alter table evenings alter column digest_sequence type text', /digest_sequence was integer/],
    ['null refused', 'alter table people alter column left_at set not null', /left_at may not be null/],
    ['a default taken away', 'alter table evenings alter column digest_sequence drop default', /has no default/],
    ['a table dropped', 'drop table login_epochs', /login_epochs is gone/],
    ['a check', `alter table people add check (locale in ('nl', 'en'))`, /new rule: people: CHECK/],
    ['a unique index', 'create unique index on evenings (school_id, told_id)', /new rule: evenings: unique/],
    ['a grant taken away', 'revoke insert on inbox from conferences', /permission denied for table inbox/],
    ['a look-up dropped', 'drop function school_of_meeting(uuid)', /function school_of_meeting/],
  ])('%s is found', async (_, migration, fault) => {
    expect((await after(migration)).join('\n')).toMatch(fault);
  });

  it.each([
    ['a column that may be null', 'alter table people add column nick text'],
    ['a column with a default', `alter table people add column nick text not null default ''`],
    ['a table', 'create table news (id int primary key, text text not null)'],
    ['an index', 'create index on people (locale)'],
    ['null allowed', 'alter table people alter column locale drop not null'],
  ])('%s passes', async (_, migration) => {
    expect(await after(migration)).toEqual([]);
  });
});
