import { DeliveryError, type EmailMessage } from '#libs/notifications';
import type { Task } from '../task.js';
import type { Judge } from './judge.js';
import type { World } from './world.js';

/** One mail as it arrived. */
export interface ArrivedMail {
  readonly at: number;
  readonly to: string;
  readonly messageId: string;
  readonly text: string;
  readonly sequence: number;
  readonly method: string;
  readonly start: number;
  readonly uid: string;
  /** What the calendar file says, but for its number and the instant of its making. */
  readonly facts: string;
}

/** The mail server: takes mails or refuses them, and remembers what arrived. */
export class MailServer {
  readonly mails: ArrivedMail[] = [];
  /** By Message-ID: how often its sending began. */
  readonly attempts = new Map<string, number>();
  /** Whose mail was refused for good at some time: they need not know. */
  readonly refused = new Set<string>();

  constructor(
    private readonly world: World,
    private readonly judge: Judge,
  ) {}

  /** @param task the job that sends it; it can be struck on the way */
  async mail(message: EmailMessage, task: Task | undefined): Promise<void> {
    this.attempts.set(message.messageId, (this.attempts.get(message.messageId) ?? 0) + 1);
    if (!task?.wasFrozen) this.judge.receiver(message);
    const first = await task?.reach('mail-before');
    // A mail server is talked to for less than a claim: what a frozen worker began is cut off by then.
    if (task?.isTooLate(this.world.instant)) throw new DeliveryError('unavailable', 'timeout');
    const struck = task?.takeAnswer();
    if (struck?.kind === 'refused') this.refused.add(message.to.address.reveal().split('@')[0]!);
    if (struck && struck.kind !== 'unknown')
      throw new DeliveryError(
        struck.kind === 'refused' ? 'refused' : 'unavailable',
        struck.kind === 'refused' ? 'message' : 'busy',
      );
    const calendar = message.calendar?.content.replaceAll('\r\n ', '') ?? '';
    const field = (name: string) => new RegExp(`^${name}[^:]*:(.*)$`, 'm').exec(calendar)?.[1]?.trim() ?? '';
    if (message.calendar)
      this.mails.push({
        at: this.world.instant,
        to: message.to.address.reveal().split('@')[0]!,
        messageId: message.messageId,
        text: message.text,
        sequence: Number(field('SEQUENCE') || 0),
        method: message.calendar.method,
        start: instantOf(field('DTSTART')),
        uid: field('UID'),
        facts: ['DTSTART', 'DTEND', 'STATUS', 'SUMMARY', 'DESCRIPTION'].map(field).join('|'),
      });
    this.world.trace?.push(
      `  mail to ${message.to.address.reveal()} ${message.calendar?.method} #${field('SEQUENCE')} ${message.subject}`,
    );
    if ((await task?.reach('mail-after')) === 'lost-reply' || first === 'lost-reply' || struck)
      throw new DeliveryError('unavailable', 'network');
  }
}

/** `20261124T180000Z` in milliseconds. */
const instantOf = (text: string) => {
  const [, y, m, d, h, min, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z?$/.exec(text) ?? [];
  return Date.UTC(Number(y), Number(m) - 1, Number(d), Number(h), Number(min), Number(s));
};
