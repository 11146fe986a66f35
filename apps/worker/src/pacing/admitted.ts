import type { Job } from 'bullmq';
import { payAgain, putBack, type Jobs } from '#libs/messaging';
import type { ProviderName } from '#libs/providers';
import type { WorkerCore } from '../core.js';
import { roundOf } from '../relay/carry.js';
import { LANE_LIMITS } from '../relay/lane-limits.js';

/**
 * Does a job's work unless its provider rests: what was on the queue before the rest began goes back to Postgres, where
 * it waits with the others. A job that tries again by itself pays for its requests once more.
 */
export async function admitted(
  core: Pick<WorkerCore, 'database' | 'clock' | 'pacing'>,
  provider: ProviderName,
  job: Pick<Job<Jobs['settle-meeting']>, 'id' | 'data' | 'attemptsMade'>,
  work: () => Promise<string>,
): Promise<string> {
  const { database, clock, pacing } = core;
  const { meetingId } = job.data;
  const now = clock.now();
  if (pacing.rests(provider)) {
    // A later round is in other hands, or waits for its own time.
    await database.transaction([], (em) =>
      putBack(em, provider, [{ subjectId: meetingId, round: roundOf(job.id) }], now),
    );
    return 'resting';
  }
  if (job.attemptsMade > 0)
    await database.transaction([], (em) => payAgain(em, provider, meetingId, now, LANE_LIMITS[provider].costMs));
  return work();
}
