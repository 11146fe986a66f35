import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import type { ModuleEvent } from './events.js';

const BATCH = 500;
const TRIES = 10;

/** One answer of the intake for one event. */
export interface IntakeResult {
  id: string;
  status: 'accepted' | 'duplicate' | 'stale';
  url?: string;
}

export interface SendOptions {
  appUrl: string;
  secret: string;
  now: () => Date;
  newId: () => string;
}

/** The intake refused the events: status and problem of the answer. */
export class EventsRefused extends Error {
  constructor(
    readonly status: number,
    readonly problem: string,
  ) {
    super(`The intake answered ${status}: ${problem}`);
  }
}

/**
 * Posts events signed by Standard Webhooks, one alone as it is, more in batches of at most 500, in order. Tries again while
 * nobody answers or the answer is 429 or 5xx; throws EventsRefused for any other refusal.
 */
export const sendEvents = async (events: readonly ModuleEvent[], options: SendOptions): Promise<IntakeResult[]> => {
  const results: IntakeResult[] = [];
  for (let from = 0; from < events.length; from += BATCH) {
    const batch = events.slice(from, from + BATCH);
    results.push(...(await post(batch.length === 1 ? batch[0] : batch, options)));
  }
  return results;
};

const post = async (body: unknown, { appUrl, secret, now, newId }: SendOptions): Promise<IntakeResult[]> => {
  const payload = JSON.stringify(body);
  const kind = Array.isArray(body) ? 'cloudevents-batch+json' : 'cloudevents+json';
  const id = newId();
  for (let tried = 1; ; tried += 1) {
    const answer = await fetch(`${appUrl}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': `application/${kind}`, ...signed(payload, id, secret, now()) },
      body: payload,
    }).catch((error: unknown) => error as Error);
    const isBusy = answer instanceof Error || answer.status === 429 || answer.status >= 500;
    if (isBusy && tried < TRIES) {
      await sleep(Math.min(100 * 2 ** tried, 5000));
      continue;
    }
    if (answer instanceof Error) throw answer;
    if (!answer.ok) throw new EventsRefused(answer.status, await answer.text());
    return ((await answer.json()) as { results: IntakeResult[] }).results;
  }
};

const signed = (payload: string, id: string, secret: string, at: Date): Record<string, string> => ({
  'webhook-id': id,
  'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
  'webhook-signature': new Webhook(secret).sign(id, at, payload),
});
