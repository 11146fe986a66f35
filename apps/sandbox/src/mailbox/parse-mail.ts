import PostalMime, { type Address } from 'postal-mime';
import type { SandboxMail } from './mail.js';

/** Reads a raw message. Attachments that are not text come as base64. */
export const parseMail = async (
  raw: Buffer,
  arrived: Pick<SandboxMail, 'n' | 'receivedAt' | 'envelope'>,
): Promise<SandboxMail> => {
  const email = await PostalMime.parse(raw);
  return {
    ...arrived,
    from: addressOf(email.from),
    to: (email.to ?? []).map(addressOf),
    subject: email.subject ?? '',
    text: email.text ?? '',
    html: email.html ?? '',
    messageId: email.messageId ?? '',
    headers: Object.fromEntries(email.headers.map(({ key, value }) => [key, value])),
    attachments: email.attachments.map(({ filename, mimeType, method, content }) => ({
      filename: filename ?? 'unnamed',
      mimeType,
      ...(method === undefined ? {} : { method }),
      content: contentOf(mimeType, content),
    })),
  };
};

const addressOf = (address: Address | undefined): string =>
  address && 'address' in address ? (address.address ?? '') : '';

const contentOf = (mimeType: string, content: string | ArrayBuffer | Uint8Array): string => {
  if (typeof content === 'string') return content;
  const bytes = Buffer.from(content instanceof Uint8Array ? content : new Uint8Array(content));
  return mimeType.startsWith('text/') || mimeType.includes('calendar') ? bytes.toString() : bytes.toString('base64');
};
