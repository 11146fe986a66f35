import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { checkBackup, postgresConfig, restoreBackup } from '#libs/database';
import { QUEUES } from '#libs/messaging';
import { StartupError, checkedSetting } from '#libs/platform';
import { ownerUrl } from './owner-url.js';
import { readArgs } from './read-args.js';
import { rehearse } from './rehearse-restore.js';
import { WrongArguments } from './wrong-arguments.js';

const say = (line: string) => process.stdout.write(`${line}\n`);

/**
 * `conferences restore FILE`: puts a backup into the empty database of DATABASE_MIGRATION_URL. With `--check` into a scratch
 * database that is thrown away afterwards, and tries there all that a start would do. @returns the exit code
 */
export async function restore(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<number> {
  const { options, words } = readArgs('restore', args, { values: ['scratch'], flags: ['check'], words: 1 });
  const [file] = words;
  if (!file) throw new WrongArguments(['restore needs the FILE that conferences backup wrote.']);
  if (options.has('check')) return check(env, file, options.get('scratch'));
  if (options.has('scratch')) throw new WrongArguments(['--scratch belongs to --check.']);
  const url = ownerUrl('restore', env);
  const { header, end } = await restoreBackup(file, url, checkedSetting(env, 'DATABASE_URL') ?? url, QUEUES);
  say(`Restored as of ${header.at}: ${total(end.rows)} rows. Leave LEDGER_DIR as it is, and start the product now.`);
  say('When it has taken the place of the former one: conferences keys adopt');
  return 0;
}

const total = (rows: Readonly<Record<string, number>>) => Object.values(rows).reduce((sum, count) => sum + count, 0);

async function check(env: NodeJS.ProcessEnv, file: string, given: string | undefined): Promise<number> {
  const { header, end } = await checkBackup(file);
  say(`The file is whole: ${total(end.rows)} rows as of ${header.at}, version ${header.version}.`);
  const scratch = given ? await givenScratch(env, given) : await madeScratch(ownerUrl('restore --check', env));
  try {
    await restoreBackup(file, scratch.url, scratch.url, QUEUES);
    say('It restores: tables, rows, and the migrations since.');
    const faults = await rehearse(env, scratch.url, header, say);
    for (const fault of faults) say(`WRONG: ${fault}`);
    say(faults.length === 0 ? 'This backup can be restored.' : 'This backup cannot be restored as it should.');
    return faults.length === 0 ? 0 : 1;
  } finally {
    await scratch.drop();
  }
}

interface Scratch {
  readonly url: string;
  readonly drop: () => Promise<void>;
}

/** A database of its own on the same server, for as long as the check runs. */
async function madeScratch(url: string): Promise<Scratch> {
  const name = `conferences_check_${randomBytes(6).toString('hex')}`;
  await administer(url, `create database ${name}`).catch((error: unknown) => {
    if ((error as { code?: string }).code !== '42501') throw error;
    throw new StartupError([
      'The role of DATABASE_MIGRATION_URL may make no database. Make an empty one that it owns, and name it: --scratch URL',
    ]);
  });
  const scratch = new URL(url);
  scratch.pathname = `/${name}`;
  return { url: scratch.href, drop: async () => void (await administer(url, `drop database ${name} with (force)`)) };
}

/** An empty database of somebody's making, emptied again. Never the one of the product. */
async function givenScratch(env: NodeJS.ProcessEnv, given: string): Promise<Scratch> {
  const url = checkedSetting({ ...env, DATABASE_MIGRATION_URL: given }, 'DATABASE_MIGRATION_URL')!;
  const [found] = (await administer(
    url,
    `select count(*)::int as tables from pg_tables where schemaname in ('public', 'bullmq')`,
  )) as { tables: number }[];
  if (found!.tables > 0) throw new StartupError(['--scratch names a database that is not empty. Nothing was done.']);
  const empty = 'drop schema if exists bullmq cascade; drop schema public cascade; create schema public';
  return { url, drop: async () => void (await administer(url, empty)) };
}

async function administer(url: string, statement: string): Promise<object[]> {
  const client = new pg.Client(postgresConfig(url));
  await client.connect();
  try {
    return (await client.query<object & pg.QueryResultRow>(statement)).rows ?? [];
  } finally {
    await client.end();
  }
}
