import { type TableColumn, tableColumns } from '#libs/database';
import { MEETING_TABLES } from './meeting-tables.js';
import { PEOPLE_TABLES } from './people-tables.js';
import type { StoreLocale, StoredTable } from './stored-table.js';
import { WORK_TABLES } from './work-tables.js';

/** Every table of the database. A new table or column gets its entry in one of these; a test fails without. */
export const REGISTER: Readonly<Record<string, StoredTable>> = { ...PEOPLE_TABLES, ...MEETING_TABLES, ...WORK_TABLES };

/** One column, told in one language. */
export interface StoredColumn {
  readonly table: string;
  readonly column: string;
  readonly about: string;
  readonly purpose: string;
  readonly basis: string;
  readonly retention: string;
  readonly personal: 'yes' | 'id' | 'no';
  readonly sealed: boolean;
}

/** What stands in one list and not in the other: nothing, in a build that passes. */
export function registerFaults(columns: readonly TableColumn[], register = REGISTER): string[] {
  const named = new Set(columns.map(({ table, column }) => `${table}.${column}`));
  const missing = [...named].filter((name) => {
    const [table, column] = name.split('.') as [string, string];
    return !Object.hasOwn(register[table]?.fields ?? {}, column);
  });
  const stray = Object.entries(register).flatMap(([table, { fields }]) =>
    Object.keys(fields)
      .map((column) => `${table}.${column}`)
      .filter((name) => !named.has(name)),
  );
  const open = columns.filter(
    ({ table, column, sealed }) =>
      column.endsWith('_sealed') !== sealed || (sealed && register[table]?.fields[column] === undefined),
  );
  return [
    ...missing.map((name) => `${name} has no entry: say in libs/privacy/src/what-we-store what it is for.`),
    ...stray.map((name) => `${name} has an entry and is no column.`),
    ...open.map(({ table, column }) => `${table}.${column}: what is named …_sealed is sealed(), and nothing else.`),
  ];
}

let columns: Promise<TableColumn[]> | undefined;

/** The whole register, from the tables as they are. */
export async function whatWeStore(locale: StoreLocale): Promise<StoredColumn[]> {
  const all = await (columns ??= tableColumns());
  return Object.entries(REGISTER).flatMap(([table, { about, basis, retention, fields }]) =>
    Object.entries(fields).map(([column, field]) => ({
      table,
      column,
      about: about[locale],
      purpose: field.purpose[locale],
      basis: basis[locale],
      retention: retention[locale],
      personal: field.personal,
      sealed: all.some((known) => known.table === table && known.column === column && known.sealed),
    })),
  );
}
