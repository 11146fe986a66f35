/** What follows from an outcome that was written on a meeting. */
export interface Written {
  /** For the log and the job. */
  readonly word: string;
  /** When a worker must look again; null: not for this reason. */
  readonly dueAt: Date | null;
  /** Until when the whole lane waits with it; null: the lane goes on. */
  readonly busyUntil: Date | null;
  /** A look for which no token is taken: nobody looks again before the owner's next visit. */
  readonly untilVisit?: boolean;
}

/** Nothing more is to be done because of it. */
export const done = (word: string): Written => ({ word, dueAt: null, busyUntil: null });
