import type { ComponentChildren } from 'preact';
import type { MailTexts } from '../texts/mail-texts.js';
import { oneLine } from '../texts/one-line.js';
import { mailDocument } from './mail-layout.js';

export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What stands around every mail: who it greets, on whose behalf it comes, and the way to the privacy statement. */
export interface MailFrame {
  readonly locale: string;
  readonly texts: MailTexts;
  readonly subject: string;
  readonly recipientName: string;
  readonly schoolName: string;
  readonly privacyUrl: string;
}

/** The whole mail, as plain text and as HTML, around the same content said twice. */
export function framedMail(frame: MailFrame, text: readonly string[], html: ComponentChildren): RenderedMail {
  const { locale, texts, subject, privacyUrl } = frame;
  const greeting = texts.greeting(oneLine(frame.recipientName));
  const sentBy = texts.sentBy(oneLine(frame.schoolName));
  return {
    subject,
    text: [greeting, '', ...text, '', sentBy, `${texts.privacy}: ${privacyUrl}`, ''].join('\n'),
    html: mailDocument(
      {
        locale,
        dir: texts.dir,
        title: subject,
        footer: (
          <>
            {sentBy} <a href={privacyUrl}>{texts.privacy}</a>
          </>
        ),
      },
      <>
        <p>{greeting}</p>
        {html}
      </>,
    ),
  };
}
