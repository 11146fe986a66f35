import { EventEmitter, once } from 'node:events';
import type { SandboxMail } from './mail.js';

/** Every mail that arrived, in order of arrival. */
export class SandboxMailbox {
  readonly messages: SandboxMail[] = [];
  readonly #arrivals = new EventEmitter().setMaxListeners(0);

  add(mail: SandboxMail): void {
    this.messages.push(mail);
    this.#arrivals.emit('mail', mail);
  }

  /** The mails to this address, without case. */
  to(address: string): SandboxMail[] {
    return this.messages.filter(({ envelope }) => envelope.to.some((to) => to.toLowerCase() === address.toLowerCase()));
  }

  /**
   * The first mail that fits, one that is here already or the next that arrives. Rejects after `timeoutMs` and says how
   * many mails came meanwhile, none of which fitted.
   */
  async waitFor(predicate: (mail: SandboxMail) => boolean, timeoutMs = 10_000): Promise<SandboxMail> {
    const here = this.messages.find(predicate);
    if (here) return here;
    const signal = AbortSignal.timeout(timeoutMs);
    const before = this.messages.length;
    for (;;) {
      await once(this.#arrivals, 'mail', { signal }).catch(() => {
        const came = this.messages.length - before;
        throw new Error(`No such mail came within ${timeoutMs} ms; ${came} others did, ${before} were here before`);
      });
      // Several may have arrived before this line runs: look at all that came, not only at the last.
      const mail = this.messages.slice(before).find(predicate);
      if (mail) return mail;
    }
  }

  clear(): void {
    this.messages.length = 0;
  }
}
