import { mailTexts } from '../texts/catalogues.js';
import { dayText, timeText } from '../texts/when.js';
import { framedMail, type RenderedMail } from './mail-frame.js';
import { Button, Small } from './mail-layout.js';
import { PROVIDER_NAMES } from './provider-names.js';

/** P1: meetings wait for their owner; he or she hears of it once a day at most. */
export interface OwnerNeededInput {
  readonly locale: string | null;
  readonly schoolLocale: string | null;
  readonly schoolName: string;
  /** IANA zone of the school. */
  readonly timeZone: string;
  readonly recipientName: string;
  /** How many meetings of slots ahead wait, and when the earliest of those slots starts. */
  readonly count: number;
  readonly firstStart: Date | null;
  /** How many removals wait. */
  readonly removals: number;
  /** Removals that we remind of for the last time: when they are in the calendar. No name of anybody. */
  readonly byHand: readonly { readonly start: Date; readonly provider: keyof typeof PROVIDER_NAMES }[];
  /** What a meeting is called in the account. */
  readonly meetingTitle: string;
  /** Absolute URL to visit; being there is all that is asked. */
  readonly pageUrl: string;
  readonly privacyUrl: string;
}

export function renderOwnerNeeded(input: OwnerNeededInput): RenderedMail {
  const { locale, texts } = mailTexts(input.locale, input.schoolLocale);
  const { count, removals, timeZone } = input;
  const t = texts.ownerNeeded;
  const when = (at: Date) => [dayText(at, locale, timeZone), timeText(at, locale, timeZone)] as const;
  const byHand = input.byHand.map(({ start, provider }) => `${when(start).join(', ')} (${PROVIDER_NAMES[provider]})`);
  const subject =
    count > 0 ? t.subject(count) : removals > 0 ? t.subjectRemovals(removals) : t.subjectByHand(byHand.length);
  const lead =
    count === 0 ? [] : [[t.lead(count), ...(input.firstStart ? [t.first(...when(input.firstStart))] : [])].join(' ')];
  const says = [...lead, ...(removals === 0 ? [] : [t.removals(removals)])];
  const last = byHand.length === 0 ? [] : [t.byHand(byHand.length, input.meetingTitle)];
  const small = [t.why, ...(says.length === 0 ? [] : [t.once])];
  return framedMail(
    { ...input, locale, texts, subject },
    [
      ...says.flatMap((sentence) => [sentence, '']),
      ...last,
      ...byHand.map((line) => `- ${line}`),
      ...(last.length === 0 ? [] : ['']),
      `${t.button}: ${input.pageUrl}`,
      '',
      ...small,
    ],
    <>
      {says.map((sentence) => (
        <p>{sentence}</p>
      ))}
      {last.map((sentence) => (
        <p>{sentence}</p>
      ))}
      {byHand.length > 0 && (
        <ul>
          {byHand.map((line) => (
            <li>{line}</li>
          ))}
        </ul>
      )}
      <Button href={input.pageUrl}>{t.button}</Button>
      {small.map((sentence) => (
        <Small>{sentence}</Small>
      ))}
    </>,
  );
}
