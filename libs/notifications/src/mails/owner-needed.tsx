import { mailTexts } from '../texts/catalogues.js';
import { oneLine } from '../texts/one-line.js';
import { dayText, timeText } from '../texts/when.js';
import { Button, Small, mailDocument } from './mail-layout.js';
import type { RenderedMail } from './mail-frame.js';

/** P1: meetings wait for their owner; he or she hears of it once a day at most. */
export interface OwnerNeededInput {
  readonly locale: string | null;
  readonly schoolLocale: string | null;
  readonly schoolName: string;
  /** IANA zone of the school. */
  readonly timeZone: string;
  readonly ownerName: string;
  /** How many meetings wait. */
  readonly count: number;
  /** Start of the earliest slot among them. */
  readonly firstStart: Date;
  /** Absolute URL to visit; being there is all that is asked. */
  readonly pageUrl: string;
  readonly privacyUrl: string;
}

export function renderOwnerNeeded(input: OwnerNeededInput): RenderedMail {
  const { locale, texts } = mailTexts(input.locale, input.schoolLocale);
  const t = texts.ownerNeeded;
  const school = oneLine(input.schoolName);
  const greeting = texts.greeting(oneLine(input.ownerName));
  const subject = t.subject(input.count);
  const first = t.first(
    dayText(input.firstStart, locale, input.timeZone),
    timeText(input.firstStart, locale, input.timeZone),
  );
  const text = [
    greeting,
    '',
    `${t.lead(input.count)} ${first}`,
    '',
    `${t.button}: ${input.pageUrl}`,
    '',
    t.why,
    t.once,
    '',
    texts.sentBy(school),
    `${texts.privacy}: ${input.privacyUrl}`,
    '',
  ].join('\n');
  const html = mailDocument(
    {
      locale,
      dir: texts.dir,
      title: subject,
      footer: (
        <>
          {texts.sentBy(school)} <a href={input.privacyUrl}>{texts.privacy}</a>
        </>
      ),
    },
    <>
      <p>{greeting}</p>
      <p>
        {t.lead(input.count)} {first}
      </p>
      <Button href={input.pageUrl}>{t.button}</Button>
      <Small>{t.why}</Small>
      <Small>{t.once}</Small>
    </>,
  );
  return { subject, text, html };
}
