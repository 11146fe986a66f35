import { mailTexts } from '../texts/catalogues.js';
import { oneLine } from '../texts/one-line.js';
import { dayText, timeText } from '../texts/when.js';
import { framedMail, type RenderedMail } from './mail-frame.js';
import { Button, Small, Table } from './mail-layout.js';

/** One teacher's slots that have no link, and whose login they wait for. */
export interface AwayRow {
  readonly teacherName: string;
  readonly ownerName: string;
  readonly meetings: number;
  readonly firstStart: Date;
}

/** P1, P6: time runs out for an evening's slots whose owner is away. Holds no parent and no child. */
export interface OwnerAwayInput {
  /** A colleague can take over; a contact of the school can ask somebody to. */
  readonly to: 'colleague' | 'contact';
  readonly locale: string | null;
  readonly schoolLocale: string | null;
  readonly schoolName: string;
  readonly timeZone: string;
  readonly eveningName: string;
  readonly recipientName: string;
  readonly rows: readonly AwayRow[];
  /** Absolute URL of the evening's page, where the button is. */
  readonly pageUrl: string;
  readonly privacyUrl: string;
}

export function renderOwnerAway(input: OwnerAwayInput): RenderedMail {
  const { locale, texts } = mailTexts(input.locale, input.schoolLocale);
  const { timeZone } = input;
  const t = texts.ownerAway;
  const evening = oneLine(input.eveningName);
  const count = input.rows.reduce((sum, { meetings }) => sum + meetings, 0);
  const first = new Date(Math.min(...input.rows.map(({ firstStart }) => firstStart.getTime())));
  const lead = `${t.lead(count, evening)} ${t.first(dayText(first, locale, timeZone), timeText(first, locale, timeZone))}`;
  const [todo, button] = input.to === 'colleague' ? [t.offer, t.offerButton] : [t.contact, t.contactButton];
  const head = [t.teacher, t.waitsFor, t.meetings, t.from];
  const rows = input.rows.map((row) => [
    oneLine(row.teacherName || texts.erasedPerson),
    oneLine(row.ownerName || texts.erasedPerson),
    String(row.meetings),
    timeText(row.firstStart, locale, timeZone),
  ]);
  return framedMail(
    { ...input, locale, texts, subject: t.subject(count, evening) },
    [
      lead,
      '',
      ...rows.map((row) => row.map((cell, column) => `${head[column]}: ${cell}`).join('; ')),
      '',
      todo,
      `${button}: ${input.pageUrl}`,
      '',
      t.why,
    ],
    <>
      <p>{lead}</p>
      <Table head={head} rows={rows} />
      <p>{todo}</p>
      <Button href={input.pageUrl}>{button}</Button>
      <Small>{t.why}</Small>
    </>,
  );
}
