import { type BlindIndex, Secret } from '#libs/encryption';
import type { EmailMessage } from '../channels/email-channel.js';
import { messageId } from '../channels/message-id.js';
import type { RenderedMail } from '../mails/mail-frame.js';

/** The same for the whole life of a parent's slot, in mails and downloads, so that calendars know it is one entry. */
export const calendarUid = (
  index: BlindIndex,
  appUrl: string,
  who: { schoolId: string; timeslotId: string; personId: string },
) =>
  `${index.of('calendar-uid', who.schoolId, who.timeslotId, who.personId).toString('hex').slice(0, 32)}@${new URL(appUrl).hostname}`;

/** The bare address of MAIL_FROM. */
export const senderAddress = (from: string) => /<([^>]+)>/.exec(from)?.[1] ?? from;

/** One mail to one person, under the Message-ID of its delivery. */
export const addressed = (
  deliveryId: string,
  mailFrom: string,
  to: { readonly name: string; readonly email: string },
  mail: RenderedMail & Pick<EmailMessage, 'calendar'>,
): EmailMessage => ({
  to: { name: to.name, address: new Secret(to.email) },
  messageId: messageId(deliveryId, senderAddress(mailFrom).split('@').at(-1)!),
  ...mail,
});
