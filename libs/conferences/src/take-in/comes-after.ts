import type { IncomingEvent } from './incoming-event.js';

/** The place of an event among all that speak of the same thing. */
export interface Told {
  /** To the millisecond. */
  readonly at: Date;
  /** What decides within one millisecond: the six digits below it, then the event's id. */
  readonly id: string;
}

export const toldBy = ({ toldAt, nanoseconds, id }: IncomingEvent): Told => ({
  at: toldAt,
  id: `${nanoseconds}:${id}`,
});

/** Does `a` come after `b`? Ids are compared byte by byte, as Postgres does with collation "C". */
export const comesAfter = (a: Told, b: Told): boolean =>
  a.at.getTime() > b.at.getTime() ||
  (a.at.getTime() === b.at.getTime() && Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)) > 0);
