import type { Secret } from '#libs/encryption';
import { mailTexts } from '../texts/catalogues.js';
import { oneLine } from '../texts/one-line.js';
import { framedMail, type RenderedMail } from './mail-frame.js';
import { Button, Small, Table } from './mail-layout.js';
import { PROVIDER_NAMES } from './provider-names.js';

/** R7: one colleague's conferences of the evening, and whose account they are in. */
export interface DigestRow {
  readonly teacherName: string;
  readonly ownerName: string;
  /** E-mail address of the provider account. */
  readonly account: Secret;
  readonly provider: 'google-meet' | 'microsoft-teams';
  readonly meetings: number;
}

export interface ColleagueDigestInput {
  readonly locale: string | null;
  readonly schoolLocale: string | null;
  readonly schoolName: string;
  readonly eveningName: string;
  readonly recipientName: string;
  readonly rows: readonly DigestRow[];
  /** Absolute URL of the evening's page. */
  readonly pageUrl: string;
  readonly privacyUrl: string;
}

/** One mail to a colleague about a whole evening. Holds no parent, no child, no link to a meeting. */
export function renderColleagueDigest(input: ColleagueDigestInput): RenderedMail {
  const { locale, texts } = mailTexts(input.locale, input.schoolLocale);
  const t = texts.digest;
  const evening = oneLine(input.eveningName);
  const subject = t.subject(evening);
  const rows = input.rows.map((row) => [
    oneLine(row.teacherName || texts.erasedPerson),
    oneLine(row.ownerName || texts.erasedPerson),
    `${oneLine(row.account.reveal())} (${PROVIDER_NAMES[row.provider]})`,
    String(row.meetings),
  ]);
  const head = [t.teacher, t.madeBy, t.account, t.meetings];
  return framedMail(
    { ...input, locale, texts, subject },
    [
      t.lead(evening),
      '',
      ...rows.map((row) => row.map((cell, column) => `${head[column]}: ${cell}`).join('; ')),
      '',
      t.why,
      `${t.button}: ${input.pageUrl}`,
    ],
    <>
      <p>{t.lead(evening)}</p>
      <Table head={head} rows={rows} />
      <Button href={input.pageUrl}>{t.button}</Button>
      <Small>{t.why}</Small>
    </>,
  );
}
