import { Readable } from 'node:stream';
import { createTransport } from 'nodemailer';
import type { Secret } from '#libs/encryption';
import { oneLine } from '../texts/one-line.js';
import { DeliveryError } from './delivery-error.js';
import { emailFailure } from './email-failure.js';
import type { NotificationChannel } from './notification-channel.js';

/** One mail to one person: there is no way to write to two households at once. */
export interface EmailMessage {
  readonly to: { readonly name: string; readonly address: Secret };
  /** See `messageId()`; the same at every try. */
  readonly messageId: string;
  /** Message-ID of the mail that this one is an update of. */
  readonly inReplyTo?: string;
  readonly replyTo?: { readonly name: string; readonly address: Secret };
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly calendar?: { readonly method: 'PUBLISH' | 'CANCEL' | 'REQUEST'; readonly content: string };
}

export interface EmailChannelOptions {
  /** `smtp://user:password@host:port` or `smtps://…`; holds a password, hence a Secret. */
  readonly smtpUrl: Secret;
  /** The sender: `School <no-reply@school.example>` or a bare address. */
  readonly from: string;
  /** R10: refuse to send without TLS. On in production. */
  readonly requireTls: boolean;
  /** Default 5. */
  readonly maxConnections?: number;
  /** One whole delivery, in milliseconds. Default 30 000. */
  readonly timeoutMs?: number;
}

/** Mail over SMTP with pooled connections. It tries once: how often and when is the delivery's business. */
export class EmailChannel implements NotificationChannel<EmailMessage> {
  readonly name = 'email';
  readonly #transport;
  readonly #timeoutMs: number;
  readonly #from: string;

  constructor(options: EmailChannelOptions) {
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#from = oneLine(options.from);
    const url = new URL(options.smtpUrl.reveal());
    const secure = url.protocol === 'smtps:';
    this.#transport = createTransport({
      pool: true,
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
      secure,
      ...(url.username === ''
        ? {}
        : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
      requireTLS: options.requireTls && !secure,
      maxConnections: options.maxConnections ?? 5,
      // A message whose connection broke may have been taken: sending it again is decided by the delivery, not here.
      maxRequeues: 0,
      connectionTimeout: Math.min(10_000, this.#timeoutMs),
      greetingTimeout: Math.min(10_000, this.#timeoutMs),
      socketTimeout: this.#timeoutMs,
      // A mail is what we hand over: no path or address in it may make the mailer read something.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    // Idle connections break; without a listener that would end the process. The next delivery tells.
    this.#transport.on('error', () => undefined);
    this.#transport.use('stream', (mail, done) => {
      const { mayLeave } = mail.data as { mayLeave?: () => boolean };
      if (mayLeave) mail.message.processFunc((content) => held(content, mayLeave));
      done();
    });
  }

  /**
   * @param mayLeave asked at the last moment, when the server waits for the text: a worker that was frozen meanwhile must
   * not say what another one has said, or what is no longer so
   */
  async send(message: EmailMessage, mayLeave?: () => boolean): Promise<void> {
    const to = mailbox(message.to);
    const replyTo = message.replyTo === undefined ? undefined : mailbox(message.replyTo);
    try {
      await this.#transport.sendMail({
        ...(mayLeave && { mayLeave }),
        from: this.#from,
        to,
        replyTo,
        messageId: oneLine(message.messageId),
        ...(message.inReplyTo === undefined
          ? {}
          : { inReplyTo: oneLine(message.inReplyTo), references: [oneLine(message.inReplyTo)] }),
        subject: oneLine(message.subject),
        text: message.text,
        html: message.html,
        // RFC 3834: so that an out-of-office reply does not answer us.
        headers: { 'Auto-Submitted': 'auto-generated' },
        attachments:
          message.calendar === undefined
            ? []
            : [
                {
                  // An attachment, no alternative part: clients take alternative calendars for invitations to answer.
                  filename: 'invite.ics',
                  content: message.calendar.content,
                  contentType: `text/calendar; method=${message.calendar.method}; charset=utf-8`,
                  contentDisposition: 'attachment',
                  // RFC 5545 wants its CRLFs kept; nothing on the way touches base64.
                  contentTransferEncoding: 'base64',
                },
              ],
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
    } catch (error) {
      if (mayLeave?.() === false) throw new DeliveryError('unavailable', 'too-late');
      throw emailFailure(error);
    }
  }

  close(): Promise<void> {
    this.#transport.close();
    return Promise.resolve();
  }
}

/** Read only when the server asks for it; broken off there, the server throws away what it has. */
const held = (content: Readable, mayLeave: () => boolean): Readable =>
  Readable.from(
    (async function* () {
      for await (const piece of content as AsyncIterable<Buffer>) {
        if (!mayLeave()) throw new DeliveryError('unavailable', 'too-late');
        yield piece;
      }
    })(),
    { objectMode: false },
  );

/** One plain address: anything that could be read as two, or as a header, is refused before a connection is made. */
function mailbox(person: { readonly name: string; readonly address: Secret }): { name: string; address: string } {
  const address = person.address.reveal();
  if (!/^[^\s@<>(),;:"\\\p{Cc}]+@[^\s@<>(),;:"\\\p{Cc}]+$/u.test(address) || address.length > 254)
    throw new DeliveryError('refused', 'address');
  return { name: oneLine(person.name), address };
}
