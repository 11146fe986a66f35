import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Inject } from '@nestjs/common';
import type { Job } from 'bullmq';
import type { Jobs } from '#libs/messaging';
import { jobsPerWindow, type ProviderName } from '#libs/providers';
import { WorkerCore } from '../core.js';
import { admitted } from '../pacing/admitted.js';
import { JobFailed } from '../job-failed.js';
import { SettleMeeting } from './settle-meeting.js';

/**
 * Calls under way at once in one process and provider. More do not make an evening shorter, since computing is what costs; they
 * only make each one last longer, and a small school waits for its five behind a big one (docs/performance.md).
 */
const CONCURRENCY = 16;

abstract class MeetingProcessor extends WorkerHost {
  protected abstract readonly provider: ProviderName;

  constructor(
    @Inject(WorkerCore) private readonly core: WorkerCore,
    @Inject(SettleMeeting) private readonly settleMeeting: SettleMeeting,
  ) {
    super();
  }

  override async process(job: Job<Jobs['settle-meeting']>): Promise<string> {
    try {
      return await admitted(this.core, this.provider, job, () => this.settleMeeting.process(job));
    } catch (error) {
      throw JobFailed.from(error);
    }
  }
}

// The queue counts the jobs that begin, tries included, over all workers, on Redis and on Postgres.
@Processor('google-meet', { concurrency: CONCURRENCY, limiter: jobsPerWindow('google-meet') })
export class GoogleMeetProcessor extends MeetingProcessor {
  protected readonly provider = 'google-meet';
}

@Processor('microsoft-teams', { concurrency: CONCURRENCY, limiter: jobsPerWindow('microsoft-teams') })
export class MicrosoftTeamsProcessor extends MeetingProcessor {
  protected readonly provider = 'microsoft-teams';
}
