import { DeliveryError } from '#libs/notifications';
import type { WorkerCore } from '../core.js';

type Parts = Pick<WorkerCore, 'deliveries' | 'metrics' | 'logger' | 'timers'> & {
  readonly email: Pick<WorkerCore['email'], 'send'>;
  readonly webhook: Pick<NonNullable<WorkerCore['webhook']>, 'send'> | null;
};

/** What a claim keeps for writing down that the message left. */
const SENDING_SHARE = 0.8;

/** Sends one message: written when it leaves, from what is true then. */
export class SendDelivery {
  constructor(private readonly core: Parts) {}

  /** @returns a word for the log and the job */
  async send(deliveryId: string): Promise<string> {
    const { deliveries, email, webhook, metrics } = this.core;
    const endsAt = performance.now() + this.core.timers.deliveryClaimMs * SENDING_SHARE;
    const composed = await deliveries.begin(deliveryId);
    if (!composed) return 'nothing-to-do';
    if (composed.channel === 'none') return `dropped:${composed.reason}`;
    if (composed.channel === 'wait') return 'waits';
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
