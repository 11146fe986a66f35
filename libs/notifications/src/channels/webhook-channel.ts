import { Webhook } from 'standardwebhooks';
import type { Secret } from '#libs/encryption';
import { webhookKey } from '#libs/platform';
import { DeliveryError } from './delivery-error.js';
import type { NotificationChannel } from './notification-channel.js';

/** A CloudEvent 1.0 in structured mode. `data` holds ids and a status: never a URL or a name. */
export interface OutgoingEvent {
  readonly specversion: '1.0';
  /** Also the `webhook-id`: the receiver drops what it has seen. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  /** RFC 3339. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: Readonly<Record<string, unknown>>;
}

export interface WebhookChannelOptions {
  readonly url: string;
  /** `whsec_…`, as Standard Webhooks writes it. */
  readonly secret: Secret;
  /** How the outside is reached; where only allowed hosts may be called, the caller's own. Default: `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  readonly now?: () => Date;
  /** Default 10 000. */
  readonly timeoutMs?: number;
}

/** Events out, signed by Standard Webhooks. 2xx in time is a receipt; anything else is worth another try. */
export class WebhookChannel implements NotificationChannel<OutgoingEvent> {
  readonly name = 'webhook';
  readonly #webhook: Webhook;

  constructor(private readonly options: WebhookChannelOptions) {
    this.#webhook = new Webhook(webhookKey(options.secret.reveal())!, { format: 'raw' });
  }

  async send(event: OutgoingEvent): Promise<void> {
    const body = JSON.stringify(event);
    const at = this.options.now?.() ?? new Date();
    let status: number;
    try {
      const answer = await (this.options.fetch ?? fetch)(this.options.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/cloudevents+json; charset=utf-8',
          'webhook-id': event.id,
          'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
          'webhook-signature': this.#webhook.sign(event.id, at, body),
        },
        body,
        // A redirect would carry the event to a host that nobody configured.
        redirect: 'manual',
        signal: AbortSignal.timeout(this.options.timeoutMs ?? 10_000),
      });
      status = answer.status;
      await answer.body?.cancel();
    } catch (error) {
      const { name } = (error ?? {}) as { readonly name?: unknown };
      throw new DeliveryError('unavailable', name === 'TimeoutError' || name === 'AbortError' ? 'timeout' : 'network');
    }
    if (status < 200 || status > 299) throw new DeliveryError('unavailable', 'no-receipt', status);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
