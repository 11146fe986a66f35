import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Inject } from '@nestjs/common';
import type { Job } from 'bullmq';
import type { Jobs } from '#libs/messaging';
import { WorkerCore } from '../core.js';
import { JobFailed } from '../job-failed.js';
import { SendDelivery } from './send-delivery.js';

/** Works the queue of messages. */
@Processor('deliveries', { concurrency: 20 })
export class DeliveryProcessor extends WorkerHost {
  private readonly deliveries: SendDelivery;

  constructor(@Inject(WorkerCore) core: WorkerCore) {
    super();
    this.deliveries = new SendDelivery(core);
  }

  override async process(job: Job<Jobs['send-delivery']>): Promise<string> {
    try {
      return await this.deliveries.send(job.data.deliveryId);
    } catch (error) {
      throw JobFailed.from(error);
    }
  }
}
