import type { DataJson } from '../rights/data-json.js';
import { CorrectForm, EraseForm } from './data-forms.js';
import { ActionForm, PROVIDER_LABELS } from './parts.js';
import { pageRoutes } from './page-routes.js';
import { renderPage } from './render-page.js';
import { uiTexts } from './texts/catalogues.js';
import type { DataLabel, UiTexts } from './texts/ui-texts.js';
import type { DataModel } from './view-models.js';

type Value = string | boolean | null | undefined;
type Line = Readonly<Partial<Record<DataLabel, Value>>>;

/** Everything that is held about a person, to read (R13): the own page, the copy to take along, and what a privacy officer sees. */
export function renderDataPage(model: DataModel): string {
  const { locale, texts } = uiTexts(model.frame);
  const t = texts.data;
  const { words, others } = texts.ownData;
  const { data, own, isOwn } = model;
  const headings = isOwn ? t : others.headings;
  const sessions = texts.ownData.sessions[isOwn ? 'own' : 'others'];
  const labels = isOwn ? t.labels : { ...t.labels, ...others.labels };
  const title = isOwn ? t.title : others.title(data.id);
  const timeZone = data.school?.timeZone ?? 'UTC';
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone });
  const instant = (date: Date) => format.format(date);
  const show = (line: Line) => <Line line={line} labels={labels} texts={texts} show={instant} />;
  const sourceOf = (isCorrected: boolean) => {
    if (isCorrected) return t.source.corrected;
    return isOwn ? t.source.told : others.told;
  };
  const list = (heading: string, lines: readonly Line[], intro?: string) => (
    <section class="card">
      <h2>{heading}</h2>
      {intro !== undefined && <p class="soft">{intro}</p>}
      {lines.length === 0 ? <p>{t.none}</p> : lines.map(show)}
    </section>
  );
  return renderPage(
    { frame: model.frame, title },
    <>
      <h1>{title}</h1>
      {own?.saved === true && (
        <p class="card" role="status">
          {t.saved}
        </p>
      )}
      {own && <p>{isNothing(data) ? t.nothing : t.intro}</p>}
      {own?.erasure && (
        <section class="card">
          <p>{t.erasureAsked}</p>
          <p>
            <a class="button" href={pageRoutes.erasure(own.erasure.id)}>
              {t.toErasure}
            </a>
          </p>
        </section>
      )}
      <section class="card">
        <h2>{headings.person}</h2>
        {data.person
          ? show({
              id: data.id,
              ...data.person,
              locale: languageName(data.person.locale, locale),
              source: sourceOf(data.person.source === 'corrected here'),
            })
          : show({ id: data.id })}
      </section>
      {data.contact && list(t.contact, [{ ...data.contact, role: said(words.by, data.contact.role) }])}
      {data.asParent.length > 0 &&
        list(
          headings.asParent,
          data.asParent.map(({ teacher, ...slot }) => ({
            ...slot,
            teacher: teacher.name,
            status: said(words.status, slot.status),
          })),
        )}
      {data.asTeacher.length > 0 &&
        list(
          headings.asTeacher,
          data.asTeacher.map((slot) => ({ ...slot, status: said(words.status, slot.status) })),
        )}
      {data.meetings.length > 0 &&
        list(
          headings.meetings,
          data.meetings.map((meeting) => ({
            ...meeting,
            provider: PROVIDER_LABELS[meeting.provider],
            state: said(words.meeting, meeting.state),
          })),
        )}
      {data.messages.length > 0 &&
        list(
          headings.messages,
          data.messages.map((message) => ({
            ...message,
            kind: said(words.kind, message.kind),
            channel: said(words.channel, message.channel),
            state: said(words.message, message.state),
          })),
        )}
      {list(
        headings.looks,
        data.looks.map(({ by, reason, ...look }) => ({
          ...look,
          action: said(words.action, look.action),
          by: [said(words.by, by.role ?? by.kind), 'id' in by ? by.id : null].filter(Boolean).join(' '),
          reason: reason === 'not given' ? words.notGiven : reason,
        })),
        headings.looksIntro,
      )}
      {own && data.person && <CorrectForm data={data} person={data.person} wrong={own.wrong} texts={texts} />}
      {own && (
        <section class="card">
          <h2>{t.takeAlong}</h2>
          <ul class="links">
            <li>
              <a href={pageRoutes.exported(data.id, 'json')}>{t.asJson}</a>
            </li>
            <li>
              <a href={pageRoutes.exported(data.id, 'html')}>{t.asPage}</a>
            </li>
          </ul>
        </section>
      )}
      {model.endSessions !== undefined && (
        <section class="card" id="sessions">
          <h2>{sessions.title}</h2>
          <p>{sessions.intro}</p>
          <ActionForm action={model.endSessions}>{sessions.go}</ActionForm>
        </section>
      )}
      {own && !isNothing(data) && own.erasure?.isOpen !== true && (
        <EraseForm data={data} notSure={own.notSure === true} texts={texts} />
      )}
    </>,
  );
}

const isNothing = (data: DataJson) =>
  !data.person && !data.contact && data.asParent.length + data.asTeacher.length + data.meetings.length === 0;

/** A closed word in the reader's language; one that a newer process wrote stays as it is. */
const said = (words: Readonly<Record<string, string>>, word: string) =>
  Object.hasOwn(words, word) ? words[word]! : word;

/** `tr` → `Turks (tr)`; what is no language tag stays as it is. */
function languageName(tag: string, locale: string): string {
  try {
    const name = new Intl.DisplayNames(locale, { type: 'language' }).of(tag.replaceAll('_', '-'));
    return name === undefined || name === tag ? tag : `${name} (${tag})`;
  } catch {
    return tag;
  }
}

const Line = (props: {
  line: Line;
  labels: UiTexts['data']['labels'];
  texts: UiTexts;
  show: (instant: Date) => string;
}) => (
  <dl class="facts">
    {Object.entries(props.line).flatMap(([name, value]) => {
      if (value === null || value === undefined || value === '') return [];
      return [
        <dt>{props.labels[name as DataLabel]}</dt>,
        <dd>
          <Shown name={name as DataLabel} value={value} texts={props.texts} show={props.show} />
        </dd>,
      ];
    })}
  </dl>
);

const LINKS: readonly DataLabel[] = ['joinLink', 'meetingUrl'];
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const Shown = (props: {
  name: DataLabel;
  value: string | boolean;
  texts: UiTexts;
  show: (instant: Date) => string;
}) => {
  const { name, value, texts, show } = props;
  if (typeof value === 'boolean') return <bdi>{value ? texts.data.yes : texts.data.no}</bdi>;
  if (LINKS.includes(name) && /^https?:\/\//.test(value))
    return (
      <a href={value} rel="noreferrer">
        {value}
      </a>
    );
  return <bdi>{INSTANT.test(value) ? show(new Date(value)) : value}</bdi>;
};
