import type pg from 'pg';
import { StartupError } from '#libs/platform';
import { connectFault } from './connect-fault.js';
import { MIGRATIONS } from './orm-config.js';
import { PooledClient } from './pooled-client.js';
import { postgresConfig } from './postgres-config.js';
import { OUTSIDE, SCHOOL_TABLES, openTables } from './row-level-security.js';

const CONNECT_MS = 5_000;
const MIGRATE = 'Run, as the role that owns the tables: npm run migrate';

/** What a start must know of the settings. */
interface Asked {
  readonly databaseUrl: string;
  readonly production: boolean;
}

/**
 * Before any work: does Postgres keep the schools apart from this role? In production a role that row-level security
 * does not bind, or a table that is open, stops the start. Elsewhere one role may do everything: it is said, and a role
 * that is no superuser is held to its school all the same.
 * @param warn takes what would stop a start in production
 * @throws StartupError naming everything that is wrong, each with its mend; also where Postgres does not answer
 */
export async function checkKeptApart(asked: Asked, warn: (fault: string) => void): Promise<void> {
  for (const fault of transportFaults(asked)) warn(fault);
  const { roleFaults, tableFaults, newer } = await look(asked.databaseUrl).catch((error: unknown) => {
    throw new StartupError([connectFault('DATABASE_URL', error)]);
  });
  // An open table is a mistake everywhere; which role people try it out with is theirs to choose.
  const faults = [...tableFaults, ...(asked.production ? roleFaults : [])];
  if (faults.length > 0) throw new StartupError(faults);
  for (const fault of [...roleFaults, ...newer]) warn(fault);
}

/** Encrypted, yet to anybody who answers: what was deployed goes on, and hears of it at each start. */
const transportFaults = ({ databaseUrl, production }: Asked) =>
  production && new URL(databaseUrl).searchParams.get('sslmode') === 'require'
    ? [
        'DATABASE_URL: sslmode=require encrypts and does not check whose certificate it is, so that somebody in between can read all of it. Use sslmode=verify-full; NODE_EXTRA_CA_CERTS names the file of an authority of your own.',
      ]
    : [];

/** What the schema lacks that this program needs, and what it has that this program does not know. */
async function migrationFaults(client: pg.Client): Promise<{ older: string[]; newer: string[] }> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('public.migrations') is not null as there`,
  );
  const found = rows[0]!.there
    ? (await client.query<{ name: string }>('select name from public.migrations')).rows.map(({ name }) => name)
    : [];
  const missing = MIGRATIONS.filter((name) => !found.includes(name));
  const unknown = found.filter((name) => !MIGRATIONS.includes(name));
  return {
    older: missing.length > 0 ? [`DATABASE_URL: migrations are not applied: ${missing.join(', ')}. ${MIGRATE}`] : [],
    newer:
      unknown.length > 0
        ? [
            `DATABASE_URL: the schema is newer than this program, by ${unknown.join(', ')}: it runs, as during a rolling deployment. Deploy the program that belongs to it.`,
          ]
        : [],
  };
}

async function look(databaseUrl: string): Promise<{ roleFaults: string[]; tableFaults: string[]; newer: string[] }> {
  const client: pg.Client = new PooledClient({ ...postgresConfig(databaseUrl), connectionTimeoutMillis: CONNECT_MS });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{
      role: string;
      superuser: boolean;
      bypasses: boolean;
      owns: boolean;
      missing: string[];
    }>(
      `select current_user as role, r.rolsuper as superuser, r.rolbypassrls as bypasses,
        exists (select from pg_class c where c.relnamespace = 'public'::regnamespace and c.relname = any($1) and pg_has_role(c.relowner, 'member')) as owns,
        array(select name from unnest($2::text[]) name where to_regclass('public.' || quote_ident(name)) is null) as missing
      from pg_roles r where r.rolname = current_user`,
      [[...Object.keys(SCHOOL_TABLES), ...Object.keys(OUTSIDE)], Object.keys(SCHOOL_TABLES)],
    );
    const { role, superuser, bypasses, owns, missing } = rows[0]!;
    const open = await openTables(client);
    const { older, newer } = await migrationFaults(client);
    const words = [superuser && 'is a superuser', bypasses && 'has BYPASSRLS', owns && 'owns our tables'].filter(
      Boolean,
    );
    return {
      roleFaults:
        words.length === 0
          ? []
          : [
              `DATABASE_URL: the role "${role}" ${words.join(', ')}: Postgres would not keep the schools apart from it. Make one with: create role NAME login password '…' nosuperuser nobypassrls; name it in DATABASE_URL, the owner in DATABASE_MIGRATION_URL, and run: npm run migrate`,
            ],
      tableFaults: [
        ...(missing.length > 0 ? [`DATABASE_URL: these tables are missing: ${missing.join(', ')}. ${MIGRATE}`] : older),
        ...(open.length > 0
          ? [`DATABASE_URL: row-level security is not in force on: ${open.join(', ')}. ${MIGRATE}`]
          : []),
      ],
      newer,
    };
  } finally {
    await client.end();
  }
}
