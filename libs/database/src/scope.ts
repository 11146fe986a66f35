import pg from 'pg';

/** A look-up that answers with schools, from what is known before a school is: see `LOOK_UPS` in row-level-security.ts. */
export interface Finder {
  readonly lookUp: string;
  readonly arguments: readonly string[];
}

/**
 * Whose rows a transaction may see and write: schools by id, or those that a look-up finds. An empty list sees nothing
 * but the tables outside of row-level security.
 */
export type Scope = readonly string[] | Finder;

const finder =
  (lookUp: string) =>
  (...given: readonly string[]): Finder => ({ lookUp, arguments: given });

/** The schools behind an id. Unknown ones find none, and the transaction sees nothing. */
export const schoolsOf = {
  meeting: finder('school_of_meeting') as (meetingId: string) => Finder,
  delivery: finder('schools_of_delivery') as (deliveryId: string) => Finder,
  erasure: finder('school_of_erasure') as (erasureId: string) => Finder,
  /** By the hash of a join link's token. */
  joinLink: (tokenHash: Buffer) => finder('school_of_join_link')(`\\x${tokenHash.toString('hex')}`),
  event: finder('school_of_event') as (source: string, id: string) => Finder,
  /** Where data keys wait to be wrapped by this wrapping key. */
  notWrappedBy: finder('schools_not_wrapped_by') as (kid: string) => Finder,
  /** Where this person is known or owns a meeting: one login serves all of a person's schools. */
  person: finder('schools_of_person') as (personId: string) => Finder,
};

/**
 * All schools at once: for upkeep, which looks for ids of what is due, and for counts. What is done about one of them
 * happens in a transaction of its own school. A test knows every file that names this.
 */
export const EVERY_SCHOOL: Finder = { lookUp: 'every_school', arguments: [] };

/** No text in Postgres holds U+0000, and in a statement it would end it: such an id is that of nobody. */
const isText = (value: string) => !value.includes('\0');

const element = (id: string) => `"${id.replace(/[\\"]/g, '\\$&')}"`;

/**
 * The statement that names the scope for the transaction that just began, and for no longer, and asks whether it can write.
 * @param more further columns, each with its comma
 */
export function namingScope(scope: Scope, more = ''): string {
  return `select ${more}set_config('app.schools', ${schoolsIn(scope)}, true), current_setting('transaction_read_only') as read_only`;
}

function schoolsIn(scope: Scope): string {
  if (!('lookUp' in scope)) return pg.escapeLiteral(`{${scope.filter(isText).map(element).join()}}`);
  const given = scope.arguments.map((value) => (isText(value) ? pg.escapeLiteral(value) : 'null'));
  return `coalesce(${scope.lookUp}(${given.join()}), '{}')::text`;
}
