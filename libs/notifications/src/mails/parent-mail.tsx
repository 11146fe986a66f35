import type { Secret } from '#libs/encryption';
import { calendarFile } from '../calendar/calendar-file.js';
import type { ParentNoticeKind } from '../plan/plan-parent-notice.js';
import { mailTexts } from '../texts/catalogues.js';
import { oneLine } from '../texts/one-line.js';
import { dayText, shortDayText, spanText, timeText } from '../texts/when.js';
import { framedMail, type RenderedMail } from './mail-frame.js';
import { Button, Facts, Small, type Fact } from './mail-layout.js';

/** Everything that one mail to one parent about one slot may know. No other family, no provider's URL. */
export interface ParentMailInput {
  readonly kind: ParentNoticeKind;
  /** BCP 47, of the parent and of the school. */
  readonly locale: string | null;
  readonly schoolLocale: string | null;
  readonly schoolName: string;
  /** IANA zone of the school; all times in the mail are in it. */
  readonly timeZone: string;
  readonly teacherName: string;
  /** Who will be there (P9), where that is somebody else than the teacher: who owns the meeting. Empty: no event named that colleague yet. */
  readonly ownerName?: string | null;
  /** The child's first name, only in this parent's own mail. */
  readonly about?: string | null;
  readonly start: Date;
  readonly end: Date;
  /** Only used by `changed` and `planned-again`, where the time differs. */
  readonly previousStart?: Date | null;
  /** Our own personal link, absolute. Once in the text, once in the HTML, in the calendar file, nowhere else. */
  readonly joinLink: Secret;
  /** The link opens this many minutes before the start; null: always. */
  readonly revealMinutes: number | null;
  readonly privacyUrl: string;
  readonly parentName: string;
  readonly parentEmail: Secret;
  /** Of the calendar entry; the same for all mails to this parent about this slot. */
  readonly uid: string;
  readonly sequence: number;
  readonly organizerAddress: string;
  /** Now: the calendar entry's DTSTAMP. */
  readonly stamp: Date;
}

export interface RenderedParentMail extends RenderedMail {
  readonly calendar: { readonly method: 'PUBLISH' | 'CANCEL'; readonly content: string };
}

const takesPlace = (kind: ParentNoticeKind) => kind !== 'cancelled' && kind !== 'video-removed';

/** The mail and its calendar file, in the parent's language (else the school's, else English). */
export function renderParentMail(input: ParentMailInput): RenderedParentMail {
  const { locale, texts } = mailTexts(input.locale, input.schoolLocale);
  const t = texts.parent;
  const [teacher, parent, school] = [input.teacherName || texts.theTeacher, input.parentName, input.schoolName].map(
    oneLine,
  ) as [string, string, string];
  const day = dayText(input.start, locale, input.timeZone);
  const words = {
    teacher,
    day,
    shortDay: shortDayText(input.start, locale, input.timeZone),
    time: timeText(input.start, locale, input.timeZone),
  };
  const isOn = takesPlace(input.kind);
  const subject = t.subject[input.kind](words);
  const facts = factsOf(input, locale, teacher, day);
  const lead = t.lead[input.kind](words);
  const after = [...(isOn ? [opening(input, locale)] : []), t.personal, isOn ? t.calendarAdd : t.calendarRemove];
  const button = isOn ? t.join : t.look;
  const link = input.joinLink.reveal();

  const mail = framedMail(
    { ...input, locale, texts, subject, recipientName: parent },
    [lead, '', ...facts.map(([label, value]) => `${label}: ${value}`), '', `${button}:`, link, '', ...after],
    <>
      <p>{lead}</p>
      <Facts facts={facts} />
      <Button href={link}>{button}</Button>
      {after.map((sentence) => (
        <Small>{sentence}</Small>
      ))}
    </>,
  );

  const method = isOn ? 'PUBLISH' : 'CANCEL';
  return {
    ...mail,
    calendar: {
      method,
      content: calendarFile({
        method,
        uid: input.uid,
        sequence: input.sequence,
        stamp: input.stamp,
        start: input.start,
        end: input.end,
        summary: t.summary(teacher),
        description: [
          ...facts.map(([label, value]) => `${label}: ${value}`),
          ...(isOn ? [opening(input, locale)] : []),
        ],
        joinLink: input.joinLink,
        organizer: { name: school, address: input.organizerAddress },
        attendee: { name: parent, email: input.parentEmail },
      }),
    },
  };
}

function factsOf(input: ParentMailInput, locale: string, teacher: string, day: string): readonly Fact[] {
  const t = mailTexts(input.locale, input.schoolLocale).texts.parent;
  const owner = input.ownerName === '' ? t.unnamedOwner : oneLine(input.ownerName ?? '');
  const about = oneLine(input.about ?? '');
  const previous = input.previousStart ?? null;
  const moved = takesPlace(input.kind) && previous !== null && previous.getTime() !== input.start.getTime();
  return [
    [t.teacherLabel, teacher],
    ...(owner === '' || owner === teacher ? [] : [[t.ownerLabel, owner] as const]),
    ...(about === '' ? [] : [[t.aboutLabel, about] as const]),
    [t.dayLabel, day],
    [t.timeLabel, spanText(input.start, input.end, locale, input.timeZone)],
    ...(moved
      ? [
          [
            t.previousLabel,
            `${dayText(previous, locale, input.timeZone)}, ${timeText(previous, locale, input.timeZone)}`,
          ] as const,
        ]
      : []),
  ];
}

function opening(input: ParentMailInput, locale: string): string {
  const t = mailTexts(input.locale, input.schoolLocale).texts.parent;
  if (input.revealMinutes === null) return t.opensAlways;
  const opens = new Date(input.start.getTime() - input.revealMinutes * 60_000);
  const time = timeText(opens, locale, input.timeZone);
  return input.revealMinutes === 0 ? t.opensAtStart(time) : t.opensBefore(input.revealMinutes, time);
}
