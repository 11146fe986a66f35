import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Inject } from '@nestjs/common';
import type { Job } from 'bullmq';
import { RunErasure } from '#libs/conferences';
import type { Jobs } from '#libs/messaging';
import { WorkerCore } from '../core.js';
import { JobFailed } from '../job-failed.js';

/** Works the queue of erasures. */
@Processor('erasures', { concurrency: 2 })
export class ErasureProcessor extends WorkerHost {
  private readonly erasures: RunErasure;

  constructor(@Inject(WorkerCore) private readonly core: WorkerCore) {
    super();
    this.erasures = new RunErasure({
      database: core.database,
      keys: core.keys,
      index: core.index,
      clock: core.clock,
      ledger: core.ledger,
      signing: core.signing,
      planNotices: core.notices.plan,
      issuer: core.settings.appUrl,
    });
  }

  override async process(job: Job<Jobs['erase-person']>): Promise<string> {
    try {
      const word = await this.erasures.process(job.data.erasureId);
      this.core.metrics.erasures.inc({ outcome: word });
      return word;
    } catch (error) {
      throw JobFailed.from(error);
    }
  }
}
