import type { Type } from '@nestjs/common';
import { Worker, type WorkerOptions } from 'bullmq';
import type { Timers } from '#libs/platform';

/** BullMQ's worker with our own time after which a job of a silent worker goes to another one. */
export const timedWorker = ({ jobLockMs }: Timers): Type =>
  class TimedWorker extends Worker {
    constructor(name: string, processor: ConstructorParameters<typeof Worker>[1], options: WorkerOptions) {
      super(name, processor, { lockDuration: jobLockMs, stalledInterval: jobLockMs, ...options });
    }
  };
