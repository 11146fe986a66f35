import { mailTexts } from '../texts/catalogues.js';
import { dayText } from '../texts/when.js';
import { framedMail, type RenderedMail } from './mail-frame.js';

/** R14, R15: to a school's privacy contact. Counts and a day; nobody is named. */
export interface PrivacyNoticeInput {
  readonly kind: 'retention-notice' | 'erasure-late';
  readonly locale: string | null;
  readonly schoolLocale: string | null;
  readonly schoolName: string;
  readonly timeZone: string;
  readonly recipientName: string;
  readonly count: number;
  /** When the first of them is deleted, or must be done. */
  readonly by: Date;
  readonly privacyUrl: string;
}

export function renderPrivacyNotice(input: PrivacyNoticeInput): RenderedMail {
  const { locale, texts } = mailTexts(input.locale, input.schoolLocale);
  const t = input.kind === 'retention-notice' ? texts.retentionNotice : texts.erasureLate;
  const lead = t.lead(input.count, dayText(input.by, locale, input.timeZone));
  return framedMail(
    { ...input, locale, texts, subject: t.subject(input.count) },
    [lead, '', t.todo],
    <>
      <p>{lead}</p>
      <p>{t.todo}</p>
    </>,
  );
}
