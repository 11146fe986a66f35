import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Inject } from '@nestjs/common';
import type { Job } from 'bullmq';
import type { Jobs } from '#libs/messaging';
import { DeliveryError } from '#libs/notifications';
import { WorkerCore } from '../core.js';
import { JobFailed } from '../job-failed.js';

/** What a claim keeps for writing down that the message left. */
const SENDING_SHARE = 0.8;

/** Sends one message. Written when it leaves, from what is true then. */
@Processor('deliveries', { concurrency: 20 })
export class DeliveryProcessor extends WorkerHost {
  constructor(@Inject(WorkerCore) private readonly core: WorkerCore) {
    super();
  }

  override async process(job: Job<Jobs['send-delivery']>): Promise<string> {
    try {
      return await this.send(job.data.deliveryId);
    } catch (error) {
      throw JobFailed.from(error);
    }
  }

  private async send(deliveryId: string): Promise<string> {
    const { deliveries, email, webhook, metrics } = this.core;
    const endsAt = performance.now() + this.core.timers.deliveryClaimMs * SENDING_SHARE;
    const composed = await deliveries.begin(deliveryId);
    if (!composed) return 'nothing-to-do';
    if (composed.channel === 'none') return `dropped:${composed.reason}`;
    const { channel, kind } = composed;
    try {
      if (composed.channel === 'email') await email.send(composed.message, () => performance.now() < endsAt);
      else await webhook?.send(composed.message);
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      // Frozen in between: whoever holds the message now decides about it.
      if (error.code === 'too-late') return 'claim-lost';
      const outcome = await deliveries.failed(deliveryId, error);
      metrics.deliveries.inc({ channel, kind, outcome });
      this.core.logger.info(
        { delivery: deliveryId, channel, kind, word: error.word, code: error.code, outcome },
        'a message was not taken',
      );
      return outcome;
    }
    await deliveries.sent(deliveryId);
    metrics.deliveries.inc({ channel, kind, outcome: 'sent' });
    return 'sent';
  }
}
