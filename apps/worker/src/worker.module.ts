import { BullModule } from '@nestjs/bullmq';
import { type DynamicModule, Module } from '@nestjs/common';
import { QUEUES, queueConnection, type QueueName } from '#libs/messaging';
import { StartupError } from '#libs/platform';
import { WorkerCore } from './core.js';
import { DeliveryProcessor } from './deliveries/delivery.processor.js';
import { ErasureProcessor } from './erasures/erasure.processor.js';
import { GoogleMeetProcessor, MicrosoftTeamsProcessor } from './meetings/meeting.processors.js';
import { SettleMeeting } from './meetings/settle-meeting.js';
import { timedWorker } from './timed-worker.js';

/** Which class works which queue. */
export const PROCESSORS: Readonly<Record<QueueName, new (...args: never[]) => unknown>> = {
  'google-meet': GoogleMeetProcessor,
  'microsoft-teams': MicrosoftTeamsProcessor,
  deliveries: DeliveryProcessor,
  erasures: ErasureProcessor,
};

/** Makes the outside agree with the inside. */
@Module({})
export class WorkerModule {
  static with(core: WorkerCore): DynamicModule {
    for (const name of QUEUES)
      if (!PROCESSORS[name])
        throw new StartupError([`No processor works the queue "${name}". Add one in apps/worker/src.`]);
    BullModule.workerClass = timedWorker(core.timers, core.queueStore);
    return {
      module: WorkerModule,
      imports: [
        BullModule.forRoot({ ...queueConnection(core.settings) }),
        BullModule.registerQueue(...QUEUES.map((name) => ({ name }))),
      ],
      providers: [
        { provide: WorkerCore, useValue: core },
        { provide: SettleMeeting, useFactory: () => new SettleMeeting(core) },
        ...Object.values(PROCESSORS),
      ],
    };
  }
}
