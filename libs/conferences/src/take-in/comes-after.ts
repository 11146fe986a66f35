/** The place of an event among all that speak of the same thing. */
export interface Told {
  readonly at: Date;
  readonly id: string;
}

/** Does (time, id) `a` come after `b`? Ids are compared by code unit, as Postgres does with collation "C". */
export const comesAfter = (a: Told, b: Told): boolean =>
  a.at.getTime() > b.at.getTime() ||
  (a.at.getTime() === b.at.getTime() && Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)) > 0);
