import { Agent, request } from 'node:http';
import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { ASchool } from '../support/a-school.js';
import type { Product } from '../support/product.js';

const EVERY_MS = 25;
const PATIENCE_MS = 60_000;

export interface Others {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** What did not get the answer that it is owed. */
  readonly refused: number;
}

/** Somebody who is let in: asks, and sends signed events, forty times a second, from the attackers' own address. */
export class Bystander {
  private readonly agent = new Agent({ keepAlive: true });
  private readonly school = new ASchool();
  private readonly webhook: Webhook;

  private constructor(
    private readonly product: Product,
    private readonly token: string,
  ) {
    this.webhook = new Webhook(product.sandbox.module.eventSecret);
  }

  static async open(product: Product): Promise<Bystander> {
    const school = new ASchool();
    return new Bystander(product, await product.bearer('teacher', school, school.teacher()));
  }

  /** Asks until `done`, and waits for what is still on its way. */
  async during(done: Promise<unknown>): Promise<Others> {
    const times: number[] = [];
    let refused = 0;
    let isDone = false;
    void done.finally(() => (isDone = true));
    const waiting: Promise<void>[] = [];
    for (let n = 0; !isDone; n += 1) {
      const began = performance.now();
      waiting.push(
        this.ask(n).then((status) => {
          times.push(performance.now() - began);
          if (status < 200 || status >= 300) refused += 1;
        }),
      );
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    await Promise.all(waiting);
    times.sort((a, b) => a - b);
    const at = (share: number) => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
    return { count: times.length, p50: at(0.5), p99: at(0.99), max: Math.round(times.at(-1) ?? 0), refused };
  }

  close(): void {
    this.agent.destroy();
  }

  private ask(n: number): Promise<number> {
    if (n % 3 === 0) return this.send('GET', '/livez', {});
    if (n % 3 === 1) return this.send('GET', '/v1/me', { authorization: `Bearer ${this.token}` });
    return this.signed(JSON.stringify(this.school.slot(1 + (n % 40))), 'application/cloudevents+json');
  }

  /** @returns the status, 0 where there was no answer */
  signed(body: string, type: string): Promise<number> {
    const [id, at] = [`msg_${randomUUID()}`, new Date()];
    return this.send(
      'POST',
      '/v1/events',
      {
        'content-type': type,
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': this.webhook.sign(id, at, body),
      },
      body,
    );
  }

  private send(method: string, path: string, headers: Record<string, string>, body?: string): Promise<number> {
    return new Promise((resolve) => {
      const sent = request(
        new URL(path, this.product.appUrl),
        { method, headers, agent: this.agent, timeout: PATIENCE_MS },
        (response) => {
          response.resume().once('end', () => resolve(response.statusCode ?? 0));
        },
      );
      sent.once('timeout', () => sent.destroy());
      sent.once('error', () => resolve(0));
      sent.end(body);
    });
  }
}
