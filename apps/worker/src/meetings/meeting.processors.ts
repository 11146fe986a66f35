import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Inject } from '@nestjs/common';
import type { Job } from 'bullmq';
import type { Jobs } from '#libs/messaging';
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

/** Google allows a project 10,000 requests a minute (providers.md §2.6); a job makes about two. */
@Processor('google-meet', { concurrency: CONCURRENCY, limiter: { max: 800, duration: 10_000 } })
export class GoogleMeetProcessor extends MeetingProcessor {
  constructor(@Inject(SettleMeeting) protected readonly settleMeeting: SettleMeeting) {
    super();
  }
}

/** Graph allows an application 5,000 requests in 10 s for online meetings (providers.md §4.8); a job makes about two. */
@Processor('microsoft-teams', { concurrency: CONCURRENCY, limiter: { max: 2_000, duration: 10_000 } })
export class MicrosoftTeamsProcessor extends MeetingProcessor {
  constructor(@Inject(SettleMeeting) protected readonly settleMeeting: SettleMeeting) {
    super();
  }
}
