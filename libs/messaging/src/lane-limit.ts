/**
 * How fast one lane may go, counted ahead: each row that is taken pays for the requests that its job makes at most, and a
 * lane may run ahead of the clock by the burst. In any window of w milliseconds no lane pays for more than burst plus
 * what the rate gives in w, whatever the number of workers.
 */
export interface LaneLimit {
  /** What one row costs, in milliseconds of the lane's rate. */
  readonly costMs: number;
  /** A lane that is paid further ahead of the clock than this must wait. */
  readonly aheadMs: number;
  /** The same of rows for which nobody waits: they leave half of the burst to those that somebody waits for. */
  readonly routine: { readonly costMs: number; readonly aheadMs: number };
}

export const NO_LIMIT: LaneLimit = { costMs: 0, aheadMs: 0, routine: { costMs: 0, aheadMs: 0 } };

/**
 * @param figures.perMinute requests that a lane may make in any minute
 * @param figures.burst how many of them at once
 * @param figures.perJob requests that one job makes at most
 * @param figures.perRoutineJob the same of a job for which nobody waits
 */
export function laneLimit(figures: {
  perMinute: number;
  burst: number;
  perJob: number;
  perRoutineJob: number;
}): LaneLimit {
  const { perMinute, burst, perJob, perRoutineJob } = figures;
  if (burst < perJob || burst / 2 < perRoutineJob || burst >= perMinute)
    throw new RangeError('A burst holds one job at least and leaves something of the minute.');
  const requestMs = 60_000 / (perMinute - burst);
  const within = (requests: number, perRow: number) => ({
    costMs: Math.ceil(perRow * requestMs),
    aheadMs: Math.floor((requests - perRow) * requestMs),
  });
  return { ...within(burst, perJob), routine: within(burst / 2, perRoutineJob) };
}
