import { setImmediate } from 'node:timers/promises';
import { type Em, jsonText, rows, sql } from './database.js';

/** The columns of a table that a bulk write carries, by their name in our code: Postgres' type of each. */
export type Columns<T> = { readonly [K in keyof T & string]: string };

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const encode = (value: unknown) =>
  Buffer.isBuffer(value) || value instanceof Uint8Array ? `\\x${Buffer.from(value).toString('hex')}` : value;

/**
 * Inserts or updates any number of rows in one statement, in order of the key so that two such writes cannot deadlock.
 * @param key the columns of the primary key or of a unique index
 */
export async function bulkUpsert<T extends object>(
  em: Em,
  table: string,
  columns: Columns<T>,
  key: readonly (keyof T & string)[],
  values: readonly T[],
): Promise<void> {
  if (values.length > 0) await rows(em, insert(table, columns, key, await jsonOf(columns, values), true));
}

/**
 * Inserts rows of which none may be there yet.
 * @returns false where another transaction was first with one of them
 */
export async function bulkInsert<T extends object>(
  em: Em,
  table: string,
  columns: Columns<T>,
  key: readonly (keyof T & string)[],
  values: readonly T[],
): Promise<boolean> {
  if (values.length === 0) return true;
  const json = await jsonOf(columns, values);
  const made = await rows(em, sql`${insert(table, columns, key, json, false)} returning 1`);
  return made.length === values.length;
}

/** Rows that are put into words in one turn of the event loop: a large batch must not hold up everybody else. */
const ROWS_PER_TURN = 500;

async function jsonOf<T extends object>(columns: Columns<T>, values: readonly T[]): Promise<string> {
  const names = (Object.keys(columns) as (keyof T & string)[]).map((name) => [name, snake(name)] as const);
  const parts: string[] = [];
  for (let from = 0; from < values.length; from += ROWS_PER_TURN) {
    if (from > 0) await setImmediate();
    const some = values
      .slice(from, from + ROWS_PER_TURN)
      .map((value) => Object.fromEntries(names.map(([name, column]) => [column, encode(value[name])])));
    parts.push(JSON.stringify(some).slice(1, -1));
  }
  return `[${parts.join()}]`;
}

function insert<T extends object>(
  table: string,
  columns: Columns<T>,
  key: readonly (keyof T & string)[],
  json: string,
  update: boolean,
) {
  const names = Object.keys(columns) as (keyof T & string)[];
  const list = sql.join(names.map((name) => sql.ref(snake(name))));
  const typed = sql.join(names.map((name) => sql`${sql.ref(snake(name))} ${sql.raw(columns[name])}`));
  const keys = sql.join(key.map((name) => sql.ref(snake(name))));
  const rest = names.filter((name) => !key.includes(name));
  const change =
    rest.length === 0 || !update
      ? sql`nothing`
      : sql`update set ${sql.join(rest.map((name) => sql`${sql.ref(snake(name))} = excluded.${sql.ref(snake(name))}`))}`;
  return sql`insert into ${sql.table(table)} (${list}) select ${list} from jsonb_to_recordset(${jsonText(json)}) as r(${typed}) order by ${keys} on conflict (${keys}) do ${change}`;
}

const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Rows that Postgres gave as JSON, in our own types again: instants as Date, bytes as Buffer, by the type of each column. */
export function fromJson<T extends object>(values: readonly unknown[], columns: Readonly<Record<string, string>>): T[] {
  return values.map(
    (value) =>
      Object.fromEntries(
        Object.entries(value as object).map(([column, given]: [string, unknown]) => {
          const name = camel(column);
          return [name, typeof given === 'string' ? decode(given, columns[name]) : given];
        }),
      ) as T,
  );
}

function decode(value: string, type: string | undefined): unknown {
  if (type === 'timestamptz') return new Date(value);
  return type === 'bytea' ? Buffer.from(value.slice(2), 'hex') : value;
}
