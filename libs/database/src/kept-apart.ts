import pg from 'pg';
import { StartupError } from '#libs/platform';
import { postgresConfig } from './postgres-config.js';
import { OUTSIDE, SCHOOL_TABLES, openTables } from './row-level-security.js';

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
  const { roleFaults, tableFaults } = await look(asked.databaseUrl).catch(() => {
    throw new StartupError([
      `DATABASE_URL: Postgres does not answer, or refuses this role. Check the URL, and run: npm run migrate`,
    ]);
  });
  // An open table is a mistake everywhere; which role people try it out with is theirs to choose.
  const faults = [...tableFaults, ...(asked.production ? roleFaults : [])];
  if (faults.length > 0) throw new StartupError(faults);
  for (const fault of roleFaults) warn(fault);
}

async function look(databaseUrl: string): Promise<{ roleFaults: string[]; tableFaults: string[] }> {
  const client = new pg.Client(postgresConfig(databaseUrl));
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
        ...(missing.length > 0 ? [`DATABASE_URL: these tables are missing: ${missing.join(', ')}. ${MIGRATE}`] : []),
        ...(open.length > 0
          ? [`DATABASE_URL: row-level security is not in force on: ${open.join(', ')}. ${MIGRATE}`]
          : []),
      ],
    };
  } finally {
    await client.end();
  }
}
