import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Inject } from '@nestjs/common';
import type { Job } from 'bullmq';
import type { Jobs } from '#libs/messaging';
import { jobsPerWindow } from '#libs/providers';
import { JobFailed } from '../job-failed.js';
import { SettleMeeting } from './settle-meeting.js';

/** Calls under way at once in one process. */
const CONCURRENCY = 40;

abstract class MeetingProcessor extends WorkerHost {
  protected abstract readonly settleMeeting: SettleMeeting;

  override async process(job: Job<Jobs['settle-meeting']>): Promise<string> {
    try {
      return await this.settleMeeting.process(job);
    } catch (error) {
      throw JobFailed.from(error);
    }
  }
}

// The queue counts the jobs that begin, tries included, over all workers, on Redis and on Postgres.
@Processor('google-meet', { concurrency: CONCURRENCY, limiter: jobsPerWindow('google-meet') })
export class GoogleMeetProcessor extends MeetingProcessor {
  constructor(@Inject(SettleMeeting) protected readonly settleMeeting: SettleMeeting) {
    super();
  }
}

@Processor('microsoft-teams', { concurrency: CONCURRENCY, limiter: jobsPerWindow('microsoft-teams') })
export class MicrosoftTeamsProcessor extends MeetingProcessor {
  constructor(@Inject(SettleMeeting) protected readonly settleMeeting: SettleMeeting) {
    super();
  }
}
