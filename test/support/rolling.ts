import type pg from 'pg';

/** What a version needs of the schema to go on running while the next one is rolled out. */
export interface RollingContract {
  /** Its last migration. */
  readonly until: string;
  /** Text with placeholders, as the suites saw it issued. */
  readonly statements: readonly string[];
  /** By table and column. */
  readonly columns: Readonly<Record<string, Readonly<Record<string, Column>>>>;
  /** Constraints and unique indexes of its tables: a new one could refuse what it writes. */
  readonly rules: readonly string[];
  /** Look-ups by name, arguments and answer: a transaction names its schools by them before it plans anything. */
  readonly functions: readonly string[];
}

interface Column {
  readonly type: string;
  readonly nullable: boolean;
  readonly default: boolean;
}

type Asking = Pick<pg.Client, 'query'>;

/** Reads the schema as it is. */
export async function schemaOf(client: Asking): Promise<Pick<RollingContract, 'columns' | 'rules' | 'functions'>> {
  const found = await client.query<{ table: string; column: string } & Column>(
    `select c.relname as "table", a.attname as "column", format_type(a.atttypid, a.atttypmod) as type,
      not a.attnotnull as nullable, a.atthasdef or a.attidentity <> '' as default
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> 'migrations' order by 1, 2`,
  );
  const columns: Record<string, Record<string, Column>> = {};
  for (const { table, column, type, nullable, default: given } of found.rows)
    (columns[table] ??= {})[column] = { type, nullable, default: given };
  const rules = await client.query<{ rule: string }>(
    `select format('%s: %s', conrelid::regclass, pg_get_constraintdef(oid)) as rule from pg_constraint
      where connamespace = 'public'::regnamespace and contype in ('c', 'f', 'u', 'p', 'x')
    union select format('%s: unique %s', i.indrelid::regclass, regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING ', ''))
      from pg_index i join pg_class c on c.oid = i.indrelid where c.relnamespace = 'public'::regnamespace and i.indisunique
    order by 1`,
  );
  const functions = await client.query<{ signature: string }>(
    `select format('%s returns %s', oid::regprocedure, pg_get_function_result(oid)) as signature from pg_proc
    where pronamespace = 'public'::regnamespace and prokind = 'f' order by 1`,
  );
  return {
    columns,
    rules: rules.rows.map(({ rule }) => rule),
    functions: functions.rows.map(({ signature }) => signature),
  };
}

/**
 * Could the version of this contract still run? Each of its statements is planned, as the application's role, so that
 * tables, columns, types and grants are there; what it writes must be taken: no new column that it would have to fill,
 * nothing made narrower. Nothing is executed. @returns what would break, in words
 */
export async function rollingFaults(client: Asking, contract: RollingContract): Promise<string[]> {
  const now = await schemaOf(client);
  const faults: string[] = [];
  for (const [table, columns] of Object.entries(contract.columns)) {
    const there = now.columns[table];
    if (!there) {
      faults.push(`${table} is gone`);
      continue;
    }
    for (const [column, before] of Object.entries(columns)) {
      const after = there[column];
      if (!after) faults.push(`${table}.${column} is gone`);
      else if (after.type !== before.type) faults.push(`${table}.${column} was ${before.type} and is ${after.type}`);
      else if (before.nullable && !after.nullable) faults.push(`${table}.${column} may not be null any more`);
      else if (before.default && !after.default && !after.nullable)
        faults.push(`${table}.${column} has no default any more`);
    }
    for (const [column, { nullable, default: given }] of Object.entries(there))
      if (!Object.hasOwn(columns, column) && !nullable && !given)
        faults.push(`${table}.${column} is new, and whoever does not know it cannot write a row`);
  }
  for (const rule of now.rules) {
    const table = rule.slice(0, rule.indexOf(':'));
    if (Object.hasOwn(contract.columns, table) && !contract.rules.includes(rule)) faults.push(`new rule: ${rule}`);
  }
  for (const signature of contract.functions)
    if (!now.functions.includes(signature)) faults.push(`function ${signature} is gone`);
  for (const statement of contract.statements) {
    const fault = await planned(client, statement);
    if (fault !== null) faults.push(`${fault}: ${statement.replaceAll(/\s+/g, ' ').slice(0, 160)}`);
  }
  return faults;
}

/** Postgres checks all of it when it plans, with placeholders as they are. @returns its word where it cannot */
export const planned = (client: Asking, statement: string): Promise<string | null> =>
  client.query(`explain (generic_plan) ${statement}`).then(
    () => null,
    (error: Error) => error.message,
  );
